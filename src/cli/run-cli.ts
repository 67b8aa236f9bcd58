import { CommanderError } from "commander";
import type { ResolvedConfig } from "../config/resolve-config.ts";
import type { Autosd } from "../engine/autosd.ts";
import type { ExitCode } from "../kernel/errors.ts";
import type { Invocation } from "./action.ts";
import type { CliContext } from "./context.ts";
import { showFailure } from "./failure.ts";
import { buildProgram, type Execute } from "./program.ts";
import { commandPath, deepestCommand, usageError } from "./usage.ts";

/**
 * Parses and runs one command line (without node and script) and returns the exit code. Never
 * throws: whatever ends the command is shown.
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = buildProgram(context, async (call, load) => {
    exitCode = await executeCommand(context, call, load);
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failed = {
      command: commandPath(deepestCommand(program, args)),
      // Nothing was parsed, so the word itself must do.
      json: args.includes("--json"),
      verbose: false,
      logFile: undefined,
    };
    const shown = error instanceof CommanderError ? usageError(error, program, args) : error;
    return showFailure(shown, failed, context);
  }
}

/** Runs the command's action with its own configuration and engine, and closes the engine. */
async function executeCommand(
  context: CliContext,
  call: Parameters<Execute>[0],
  load: Parameters<Execute>[1],
): Promise<ExitCode> {
  let config: ResolvedConfig | undefined;
  let engine: Promise<Autosd> | undefined;
  const invocation: Invocation = {
    ...call,
    configure: async (flags, projectFolder) => {
      const { logFile } = call.options;
      const given = {
        logFile: typeof logFile === "string" ? logFile : undefined,
        verbose: call.verbose || undefined,
      };
      config = await context.configure({ ...given, ...flags }, projectFolder);
      return config;
    },
    engine: async () => {
      config ??= await invocation.configure({});
      engine ??= context.load(config.values);
      return engine;
    },
  };
  try {
    const action = await load();
    const exitCode = await action(invocation);
    await closeEngine(engine);
    return exitCode;
  } catch (error) {
    // What ended the command matters more than a second failure while closing.
    await closeEngine(engine).catch(() => undefined);
    return showFailure(error, { ...call, logFile: config?.values.logFile }, context);
  }
}

async function closeEngine(engine: Promise<Autosd> | undefined): Promise<void> {
  await (await engine)?.close();
}
