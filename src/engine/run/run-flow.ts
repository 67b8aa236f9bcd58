import type { Backlog } from "../../delivery/backlog/backlog.ts";
import { keepStoryIds } from "../../delivery/backlog/keep-story-ids.ts";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import type { RunResult } from "../autosd.ts";
import { findBacklog } from "../backlog/backlog-record.ts";
import { haltable } from "../halt/refuse-halted.ts";
import type { ChosenProvider } from "../ports/providers.port.ts";
import type { Ctx, Flow } from "../ports/run-engine.port.ts";
import { vouchFor } from "../projects/own-record.ts";
import { projectPaths } from "../projects/project-record.ts";
import { adaptProject, compareProject } from "./adapt-project.ts";
import type { BuildContext } from "./build-context.ts";
import { buildSprints } from "./build-sprints.ts";
import { enterExisting, type Entered, plannerOn } from "./enter-existing.ts";
import { judgeProject, portfolioRecord, writeProvenance } from "./finish-project.ts";
import { oneAfterTheOther } from "./parallel/parallel-settings.ts";
import { StoriesAhead } from "./parallel/stories-ahead.ts";
import { planBacklog } from "./plan-backlog.ts";
import { proveAgain } from "./prove-again.ts";
import { prepareProject } from "./prepare-project.ts";
import { writeProgress } from "./progress-file.ts";
import { slugOf } from "./project-slug.ts";
import { writePlan, writeRefined } from "./plan-files.ts";
import { recordEvidence } from "./record-evidence.ts";
import { underLimits } from "./kept-limits.ts";
import type { RunLimits } from "./run-limits.ts";
import { RunProgress } from "./run-progress.ts";
import type { RunRequest } from "./run-request.ts";
import { runResult } from "./run-result.ts";
import type { RunServices } from "./run-services.ts";

/** Raise whenever the order or the names of steps change. */
const version = 4;

/**
 * The main job: requirements become a verified, committed project. What is proven stays committed
 * whatever happens later; what is not is in the result with its reason. `limits` hold from this
 * execution on: a run that stopped at a limit goes on under another one.
 */
export function createRunFlow(
  services: RunServices,
  limits: RunLimits = {},
): Flow<RunRequest, RunResult> {
  return {
    name: "run",
    version,
    run: async (unguarded, asked) => {
      const request = await underLimits(services.runs, unguarded.runId, asked, limits);
      const startedAtMs = await unguarded.now();
      const entered = await enterExisting(unguarded, services, request);
      const build = await refineAndPlan(unguarded, entered, request);
      const { ctx } = build;
      const read = await proveAgain(build, await planBacklog(build));
      const compared = await compareProject(build, read);
      const planned = compared.backlog;
      const isPlanOnly = request.executionMode === "planning";
      await register(build, planned, isPlanOnly ? "incomplete" : "running");
      if (isPlanOnly)
        return runResult(build, { backlog: planned, startedAtMs, endedAtMs: await ctx.now() });
      if (request.executionMode === "auto" && !asksForAnythingBuildable(planned)) {
        await register(build, planned, "incomplete");
        const endedAtMs = await ctx.now();
        return runResult(build, { backlog: planned, verdict: null, startedAtMs, endedAtMs });
      }

      const { backlog, change } = await adaptProject(build, read, compared);
      const built = await buildSprints(build, backlog).finally(() => build.ahead?.close());
      observePhase(services, "verify", "the whole project");
      const verdict = await ctx.step("judge the whole project", (scope) =>
        judgeProject(build, scope),
      );
      if (verdict !== null) {
        await ctx.step("write provenance", () => writeProvenance(build, built.backlog, verdict));
        await ctx.step("record the evidence", () => recordEvidence(build, verdict));
      }
      const complete =
        built.backlog.stories.every((story) => story.status === "done") &&
        verdict?.rejection === undefined &&
        change?.problem === undefined;
      await register(build, built.backlog, complete ? "verified" : "incomplete");
      await ctx.step("record the end", () => writeProgress(build, built.backlog, undefined));
      const endedAtMs = await ctx.now();
      return runResult(build, { ...built, verdict, change, startedAtMs, endedAtMs });
    },
  };
}

async function refineAndPlan(
  unguarded: Ctx,
  entered: Entered,
  request: RunRequest,
): Promise<BuildContext> {
  const { services, existing } = entered;
  // Until the folder is prepared the project may have no name.
  const nameless = haltable(unguarded, services.halts, request.projectId ?? undefined);
  const { source, text } = request.requirements;
  const document = readDocument({ source, bytes: new TextEncoder().encode(text) });
  const ahead = storiesAhead(unguarded, services, request);
  const provider = await services.providers.choose(request, (one) => ahead?.over(one) ?? one);
  sayWhenNobodyIsWaitedFor(services, request, provider);
  const planner = plannerOn(provider.planner, entered, request);
  observePhase(services, "refine", `${source} with ${provider.name}: ${provider.why}`);
  // Nothing is written before it is known that the requirements can be read and built on something.
  const { refined, plan } = await nameless.step("refine and choose the platform", async (scope) => {
    const previous = await findBacklog(services.files, request.directory);
    // A sentence added at the top must not turn every done story into another one.
    const run = { id: unguarded.runId, directory: request.directory, signal: scope.signal };
    const asked = await planner.refine(document, scope.signal, run);
    const refined = keepStoryIds(asked, previous);
    const preferred = request.preferredPlatform ?? undefined;
    return { refined, plan: await planner.choosePlatform(document, refined, preferred, run) };
  });
  const { projectId } = await nameless.step("prepare the project folder", async () => {
    if (existing !== undefined)
      return { projectId: existing.projectId, head: existing.branch.from };
    const product = { slug: slugOf(refined.title), title: refined.title };
    const prepared = await prepareProject(services, request, product);
    await services.places.remember(prepared.projectId, request.directory);
    return prepared;
  });
  const ctx = haltable(unguarded, services.halts, projectId);
  observePhase(services, "plan", `project ${projectId} as ${plan.platform}`);
  await ctx.step("write the plan", async (scope) => {
    const run = { id: ctx.runId, directory: request.directory, signal: scope.signal };
    await writeRefined(services.files, request.directory, document, refined);
    // Read by this run: whatever stood there before has no part in it.
    await vouchFor(services, request.directory, projectPaths.refined);
    await writePlan(services.files, run, planner, { document, refined, plan });
  });
  const { platform, startCommands } = plan;
  return {
    ctx,
    services,
    request,
    projectId,
    platform,
    startCommands,
    provider,
    existing,
    document,
    refined,
    progress: new RunProgress(),
    ahead,
  };
}

function storiesAhead(
  ctx: Ctx,
  services: RunServices,
  request: RunRequest,
): StoriesAhead | undefined {
  const { promptJournalOf: journalOf } = services;
  if (journalOf === undefined) return undefined;
  const settings = request.parallel ?? oneAfterTheOther;
  return new StoriesAhead({ ...services, journalOf }, settings, ctx.signal);
}

function sayWhenNobodyIsWaitedFor(
  services: RunServices,
  request: RunRequest,
  { name, implementer }: ChosenProvider,
): void {
  if ((request.parallel?.workers ?? 1) === 1 || implementer.kind === "model") return;
  const message = `${name} answers at once: nothing is fetched ahead of its turn`;
  services.observe({ kind: "notice", message });
}

async function register(
  build: BuildContext,
  backlog: Backlog,
  health: "running" | "verified" | "incomplete",
): Promise<void> {
  const nowMs = await build.ctx.now();
  await build.ctx.tx(`register as ${health}`, (tx) =>
    build.services.projects.upsert(portfolioRecord(build, backlog, health, nowMs), tx),
  );
}

/** False when all that was asked for cannot be built: a bare service would be no answer. */
function asksForAnythingBuildable(backlog: Backlog): boolean {
  return backlog.stories.some(
    (story) => story.sentences.length > 0 && story.status !== "unimplemented",
  );
}

function observePhase(services: RunServices, phase: string, detail: string): void {
  services.observe({ kind: "phase", phase, detail });
}
