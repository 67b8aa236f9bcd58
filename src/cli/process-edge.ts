import { setMaxListeners } from "node:events";
import type { Config } from "../config/options.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { ExitCode } from "../kernel/errors.ts";
import type { CliContext } from "./context.ts";
import { CliError } from "./errors.ts";
import { showFailure } from "./failure.ts";
import { runCli } from "./run-cli.ts";
import { openTerminal, type TerminalWishes } from "./terminal.ts";
import { version } from "./version.ts";

/** What main hands over: the environment as far as the command line looks at it, and the engine. */
export interface ProcessEdge {
  readonly wishes: TerminalWishes;
  readonly signal: AbortSignal;
  /** Called when nobody reads stdout any more: the command is asked to stop. */
  readonly stop: () => void;
  readonly load: (config: Config) => Promise<Autosd>;
}

/** Runs the process's command line on the process's own streams. Never rejects. */
export async function runProcess(edge: ProcessEdge): Promise<ExitCode> {
  // Every wait of a run listens to it: many listeners are no leak.
  setMaxListeners(0, edge.signal);
  const terminal = openTerminal(process, edge.wishes, edge.stop);
  const context: CliContext = {
    stdout: terminal.stdout,
    stderr: terminal.stderr,
    stdin: terminal.stdin,
    cwd: process.cwd(),
    version,
    runtime: `${process.version} ${process.platform} ${process.arch}`,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    every: (intervalMs, callback) => {
      const timer = setInterval(callback, intervalMs).unref();
      return () => clearInterval(timer);
    },
    atExit: (cleanup) => {
      process.once("exit", cleanup);
      return () => process.off("exit", cleanup);
    },
    signal: edge.signal,
    configure: async (flags, projectFolder) => {
      const { loadConfig } = await import("../config/load-config.ts");
      const config = loadConfig({ flags, projectFolder });
      terminal.setColor(config.values.color);
      return config;
    },
    load: edge.load,
  };
  // What nobody catches would print a bare stack and skip the cleanup of the terminal.
  process.on("uncaughtException", (error) => {
    const failed = { command: "", json: false, verbose: true, logFile: undefined };
    process.exit(showFailure(error, failed, context));
  });
  const args = process.argv.slice(2);
  const exitCode = await runCli(args, context);
  return (await outputLost(terminal.flush(), context)) ?? exitCode;
}

/** A result that could not be written (a full disk) must not look like success. */
async function outputLost(
  flushed: Promise<Error | undefined>,
  context: CliContext,
): Promise<ExitCode | undefined> {
  const failure = await flushed;
  if (failure === undefined) return undefined;
  const error = new CliError("AUTOSD-OUTPUT-LOST", `stdout: ${failure.message}.`, {
    cause: failure,
  });
  const failed = { command: "", json: false, verbose: false, logFile: undefined };
  return showFailure(error, failed, context);
}
