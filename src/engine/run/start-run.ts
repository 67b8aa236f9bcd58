import { readDocument } from "../../delivery/requirements/read-document.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { AdvisedError, AutosdError } from "../../kernel/errors.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { RunInput, RunResult } from "../autosd.ts";
import { refuseHaltedFolder } from "../halt/refuse-halted-folder.ts";
import { partitionOf } from "../projects/partition.ts";
import { RunError } from "../ports/errors.ts";
import type { EngineClient, Flow, RunRecord, StepRecord } from "../ports/run-engine.port.ts";
import type { RequirementsSource } from "../ports/requirements-source.port.ts";
import { refuseUnkeptByAgent } from "./agent-options.ts";
import { branchGround } from "./branch-ground.ts";
import { refuseUnsuited } from "./enter-existing.ts";
import { FlowError } from "./errors.ts";
import { refuseUnusableOutput } from "./prepare-project.ts";
import { createRunFlow } from "./run-flow.ts";
import { limitsOf, type RunLimits, withLimits, workOf } from "./run-limits.ts";
import { type RunRequest, runRequestSchema } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** What starting and resuming needs besides what the flow needs. */
export interface RunLauncher {
  readonly services: RunServices;
  /** From the configuration, for runs that no flags belong to. */
  readonly sprintDefaults: Pick<
    RunRequest,
    | "executionMode"
    | "provider"
    | "replayFile"
    | "recordFile"
    | "models"
    | "agent"
    | "providerWhy"
    | "preferredPlatform"
    | "maxTaskAttempts"
    | "reproducible"
    | "parallel"
    | "install"
  >;
  readonly engine: EngineClient;
  /** Records what must be on record before a run executes; throws when it cannot. */
  readonly beforeExecution: (runId: string) => Promise<void>;
  readonly requirements: RequirementsSource;
  readonly ids: Ids;
  /** A signal that aborts after `ms`; `release` stops its timer. */
  deadline(ms: number): { readonly signal: AbortSignal; release(): void };
}

/** States in which a run holds unfinished work. */
const unfinished = ["pending", "running", "interrupted"] as const;
const newestRuns = 50;

/**
 * Starts the main job, or goes on with the unfinished run of the same request in the same folder.
 * An unfinished run of another request there is cancelled: what it committed stays.
 */
export async function startRun(
  launcher: RunLauncher,
  input: RunInput,
  signal: AbortSignal,
): Promise<RunResult> {
  const raw = await launcher.requirements.read(input.requirements);
  const document = readDocument(raw);
  const directory = await launcher.services.folders.resolve(input.outputDirectory);
  const provider = await launcher.services.providers.settle({
    provider: input.provider,
    models: input.models ?? null,
    providerWhy: null,
    replayFile: await resolveOptional(launcher, input.replayFile),
    recordFile: await resolveOptional(launcher, input.recordFile),
    ...(input.agent === undefined ? {} : { agent: input.agent }),
  });
  const request: RunRequest = {
    schema: "autosd/run-request@1",
    directory,
    projectId: input.projectId ?? null,
    ...(input.existing === undefined ? {} : { existing: { branch: input.existing.branch } }),
    requirements: { source: document.source, text: document.text },
    executionMode: input.executionMode,
    ...provider,
    ...(input.parallel === undefined ? {} : { parallel: input.parallel }),
    preferredPlatform: input.preferredPlatform ?? null,
    maxTaskAttempts: input.maxTaskAttempts,
    maxStoriesPerSprint: input.maxStoriesPerSprint,
    maxSprints: null,
    reproducible: input.reproducible,
    install: input.install,
  };
  return launch(launcher, request, { signal, timeoutSeconds: input.timeoutSeconds });
}

/** How long an execution goes on, and how much it may take. */
interface ExecutionLimits {
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number | undefined;
  /** Of models; absent: as the run was asked for. */
  readonly models?: RunLimits;
  /** Told once it is certain that nobody else executes the run. */
  readonly onStart?: () => void;
}

/** Submits or adopts the run of a request and executes it to its end. */
export async function launch(
  launcher: RunLauncher,
  request: RunRequest,
  limits: ExecutionLimits,
): Promise<RunResult> {
  refuseUnkeptByAgent(request);
  await refuseHaltedFolder(launcher.services, request.directory, request.projectId);
  await refuseUnusableFolder(launcher, request);
  const unfinishedRun = await adoptUnfinished(launcher, request);
  if (unfinishedRun !== undefined) {
    const message = `going on with ${unfinishedRun.runId}, which was not finished`;
    return executeRun(launcher, unfinishedRun.runId, {
      ...limits,
      models: limitsOf(request),
      onStart: () => launcher.services.observe({ kind: "notice", message }),
    });
  }
  const runId = launcher.ids.next("run");
  await launcher.engine.submit(createRunFlow(launcher.services), request, {
    runId,
    partition: partitionOf(request.directory),
  });
  return executeRun(launcher, runId, limits);
}

/** Before anything is recorded: what cannot be worked on, and who cannot work on it. */
async function refuseUnusableFolder({ services }: RunLauncher, request: RunRequest): Promise<void> {
  if (request.existing === undefined) return refuseUnusableOutput(services, request.directory);
  refuseUnsuited(request.provider);
  await branchGround(services, request);
}

/** Goes on with a run by id, or with the newest unfinished one, under the limits that are set anew. */
export async function resumeRun(
  launcher: RunLauncher,
  runId: string | undefined,
  signal: AbortSignal,
  models: RunLimits = {},
): Promise<RunResult> {
  const run =
    runId === undefined
      ? await newestUnfinished(launcher)
      : (await showRun(launcher.engine, runId)).run;
  const request = runRequestSchema.parse(run.input);
  const { directory, projectId } = request;
  refuseUnkeptByAgent(withLimits(request, models));
  await refuseHaltedFolder(launcher.services, directory, projectId);
  return executeRun(launcher, run.runId, { signal, timeoutSeconds: undefined, models });
}

async function adoptUnfinished(
  launcher: RunLauncher,
  request: RunRequest,
): Promise<RunRecord | undefined> {
  const runs = await launcher.engine.list({
    partition: partitionOf(request.directory),
    flow: "run",
    status: unfinished,
    limit: newestRuns,
  });
  const wanted = canonicalJson(workOf(request));
  let adopted: RunRecord | undefined;
  for (const run of runs) {
    const asked = runRequestSchema.safeParse(run.input);
    const same = asked.success && canonicalJson(workOf(asked.data)) === wanted;
    // A run that another process executes is left to it: executing here says so.
    if (same && adopted === undefined) adopted = run;
    else if (run.status !== "running") await launcher.engine.cancel(run.runId);
  }
  return adopted;
}

async function executeRun(
  launcher: RunLauncher,
  runId: string,
  limits: ExecutionLimits,
): Promise<RunResult> {
  await launcher.beforeExecution(runId);
  const deadline =
    limits.timeoutSeconds === undefined
      ? undefined
      : launcher.deadline(limits.timeoutSeconds * 1000);
  const signals = deadline === undefined ? [limits.signal] : [limits.signal, deadline.signal];
  try {
    return await launcher.engine.execute(
      started(createRunFlow(launcher.services, limits.models), limits.onStart),
      runId,
      AbortSignal.any(signals),
    );
  } catch (error) {
    const remedy = `autosd runs resume ${runId}`;
    if (limits.signal.aborted)
      throw new RunError(
        "AUTOSD-RUN-INTERRUPTED",
        `run ${runId} was interrupted; nothing is lost`,
        {
          remedy,
          cause: error,
        },
      );
    if (deadline?.signal.aborted === true)
      throw new FlowError(
        "AUTOSD-RUN-TIMEOUT",
        `run ${runId} used up its ${limits.timeoutSeconds ?? 0} seconds; what is done is committed`,
        { remedy, cause: error },
      );
    throw resumable(error, runId);
  } finally {
    deadline?.release();
  }
}

function started<Input, Output>(
  flow: Flow<Input, Output>,
  onStart: (() => void) | undefined,
): Flow<Input, Output> {
  if (onStart === undefined) return flow;
  return {
    ...flow,
    run: (ctx, input) => {
      onStart();
      return flow.run(ctx, input);
    },
  };
}

/** What can be resumed is named: the newest unfinished run may be another one. */
function resumable(error: unknown, runId: string): unknown {
  if (!(error instanceof AutosdError)) return error;
  const named = error.remedy.replaceAll(/autosd runs resume(?! run_)/g, `$& ${runId}`);
  return named === error.remedy ? error : new AdvisedError(error, named);
}

async function newestUnfinished(launcher: RunLauncher): Promise<RunRecord> {
  const [run] = await launcher.engine.list({ flow: "run", status: unfinished, limit: 1 });
  if (run === undefined)
    throw new FlowError("AUTOSD-NOTHING-TO-RESUME", "no run is waiting to be resumed");
  return run;
}

/** A run and its steps; AUTOSD-RUN-UNKNOWN when there is none of that id. */
export async function showRun(
  engine: EngineClient,
  runId: string,
): Promise<{ readonly run: RunRecord; readonly steps: readonly StepRecord[] }> {
  const run = await engine.get(runId);
  if (run === undefined) throw new RunError("AUTOSD-RUN-UNKNOWN", `There is no run ${runId}.`);
  return { run, steps: await engine.steps(runId) };
}

async function resolveOptional(
  launcher: RunLauncher,
  path: string | undefined,
): Promise<string | null> {
  return path === undefined ? null : launcher.services.folders.resolve(path);
}
