import type { Attempt, Story } from "./backlog.ts";
import { definitionOfDone } from "./definition-of-done.ts";

/** Sprints that velocity looks back on. */
const velocityWindow = 3;

/** What a sprint came to, from recorded evidence. */
export interface SprintFigures {
  readonly donePoints: number;
  readonly storiesDone: number;
  readonly storiesTotal: number;
  /** Stories done whose very first attempt was verified. */
  readonly firstAttemptGreen: number;
  /** Attempts begun at or after `since`. */
  readonly attempts: number;
}

/** Figures over a sprint's stories; `since` is the ISO time of its start, null before it. */
export function sprintFigures(stories: readonly Story[], since: string | null): SprintFigures {
  const done = stories.filter((story) => definitionOfDone(story).kind === "done");
  return {
    donePoints: done.reduce((sum, story) => sum + story.points, 0),
    storiesDone: done.length,
    storiesTotal: stories.length,
    firstAttemptGreen: done.filter((story) => firstTried(story)?.outcome === "verified").length,
    attempts: stories
      .flatMap((story) => story.attempts)
      .filter((attempt) => since === null || attempt.startedAt >= since).length,
  };
}

/** Mean done points of the last three of `donePoints`, oldest first; null without history. */
export function velocityOf(donePoints: readonly number[]): number | null {
  const recent = donePoints.slice(-velocityWindow);
  if (recent.length === 0) return null;
  return recent.reduce((sum, points) => sum + points, 0) / recent.length;
}

/** An interruption says nothing about the work. */
function firstTried(story: Story): Attempt | undefined {
  return story.attempts.find((attempt) => attempt.outcome !== "interrupted");
}
