import { resolve } from "node:path";
import { executionModes, providers, type RunInput } from "../../engine/autosd.ts";
import { agentSettings } from "../../engine/run/agent-settings.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import type { Invocation } from "../action.ts";
import { CliError } from "../errors.ts";
import { requiredRequirements } from "../requirements-option.ts";
import { choiceOption, countOption, switchOption, textOption } from "../typed-options.ts";
import { follow } from "./follow.ts";
import { agentOptions } from "./agent-input.ts";
import { modelInput, modelOptions } from "./model-input.ts";

/** `autosd run`: exit 0 when everything is verified or planned, 4 when something is not. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const input = await runInput(invocation);
  return follow(invocation, async (observe, signal) =>
    (await invocation.engine()).run(input, observe, signal),
  );
}

async function runInput(invocation: Invocation): Promise<RunInput> {
  const { options } = invocation;
  const requirements = requiredRequirements(invocation);
  const { directory: outputDirectory, existing } = requiredPlace(invocation);
  const { values } = await invocation.configure(
    {
      ...modelOptions(options),
      ...agentOptions(options),
      preferredPlatform: textOption(options, "preferredPlatform"),
      maxTaskAttempts: countOption(options, "maxTaskAttempts"),
      maxStoriesPerSprint: countOption(options, "maxStoriesPerSprint"),
      timeoutSeconds: countOption(options, "timeoutSeconds"),
      parallelPromptWorkers: countOption(options, "parallelPromptWorkers"),
      allowStaleParallelPrompts: options["allowStaleParallelPrompts"] === true ? true : undefined,
    },
    outputDirectory,
  );
  const replayFile = pathOption(invocation, "replayFile");
  if (values.provider === "replay" && replayFile === undefined)
    throw usage(invocation, "--provider replay needs --replay-file FILE.");
  return {
    requirements,
    outputDirectory,
    existing,
    projectId: textOption(options, "projectId"),
    executionMode: choiceOption(options, "executionMode", executionModes) ?? "auto",
    provider: providers.find((one) => one === values.provider) ?? "auto",
    replayFile,
    recordFile: pathOption(invocation, "record"),
    ...modelInput(values),
    ...agentSettings(values),
    parallel: {
      workers: values.parallelPromptWorkers,
      allowStale: values.allowStaleParallelPrompts,
      rule: values.strictParallelPrompts ? "workspace" : "read-set",
    },
    preferredPlatform: values.preferredPlatform,
    maxTaskAttempts: values.maxTaskAttempts,
    maxStoriesPerSprint: values.maxStoriesPerSprint,
    timeoutSeconds: values.timeoutSeconds,
    reproducible: switchOption(options, "reproducible"),
    install: options["install"] !== false,
  };
}

function pathOption(invocation: Invocation, name: string): string | undefined {
  const path = textOption(invocation.options, name);
  return path === undefined ? undefined : resolve(invocation.context.cwd, path);
}

/** Where the project is to be, or is already. */
function requiredPlace(invocation: Invocation): {
  readonly directory: string;
  readonly existing: RunInput["existing"];
} {
  const { options, context } = invocation;
  const output = textOption(options, "outputDir");
  const project = textOption(options, "projectDir");
  const branch = textOption(options, "branch");
  if (output !== undefined && project !== undefined)
    throw usage(invocation, "--output-dir and --project-dir exclude each other.");
  if (project !== undefined) {
    if (textOption(options, "preferredPlatform") !== undefined)
      throw usage(invocation, "--preferred-platform is for new projects, not for --project-dir.");
    return { directory: resolve(context.cwd, project), existing: { branch: branch ?? null } };
  }
  if (output === undefined)
    throw usage(
      invocation,
      "Say where the project goes: --output-dir FOLDER (or --project-dir FOLDER for code that is there).",
    );
  if (branch !== undefined) throw usage(invocation, "--branch goes with --project-dir.");
  return { directory: resolve(context.cwd, output), existing: undefined };
}

function usage(invocation: Invocation, message: string): CliError {
  return new CliError("AUTOSD-USAGE", message, { remedy: `autosd ${invocation.command} --help` });
}
