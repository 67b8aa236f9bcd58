import type { Config, OptionName } from "../config/options.ts";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { Clock } from "../kernel/clock.ts";

/** One of the two output streams. */
export interface Output {
  /** Never throws; text for a reader that has gone away is dropped. */
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Colour is wanted. Asked anew for each text: configuration may decide it. */
  readonly color: boolean;
  /** A terminal that can paint over lines. */
  readonly canRepaint: boolean;
  /** Cells of a line, now; 80 when nobody knows. */
  columns(): number;
}

/** Flags that take part in configuration, by option name, as typed; undefined when not given. */
export type ConfigFlags = Readonly<
  Partial<Record<OptionName, string | number | boolean | readonly string[] | undefined>>
>;

/** Everything of the machine that commands touch. Built by main; tests build their own. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: {
    readonly isTerminal: boolean;
    /** Asks on the terminal and resolves with the line typed, without its end; empty at end of input. */
    question(prompt: string, signal: AbortSignal): Promise<string>;
  };
  /** Absolute. */
  readonly cwd: string;
  readonly version: string;
  /** `v20.19.0 linux x64`, for bug reports. */
  readonly runtime: string;
  readonly clock: Clock;
  /** Calls back every `intervalMs` until the returned function is called. Keeps no process alive. */
  readonly every: (intervalMs: number, callback: () => void) => () => void;
  /** Runs `cleanup` when the process ends, however it ends; the returned function takes it back. */
  readonly atExit: (cleanup: () => void) => () => void;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Resolves the configuration. Throws ConfigError. */
  readonly configure: (
    flags: ConfigFlags,
    projectFolder: string | undefined,
  ) => Promise<ResolvedConfig>;
  /** Builds the engine. Called at most once a command. */
  readonly load: (config: Config) => Promise<Autosd>;
}
