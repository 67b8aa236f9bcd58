import type { Command } from "commander";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { ExitCode } from "../kernel/errors.ts";
import type { CliContext, ConfigFlags } from "./context.ts";

/** One call of one command, parsed. */
export interface Invocation {
  readonly context: CliContext;
  /** `runs resume`. */
  readonly command: string;
  /** Flags by their camel-case names, as typed; actions parse them. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  /** True: exactly one JSON document goes to stdout and everything else to stderr. */
  readonly json: boolean;
  readonly verbose: boolean;
  /** Configuration for the given flags and project folder. */
  configure(flags: ConfigFlags, projectFolder?: string): Promise<ResolvedConfig>;
  /** The engine; it is closed when the command has ended. */
  engine(): Promise<Autosd>;
}

/** What a command does: parse -> one engine call -> render. Throws what ends it. */
export type Action = (invocation: Invocation) => Promise<ExitCode>;

/** Gives a command its action, whose code is loaded when the command is called and not before. */
export type Bind = (command: Command, load: () => Promise<Action>) => void;

/** Writes the command's one document, indented on a terminal only. */
export function writeJson(invocation: Invocation, document: object): void {
  const { stdout } = invocation.context;
  stdout.write(`${JSON.stringify(document, null, stdout.isTerminal ? 2 : undefined)}\n`);
}
