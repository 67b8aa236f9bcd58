import type { Autosd } from "../../engine/autosd.ts";
import type { ExitCode } from "../../kernel/errors.ts";
import { partitionOf } from "../../engine/projects/partition.ts";
import { type Invocation, writeJson } from "../action.ts";
import { confirm } from "../confirmation.ts";
import { projectDirectory } from "../project-option.ts";
import { renderRun, renderRuns } from "../render/runs.ts";
import { choiceOption, countOption, textOption } from "../typed-options.ts";
import { follow } from "./follow.ts";

type RunFilter = Parameters<Autosd["runs"]["list"]>[0];
type ResumeLimits = NonNullable<Parameters<Autosd["runs"]["resume"]>[3]>;
type RunStatus = NonNullable<RunFilter["status"]>[number];

const statuses: readonly RunStatus[] = [
  "pending",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
];

const defaultLimit = 20;

/** `autosd runs list`. */
export async function listRuns(invocation: Invocation): Promise<ExitCode> {
  const { options, context } = invocation;
  const partition =
    textOption(options, "project") === undefined
      ? undefined
      : partitionOf(await projectDirectory(invocation));
  const status = choiceOption(options, "status", statuses);
  const runs = await (
    await invocation.engine()
  ).runs.list({
    limit: countOption(options, "limit") ?? defaultLimit,
    ...(partition === undefined ? {} : { partition }),
    ...(status === undefined ? {} : { status: [status] }),
  });
  if (invocation.json) writeJson(invocation, { schema: "autosd/runs@1", runs });
  else context.stdout.write(renderRuns(runs, context.stdout));
  return 0;
}

/** `autosd runs show`. */
export async function showRun(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [runId = ""] = invocation.positionals;
  const { run, steps } = await (await invocation.engine()).runs.show(runId);
  if (invocation.json) writeJson(invocation, { schema: "autosd/run@1", run, steps });
  else context.stdout.write(renderRun(run, steps, context.stdout));
  return 0;
}

/** `autosd runs resume`. */
export async function resumeRun(invocation: Invocation): Promise<ExitCode> {
  const [runId] = invocation.positionals;
  const limits = await limitsSetAnew(invocation);
  return follow(invocation, async (observe, signal) =>
    (await invocation.engine()).runs.resume(runId, observe, signal, limits),
  );
}

/** Only flags: what the configuration says was decided when the run was asked for. */
async function limitsSetAnew(invocation: Invocation): Promise<ResumeLimits> {
  const { options } = invocation;
  const flags = {
    waitForResetSeconds: countOption(options, "waitForReset"),
    maxCostUsd: textOption(options, "maxCostUsd"),
    maxTokens: textOption(options, "maxTokens"),
    parallelPromptWorkers: countOption(options, "parallelPromptWorkers"),
    allowStaleParallelPrompts: options["allowStaleParallelPrompts"] === true ? true : undefined,
  };
  if (Object.values(flags).every((one) => one === undefined)) return {};
  const { values } = await invocation.configure(flags);
  const { waitForResetSeconds, maxCostUsd, maxTokens } = values;
  const { parallelPromptWorkers: workers, allowStaleParallelPrompts: allowStale } = flags;
  const parallel = {
    ...(workers === undefined ? {} : { workers }),
    ...(allowStale === undefined ? {} : { allowStale }),
  };
  return {
    ...(Object.keys(parallel).length === 0 ? {} : { parallel }),
    ...(flags.waitForResetSeconds === undefined || waitForResetSeconds === undefined
      ? {}
      : { waitForResetSeconds }),
    ...(flags.maxCostUsd === undefined || maxCostUsd === undefined ? {} : { maxCostUsd }),
    ...(flags.maxTokens === undefined || maxTokens === undefined ? {} : { maxTokens }),
  };
}

/** `autosd runs cancel`: asks first. */
export async function cancelRun(invocation: Invocation): Promise<ExitCode> {
  const { context } = invocation;
  const [runId = ""] = invocation.positionals;
  await confirm(invocation, `Cancel run ${runId} for good?`);
  const run = await (await invocation.engine()).runs.cancel(runId);
  if (invocation.json) writeJson(invocation, { schema: "autosd/run@1", run });
  else context.stdout.write(renderRuns([run], context.stdout));
  return 0;
}
