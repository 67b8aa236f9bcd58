import type { Backlog, Evidence, Story } from "../../delivery/backlog/backlog.ts";
import {
  beginAttempt,
  completeStory,
  declareUnimplemented,
  endAttempt,
  failStory,
} from "../../delivery/backlog/story-life.ts";
import type { Proposal } from "../../delivery/agent/implementer.port.ts";
import type { VerificationReport } from "../../delivery/verification/verification.port.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { StepScope } from "../ports/run-engine.port.ts";
import type { BuildContext } from "./build-context.ts";
import { type Built, implementStory } from "./implement-story.ts";
import { gateObserver } from "./observe-gates.ts";
import type { AheadFacts, StoryAhead } from "./parallel/ahead-report.ts";
import { commitVerifiedTree } from "./commit-story.ts";
import { addSpent, type SpentMs, spentOn } from "./spent-time.ts";

/** How work on a story ended: the story with every attempt's evidence, and where the time went. */
export interface StoryOutcome {
  readonly story: Story;
  readonly spentMs: SpentMs;
  readonly ahead: readonly StoryAhead[];
}

/**
 * Implements, verifies and commits one story, in at most `maxTaskAttempts` attempts. One that was
 * accepted although it was stale is none of them: what it got wrong may be no fault of the story.
 */
export async function buildStory(
  build: BuildContext,
  backlog: Backlog,
  ready: Story,
): Promise<StoryOutcome> {
  let story = ready;
  let spentMs: SpentMs = { install: 0, gates: 0, autosd: 0 };
  let failures: readonly Evidence[] = [];
  let reason = "";
  let ahead: readonly StoryAhead[] = [];
  let allowed = build.request.maxTaskAttempts;
  for (let tried = 1; tried <= allowed; tried += 1) {
    const end = await attemptStory(build, backlog, story, failures);
    story = end.story;
    spentMs = addSpent(spentMs, end.spentMs);
    if (end.ahead !== undefined) ahead = [...ahead, { story: story.id, ...end.ahead }];
    if (end.kind === "settled") return { story, spentMs, ahead };
    if (end.ahead?.decision === "stale-accepted") {
      // A fresh prompt knows nothing of it. Only a first attempt is made ahead: this ends.
      allowed += 1;
      continue;
    }
    const repeated = end.reason === reason;
    reason = end.reason;
    failures = end.failures;
    // The same failure twice: a third try would be the same again.
    if (repeated || !end.worthRetrying) break;
  }
  return { story: failStory(story, reason), spentMs, ahead };
}

type AttemptResult = {
  readonly story: Story;
  readonly spentMs: SpentMs;
  readonly ahead: AheadFacts | undefined;
} & (
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
    implementStory(build, backlog, { story, number, failures }, scope),
  );
  const begun = beginAttempt(story, isoTime(built.startedAtMs));
  if (built.kind !== "proposal") return withoutProposal(begun, built);
  const report = await build.ctx.step(`verify ${label}`, (scope) =>
    verify(build, story, built, scope),
  );
  const { ahead } = built;
  const judged = VerifiedTree.judge(report);
  const spentMs = spentOn(built.implementMs, report);
  const endedAt = isoTime(built.startedAtMs + built.implementMs + report.durationMs);
  const { evidence } = report;
  const { denials } = built;
  if (judged.kind === "rejected") {
    const { reason } = judged;
    return {
      kind: "rejected",
      reason,
      failures: evidence.filter((one) => one.verdict !== "green"),
      worthRetrying: true,
      story: endAttempt(begun, { outcome: "rejected", endedAt, reason, denials, evidence }),
      spentMs,
      ahead,
    };
  }
  const commit = await commitVerifiedTree(build, story, judged.tree, built.parent ?? undefined);
  const ended = endAttempt(begun, { outcome: "verified", endedAt, denials, evidence });
  return { kind: "settled", story: completeStory(ended, commit), spentMs, ahead };
}

function withoutProposal(
  begun: Story,
  built: Exclude<Built, { readonly kind: "proposal" }>,
): AttemptResult {
  const { reason, ahead } = built;
  const spentMs = { install: 0, gates: 0, autosd: built.implementMs };
  const endedAt = isoTime(built.startedAtMs + built.implementMs);
  if (built.kind === "unimplemented") {
    const ended = endAttempt(begun, { outcome: "unimplemented", endedAt, reason, evidence: [] });
    return { kind: "settled", story: declareUnimplemented(ended, reason), spentMs, ahead };
  }
  const { denial } = built;
  const story = endAttempt(begun, { outcome: "rejected", endedAt, reason, denial, evidence: [] });
  const facts = { reason, failures: [], worthRetrying: built.retryable };
  return { kind: "rejected", ...facts, story, spentMs, ahead };
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
      onGate: gateObserver(services),
    },
    scope.signal,
  );
}
