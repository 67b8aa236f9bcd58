import type { AgentEvent, Proposal } from "../../delivery/agent/implementer.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Denial } from "../../delivery/backlog/denial.ts";
import type { Backlog, Evidence, Story } from "../../delivery/backlog/backlog.ts";
import { beginAttempt, withStory } from "../../delivery/backlog/story-life.ts";
import { AutosdError } from "../../kernel/errors.ts";
import { isoTime } from "../../kernel/clock.ts";
import { writeBacklog } from "../backlog/backlog-record.ts";
import type { StepScope } from "../ports/run-engine.port.ts";
import type { AheadFacts } from "./parallel/ahead-report.ts";
import { storiesToStart } from "./parallel/stories-to-start.ts";
import type { BuildContext } from "./build-context.ts";

/** One attempt: which story, the how-manieth, and what was red before. */
export interface AttemptTask {
  readonly story: Story;
  readonly number: number;
  readonly failures: readonly Evidence[];
}

interface AttemptStart {
  readonly startedAtMs: number;
  readonly implementMs: number;
  /** Null for the first commit of a repository. */
  readonly parent: string | null;
  readonly baseTree: string;
  /** Absent: the attempt was made at its turn. */
  readonly ahead?: AheadFacts;
}

type Answer =
  | {
      readonly kind: "proposal";
      readonly tree: string;
      readonly proposal: Proposal;
      readonly denials?: readonly Denial[] | undefined;
    }
  | { readonly kind: "unimplemented"; readonly reason: string }
  | Extract<AgentEvent, { readonly kind: "failed" }>;

/** What an attempt brought: a tree and a claim, or why there is none. */
export type Built = AttemptStart & Answer;

/** Asks the implementer for a story, in a workspace with what the branch holds now. Repeatable. */
export async function implementStory(
  build: BuildContext,
  backlog: Backlog,
  task: AttemptTask,
  scope: StepScope,
): Promise<Built> {
  const { services, request } = build;
  const { directory } = request;
  const startedAtMs = services.clock.now();
  const fromMs = services.clock.monotonicMs();
  const begun = beginAttempt(task.story, isoTime(startedAtMs));
  await writeBacklog(services.files, directory, withStory(backlog, begun, isoTime(startedAtMs)));
  const parent = (await services.vcs.headOf(directory)) ?? null;
  const baseTree = await services.vcs.treeOf(directory, parent ?? undefined);
  const name = `${build.ctx.runId}-${task.story.id}`;
  const workspace = await services.workspaces.open({ repository: directory, tree: baseTree, name });
  try {
    build.ahead?.expect(storiesToStart(backlog, task.story, request.maxSprints));
    const last = await askImplementer(build, backlog, task, { workspace, signal: scope.signal });
    // A cut attempt must not be remembered as an answer.
    scope.signal.throwIfAborted();
    const answer = await answerOf(build, workspace, last);
    build.progress.note(`${task.story.id} attempt ${task.number}`, answer);
    const implementMs = services.clock.monotonicMs() - fromMs;
    const ahead = build.ahead?.factsOf(task.story.id, task.number);
    const start = { startedAtMs, implementMs, parent, baseTree, ...answer };
    return ahead === undefined ? start : { ...start, ahead };
  } finally {
    await services.workspaces.discard(workspace);
  }
}

async function askImplementer(
  build: BuildContext,
  backlog: Backlog,
  task: AttemptTask,
  place: { readonly workspace: Workspace; readonly signal: AbortSignal },
): Promise<AgentEvent | undefined> {
  const { projectId, platform, document, refined, request, services } = build;
  const events = build.provider.implementer.implement(
    {
      projectId,
      platform,
      document,
      refined,
      story: task.story,
      doneStories: doneInCommitOrder(backlog),
      workspace: place.workspace,
      attempt: task.number,
      failures: task.failures,
      reproducible: request.reproducible,
      run: { id: build.ctx.runId, directory: request.directory, mayInstall: request.install },
    },
    place.signal,
  );
  let last: AgentEvent | undefined;
  for await (const event of events) {
    if (event.kind === "progress") services.observe({ kind: "activity", message: event.message });
    last = event;
  }
  return last;
}

async function answerOf(
  build: BuildContext,
  workspace: Workspace,
  last: AgentEvent | undefined,
): Promise<Answer> {
  const failed = (reason: string): Answer => ({ kind: "failed", reason, retryable: true });
  if (last === undefined || last.kind === "progress")
    return failed("the implementer ended without a proposal");
  if (last.kind === "unimplemented") return { kind: "unimplemented", reason: last.reason };
  if (last.kind === "failed") return last;
  const tree = await snapshotOf(build, workspace);
  if (typeof tree !== "string") return failed(tree.unsafe);
  if (tree === workspace.baseTree) return failed("the implementer changed nothing");
  const { proposal, denials } = last;
  return { kind: "proposal", tree, proposal, ...(denials === undefined ? {} : { denials }) };
}

/** A workspace that must not become a tree (an embedded repository, a link to the outside) is a rejected attempt. */
async function snapshotOf(
  build: BuildContext,
  workspace: Workspace,
): Promise<string | { readonly unsafe: string }> {
  try {
    return await build.services.vcs.snapshot(build.request.directory, workspace.root);
  } catch (error) {
    if (error instanceof AutosdError && error.code === "AUTOSD-VCS-UNSAFE")
      return { unsafe: error.message };
    throw error;
  }
}

/** Stories whose commits are on the branch, in the order in which they were committed. */
export function doneInCommitOrder(backlog: Backlog): readonly Story[] {
  const endOf = (story: Story): string => story.attempts.at(-1)?.endedAt ?? "";
  return backlog.stories
    .filter((story) => story.status === "done")
    .sort((a, b) => (endOf(a) < endOf(b) ? -1 : 1));
}
