import type { Backlog, Evidence, Story } from "../../delivery/backlog/backlog.ts";
import {
  beginAttempt,
  completeStory,
  declareUnimplemented,
  endAttempt,
  failStory,
  withStory,
} from "../../delivery/backlog/story-life.ts";
import type { AgentEvent, Proposal } from "../../delivery/agent/implementer.port.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
import type { VerificationReport } from "../../delivery/verification/verification.port.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { Ctx, StepScope } from "../ports/run-engine.port.ts";
import type { ChosenProvider } from "../ports/providers.port.ts";
import { writeBacklog } from "../backlog/backlog-record.ts";
import { commitVerifiedTree } from "./commit-story.ts";
import type { RunRequest } from "./run-request.ts";
import type { RunServices } from "./run-services.ts";

/** What all stories of a run share. */
export interface BuildContext {
  readonly ctx: Ctx;
  readonly services: RunServices;
  readonly request: RunRequest;
  readonly projectId: string;
  readonly platform: string;
  /** Commands that start what is built, run in the project's folder. */
  readonly startCommands: readonly string[];
  readonly provider: ChosenProvider;
  readonly document: RequirementsDocument;
  readonly refined: RefinedRequirements;
}

/** How work on a story ended: the story with every attempt's evidence, and where the time went. */
export interface StoryOutcome {
  readonly story: Story;
  readonly spentMs: SpentMs;
}

export interface SpentMs {
  readonly install: number;
  readonly gates: number;
  readonly autosd: number;
}

interface AttemptStart {
  readonly startedAtMs: number;
  readonly implementMs: number;
  /** Null for the first commit of a repository. */
  readonly parent: string | null;
  readonly baseTree: string;
}

type Built = AttemptStart &
  (
    | { readonly kind: "proposal"; readonly tree: string; readonly proposal: Proposal }
    | { readonly kind: "unimplemented"; readonly reason: string }
    | { readonly kind: "failed"; readonly reason: string; readonly retryable: boolean }
  );

/** Implements, verifies and commits one story, in at most `maxTaskAttempts` attempts. */
export async function buildStory(
  build: BuildContext,
  backlog: Backlog,
  ready: Story,
): Promise<StoryOutcome> {
  let story = ready;
  let spentMs: SpentMs = { install: 0, gates: 0, autosd: 0 };
  let failures: readonly Evidence[] = [];
  let reason = "";
  for (let tried = 1; tried <= build.request.maxTaskAttempts; tried += 1) {
    const end = await attemptStory(build, backlog, story, failures);
    story = end.story;
    spentMs = addSpent(spentMs, end.spentMs);
    if (end.kind === "settled") return { story, spentMs };
    const repeated = end.reason === reason;
    reason = end.reason;
    failures = end.failures;
    // The same failure twice: a third try would be the same again.
    if (repeated || !end.worthRetrying) break;
  }
  return { story: failStory(story, reason), spentMs };
}

type AttemptResult = { readonly story: Story; readonly spentMs: SpentMs } & (
  | { readonly kind: "settled" }
  | {
      readonly kind: "rejected";
      readonly reason: string;
      readonly failures: readonly Evidence[];
      readonly worthRetrying: boolean;
    }
);

async function attemptStory(
  build: BuildContext,
  backlog: Backlog,
  story: Story,
  failures: readonly Evidence[],
): Promise<AttemptResult> {
  const number = (story.attempts.at(-1)?.number ?? 0) + 1;
  const label = `${story.id} attempt ${number}`;
  const built = await build.ctx.step(`implement ${label}`, (scope) =>
    implement(build, backlog, { story, number, failures }, scope),
  );
  const begun = beginAttempt(story, isoTime(built.startedAtMs));
  if (built.kind !== "proposal") return withoutProposal(begun, built);
  const report = await build.ctx.step(`verify ${label}`, (scope) =>
    verify(build, story, built, scope),
  );
  const judged = VerifiedTree.judge(report);
  const spentMs = spentOn(built.implementMs, report);
  const endedAt = isoTime(built.startedAtMs + built.implementMs + report.durationMs);
  const { evidence } = report;
  if (judged.kind === "rejected") {
    const { reason } = judged;
    return {
      kind: "rejected",
      reason,
      failures: evidence.filter((one) => one.verdict !== "green"),
      worthRetrying: true,
      story: endAttempt(begun, { outcome: "rejected", endedAt, reason, evidence }),
      spentMs,
    };
  }
  const commit = await commitVerifiedTree(build, story, judged.tree, built.parent ?? undefined);
  const ended = endAttempt(begun, { outcome: "verified", endedAt, evidence });
  return { kind: "settled", story: completeStory(ended, commit), spentMs };
}

function withoutProposal(
  begun: Story,
  built: Exclude<Built, { readonly kind: "proposal" }>,
): AttemptResult {
  const { reason } = built;
  const spentMs = { install: 0, gates: 0, autosd: built.implementMs };
  const endedAt = isoTime(built.startedAtMs + built.implementMs);
  if (built.kind === "unimplemented") {
    const ended = endAttempt(begun, { outcome: "unimplemented", endedAt, reason, evidence: [] });
    return { kind: "settled", story: declareUnimplemented(ended, reason), spentMs };
  }
  const story = endAttempt(begun, { outcome: "rejected", endedAt, reason, evidence: [] });
  return { kind: "rejected", reason, failures: [], worthRetrying: built.retryable, story, spentMs };
}

export function addSpent(a: SpentMs, b: SpentMs): SpentMs {
  return { install: a.install + b.install, gates: a.gates + b.gates, autosd: a.autosd + b.autosd };
}

/** Time of one report: the install by itself, then the gates, which overlap each other. */
export function spentOn(autosdMs: number, report: VerificationReport): SpentMs {
  const install = report.evidence
    .filter((one) => one.gate === "install")
    .reduce((sum, one) => sum + one.durationMs, 0);
  return { install, gates: Math.max(0, report.durationMs - install), autosd: autosdMs };
}

async function implement(
  build: BuildContext,
  backlog: Backlog,
  task: { readonly story: Story; readonly number: number; readonly failures: readonly Evidence[] },
  scope: StepScope,
): Promise<Built> {
  const { services, request } = build;
  const startedAtMs = services.clock.now();
  const from = services.clock.monotonicMs();
  const begun = beginAttempt(task.story, isoTime(startedAtMs));
  await writeBacklog(
    services.files,
    request.directory,
    withStory(backlog, begun, isoTime(startedAtMs)),
  );
  const state = await services.vcs.inspect(request.directory);
  const parent = state.kind === "repository" ? (state.head ?? null) : null;
  const baseTree = await services.vcs.treeOf(request.directory, parent ?? undefined);
  const workspace = await services.workspaces.open({
    repository: request.directory,
    tree: baseTree,
    name: `${build.ctx.runId}-${task.story.id}`,
  });
  const start = (): AttemptStart => ({
    startedAtMs,
    implementMs: services.clock.monotonicMs() - from,
    parent,
    baseTree,
  });
  try {
    const last = await lastEvent(
      build.provider.implementer.implement(
        {
          projectId: build.projectId,
          platform: build.platform,
          document: build.document,
          refined: build.refined,
          story: task.story,
          doneStories: doneInCommitOrder(backlog),
          workspace,
          attempt: task.number,
          failures: task.failures,
          reproducible: request.reproducible,
        },
        scope.signal,
      ),
      (message) => services.observe({ kind: "activity", message }),
    );
    // A cut attempt must not be remembered as an answer.
    scope.signal.throwIfAborted();
    if (last?.kind === "unimplemented")
      return { kind: "unimplemented", reason: last.reason, ...start() };
    if (last?.kind === "failed")
      return { kind: "failed", reason: last.reason, retryable: last.retryable, ...start() };
    if (last?.kind !== "proposal")
      return {
        kind: "failed",
        reason: "the implementer ended without a proposal",
        retryable: true,
        ...start(),
      };
    const tree = await services.vcs.snapshot(request.directory, workspace.root);
    if (tree === baseTree)
      return {
        kind: "failed",
        reason: "the implementer changed nothing",
        retryable: true,
        ...start(),
      };
    return { kind: "proposal", tree, proposal: last.proposal, ...start() };
  } finally {
    await services.workspaces.discard(workspace);
  }
}

async function lastEvent(
  events: AsyncIterable<AgentEvent>,
  onProgress: (message: string) => void,
): Promise<AgentEvent | undefined> {
  let last: AgentEvent | undefined;
  for await (const event of events) {
    if (event.kind === "progress") onProgress(event.message);
    last = event;
  }
  return last;
}

async function verify(
  build: BuildContext,
  story: Story,
  built: { readonly tree: string; readonly baseTree: string; readonly proposal: Proposal },
  scope: StepScope,
): Promise<VerificationReport> {
  const { services, request } = build;
  return services.verifier.verify(
    {
      projectId: build.projectId,
      repository: request.directory,
      baseTree: built.baseTree,
      tree: built.tree,
      story: { id: story.id, criteria: story.criteria, proposal: built.proposal },
      mayInstall: request.install,
      onGate: (progress) =>
        services.observe(
          progress.kind === "started"
            ? { kind: "gate-started", gate: progress.gate }
            : { kind: "gate-finished", evidence: progress.evidence },
        ),
    },
    scope.signal,
  );
}

/** Stories whose commits are on the branch, in the order in which they were committed. */
function doneInCommitOrder(backlog: Backlog): readonly Story[] {
  return backlog.stories
    .filter((story) => story.status === "done")
    .sort((a, b) => endOf(a).localeCompare(endOf(b)));
}

function endOf(story: Story): string {
  return story.attempts.at(-1)?.endedAt ?? "";
}
