import { Command } from "commander";
import type { Action, Bind, Invocation } from "./action.ts";
import { addAuditCommands } from "./commands/audit.ts";
import { addBacklogCommands } from "./commands/backlog.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addPreauthCommands } from "./commands/preauth.ts";
import { addHaltCommands } from "./commands/halt.ts";
import { addLearnCommand } from "./commands/learn.ts";
import { addPolicyCommands } from "./commands/policy.ts";
import { addProjectsCommands } from "./commands/projects.ts";
import { addPushCommand } from "./commands/push.ts";
import { addRefineCommand } from "./commands/refine.ts";
import { addRunCommand } from "./commands/run.ts";
import { addRunsCommands } from "./commands/runs.ts";
import { addSprintCommands } from "./commands/sprint.ts";
import { addVersionCommand } from "./commands/version.ts";
import type { CliContext } from "./context.ts";
import { withExamples } from "./options.ts";
import { commandPath } from "./usage.ts";

/** How a command that was called ends; `invocation` is there for what must be shown when it fails. */
export type Execute = (
  invocation: Omit<Invocation, "configure" | "engine">,
  load: () => Promise<Action>,
) => Promise<void>;

/**
 * The whole command line: commands, options, help. Building it runs nothing; parsing calls
 * `execute` with the command that was named. It throws commander's errors instead of exiting, and
 * writes nothing but help.
 */
export function buildProgram(context: CliContext, execute: Execute): Command {
  const program = new Command("autosd");
  program
    .description("Turns a requirements file into a verified, committed project.")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .option("--json", "print one JSON document on stdout, everything else on stderr")
    .option("--log-file <file>", "where the debug log goes")
    .option("--verbose", "say more: causes, timings, retries")
    .helpCommand("help [command]", "show help of a command")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      // Errors are rendered in one place, in the form that --json asks for.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(context.stdout.columns(), 100),
      getOutHasColors: () => context.stdout.color,
    });
  const bind: Bind = (command, load) => {
    command.action(async () => {
      const options: Record<string, unknown> = command.optsWithGlobals();
      await execute(
        {
          context,
          command: commandPath(command),
          options,
          positionals: command.args,
          json: options["json"] === true,
          verbose: options["verbose"] === true,
        },
        load,
      );
    });
  };
  addRunCommand(program, bind);
  addRefineCommand(program, bind);
  addBacklogCommands(program, bind);
  addSprintCommands(program, bind);
  addRunsCommands(program, bind);
  addProjectsCommands(program, bind);
  addPreauthCommands(program, bind);
  addAuditCommands(program, bind);
  addPolicyCommands(program, bind);
  addHaltCommands(program, bind);
  addLearnCommand(program, bind);
  addPushCommand(program, bind);
  addDoctorCommand(program, bind);
  addConfigCommands(program, bind);
  addCompletionCommand(program, bind);
  addVersionCommand(program, bind);
  return withExamples(program, [
    [
      "build what a file asks for",
      "autosd run --requirements-file requirements.md --output-dir app",
    ],
    ["see whether this machine is ready", "autosd doctor"],
    ["go on where a run was stopped", "autosd runs resume"],
  ]);
}
