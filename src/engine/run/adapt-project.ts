import type { AgentEvent } from "../../delivery/agent/implementer.port.ts";
import type { Backlog, Story } from "../../delivery/backlog/backlog.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { RequirementsChange } from "../autosd.ts";
import { writeBacklog } from "../backlog/backlog-record.ts";
import type { StepScope } from "../ports/run-engine.port.ts";
import type { BuildContext } from "./build-context.ts";
import { commitAdaptation } from "./commit-story.ts";
import { doneInCommitOrder } from "./implement-story.ts";
import { gateObserver } from "./observe-gates.ts";
import type { PlannedBacklog } from "./plan-backlog.ts";

/** What changed requirements do to a project that stands. */
export interface Comparison {
  /** Stories that have to be built again are ready. */
  readonly backlog: Backlog;
  readonly reopened: readonly string[];
  /** What to commit before the stories; undefined when the project stands as it has to. */
  readonly tree: { readonly from: string; readonly to: string; readonly parent: string } | null;
  readonly problem: string | null;
}

/** The backlog to build on, and what is to be reported of the change. */
export interface AdaptedProject {
  readonly backlog: Backlog;
  readonly change: RequirementsChange | undefined;
}

/**
 * Holds what is built against the requirements as they are now: stories that no longer stand as
 * they were proven are ready again. Commits nothing.
 */
export async function compareProject(
  build: BuildContext,
  planned: PlannedBacklog,
): Promise<Comparison> {
  if (build.provider.implementer.adapt === undefined) return unchanged(planned);
  return build.ctx.step("compare what is built with the requirements", async (scope) => {
    const compared = await compare(build, planned, scope);
    if (compared.backlog !== planned.backlog)
      await writeBacklog(build.services.files, build.request.directory, compared.backlog);
    return compared;
  });
}

function unchanged({ backlog }: PlannedBacklog): Comparison {
  return { backlog, reopened: [], tree: null, problem: null };
}

async function compare(
  build: BuildContext,
  planned: PlannedBacklog,
  scope: StepScope,
): Promise<Comparison> {
  const { services, request } = build;
  const { backlog } = planned;
  const same = unchanged(planned);
  const state = await services.vcs.inspect(request.directory);
  if (state.kind !== "repository" || state.head === undefined) return same;
  const from = await services.vcs.treeOf(request.directory, state.head);
  const asked = await askForAdaptation(build, backlog, from, scope);
  if (asked.kind === "failed") {
    // What was carried over is done only if it still stands, and nobody can say so.
    const unsettled = new Set(planned.carried);
    const stopped = backlog.stories.map((story) =>
      unsettled.has(story.id) || story.status === "ready" ? stop(story, asked.reason) : story,
    );
    const problem = asked.reason;
    return { ...same, backlog: { ...backlog, stories: stopped }, problem };
  }
  const standing = new Set(asked.standing);
  const gone = backlog.stories.filter(({ id, status }) => status === "done" && !standing.has(id));
  const reopened = gone.map(({ id }) => id);
  const tree = asked.tree === from ? null : { from, to: asked.tree, parent: state.head };
  if (reopened.length === 0) return { ...same, tree };
  const stories = backlog.stories.map((story) =>
    reopened.includes(story.id) ? reopen(story) : story,
  );
  return { backlog: { ...backlog, stories }, reopened, tree, problem: null };
}

/**
 * Commits what the comparison asks for, once all gates of the project are green. When they are not,
 * no story can be built on it: all that are open fail with the reason.
 */
export async function adaptProject(
  build: BuildContext,
  planned: PlannedBacklog,
  compared: Comparison,
): Promise<AdaptedProject> {
  const { removed } = planned;
  const { reopened } = compared;
  const hasChanged = removed.length + reopened.length > 0 || compared.tree !== null;
  const change = { removed, reopened, commit: undefined, problem: compared.problem ?? undefined };
  if (compared.tree === null)
    return {
      backlog: compared.backlog,
      change: hasChanged || compared.problem !== null ? change : undefined,
    };
  const { services, request } = build;
  services.observe({ kind: "phase", phase: "adapt", detail: phaseOf(change) });
  const { from, to, parent } = compared.tree;
  const report = await build.ctx.step("verify the adaptation", (scope) =>
    services.verifier.verify(
      {
        projectId: build.projectId,
        repository: request.directory,
        baseTree: from,
        tree: to,
        story: undefined,
        mayInstall: request.install,
        onGate: gateObserver(services),
      },
      scope.signal,
    ),
  );
  const judged = VerifiedTree.judge(report);
  if (judged.kind === "verified") {
    const commit = await commitAdaptation(build, { removed, reopened }, judged.tree, parent);
    return { backlog: compared.backlog, change: { ...change, commit } };
  }
  const problem = `what changed requirements ask for no more could not be taken out: ${judged.reason}`;
  const backlog = await build.ctx.step("record that the project could not be adapted", async () => {
    const stories = compared.backlog.stories.map((story) =>
      story.status === "ready" ? stop(story, problem) : story,
    );
    const updatedAt = isoTime(services.clock.now());
    const stopped = { ...compared.backlog, updatedAt, stories };
    await writeBacklog(services.files, request.directory, stopped);
    return stopped;
  });
  return { backlog, change: { ...change, problem } };
}

type Asked =
  | { readonly kind: "adapted"; readonly tree: string; readonly standing: readonly string[] }
  | { readonly kind: "failed"; readonly reason: string };

async function askForAdaptation(
  build: BuildContext,
  backlog: Backlog,
  tree: string,
  scope: StepScope,
): Promise<Asked> {
  const { services, request, provider, projectId, platform, document, refined } = build;
  const { directory: repository, reproducible } = request;
  const name = `${build.ctx.runId}-adaptation`;
  const workspace = await services.workspaces.open({ repository, tree, name });
  try {
    const doneStories = doneInCommitOrder(backlog);
    const task = { projectId, platform, document, refined, doneStories, workspace, reproducible };
    let last: AgentEvent | undefined;
    for await (const event of provider.implementer.adapt?.(task, scope.signal) ?? []) last = event;
    // A cut attempt must not be remembered as an answer.
    scope.signal.throwIfAborted();
    if (last?.kind !== "proposal") return { kind: "failed", reason: reasonOf(last) };
    const adapted = await services.vcs.snapshot(repository, workspace.root);
    return { kind: "adapted", tree: adapted, standing: last.proposal.standing ?? [] };
  } finally {
    await services.workspaces.discard(workspace);
  }
}

function reasonOf(last: AgentEvent | undefined): string {
  return last?.kind === "failed" || last?.kind === "unimplemented"
    ? last.reason
    : "the implementer ended without a proposal";
}

function phaseOf({ removed, reopened }: RequirementsChange): string {
  const parts = [
    ...(removed.length === 0 ? [] : [`${removed.map(({ id }) => id).join(", ")} removed`]),
    ...(reopened.length === 0 ? [] : [`${reopened.join(", ")} to be built again`]),
  ];
  return parts.length === 0 ? "the files of the stories that stay" : parts.join("; ");
}

/** To do again from the beginning: what was proven was another thing. */
function reopen(story: Story): Story {
  return { ...story, status: "ready", attempts: [], commit: null, sprint: null };
}

function stop(story: Story, reason: string): Story {
  return { ...story, status: "failed", statusReason: reason, commit: null };
}
