import type { Attempt, Backlog, Evidence, Story, StoryStatus } from "./backlog.ts";
import type { Denial } from "./denial.ts";
import { definitionOfDone } from "./definition-of-done.ts";
import { BacklogError } from "./errors.ts";

/** Where a story may go from each status. A done story stays done; changed requirements replace it. */
export const storyTransitions: Readonly<Record<StoryStatus, readonly StoryStatus[]>> = {
  ready: ["in_progress", "unimplemented"],
  in_progress: ["in_progress", "done", "failed", "unimplemented", "ready"],
  failed: ["in_progress", "ready"],
  unimplemented: ["in_progress", "ready"],
  done: [],
};

/** How an attempt ended. */
export interface AttemptEnd {
  readonly outcome: Exclude<Attempt["outcome"], "running">;
  /** ISO time. */
  readonly endedAt: string;
  readonly reason?: string;
  readonly denial?: Denial | undefined;
  readonly denials?: readonly Denial[] | undefined;
  readonly evidence: readonly Evidence[];
}

/**
 * The story with one more attempt, running. An attempt still running belongs to a process that
 * died: it becomes `interrupted`.
 */
export function beginAttempt(story: Story, startedAt: string): Story {
  const settled = story.attempts.map((attempt) =>
    attempt.outcome === "running"
      ? { ...attempt, outcome: "interrupted" as const, endedAt: startedAt }
      : attempt,
  );
  const number = (settled.at(-1)?.number ?? 0) + 1;
  const attempt: Attempt = { number, startedAt, endedAt: null, outcome: "running", evidence: [] };
  return { ...moveTo(story, "in_progress"), attempts: [...settled, attempt] };
}

/** The story with its running attempt ended; its status is not touched: what follows is the caller's. */
export function endAttempt(story: Story, end: AttemptEnd): Story {
  const running = story.attempts.at(-1);
  if (running?.outcome !== "running") {
    throw new BacklogError("AUTOSD-STORY-TRANSITION", `${story.id} has no running attempt to end.`);
  }
  const ended: Attempt = {
    ...running,
    endedAt: end.endedAt,
    outcome: end.outcome,
    evidence: [...end.evidence],
    ...(end.reason === undefined ? {} : { reason: end.reason }),
    ...(end.denial === undefined ? {} : { denial: end.denial }),
    ...(end.denials === undefined ? {} : { denials: [...end.denials] }),
  };
  return { ...story, attempts: [...story.attempts.slice(0, -1), ended] };
}

/** Done, with its commit. Throws AUTOSD-STORY-TRANSITION when the recorded evidence does not carry it. */
export function completeStory(story: Story, commit: string): Story {
  const done = definitionOfDone({ attempts: story.attempts, commit });
  if (done.kind === "open") {
    throw new BacklogError(
      "AUTOSD-STORY-TRANSITION",
      `${story.id} cannot be done: ${done.missing.join(" ")}`,
      { details: { story: story.id, missing: done.missing } },
    );
  }
  return { ...moveTo(story, "done"), commit };
}

/** Given up for now; `reason` is a sentence for people. */
export function failStory(story: Story, reason: string): Story {
  return { ...moveTo(story, "failed"), statusReason: reason };
}

/** Beyond what the implementer can build; `reason` is a sentence for people. */
export function declareUnimplemented(story: Story, reason: string): Story {
  return { ...moveTo(story, "unimplemented"), statusReason: reason };
}

/** Back to the stories to do, with its attempts kept. */
export function reopenStory(story: Story): Story {
  return moveTo(story, "ready");
}

/** The backlog with a story of the same id replaced. Throws when there is none. */
export function withStory(backlog: Backlog, story: Story, updatedAt: string): Backlog {
  if (!backlog.stories.some((one) => one.id === story.id))
    throw new BacklogError("AUTOSD-STORY-TRANSITION", `The backlog holds no story ${story.id}.`);
  return {
    ...backlog,
    updatedAt,
    stories: backlog.stories.map((one) => (one.id === story.id ? story : one)),
  };
}

/** The reason of the old status goes with it. */
function moveTo(story: Story, status: StoryStatus): Story {
  if (!storyTransitions[story.status].includes(status)) {
    throw new BacklogError(
      "AUTOSD-STORY-TRANSITION",
      `${story.id} is ${story.status} and cannot become ${status}.`,
      { details: { story: story.id, from: story.status, to: status } },
    );
  }
  return { ...story, status, statusReason: undefined };
}
