import type { Denial } from "../../delivery/backlog/denial.ts";
import type { Backlog, Story } from "../../delivery/backlog/backlog.ts";
import { blockersOf } from "../../delivery/backlog/next-stories.ts";

/** What the last attempt at a story ended on because it was denied; undefined: nothing, or it is done. */
export function denialOf(story: Story): Denial | undefined {
  return story.status === "failed" ? story.attempts.at(-1)?.denial : undefined;
}

/** What was denied on the way to a story that is done without it, or red; each once. */
export function deniedOnTheWay(story: Story): readonly Denial[] {
  const all = story.attempts.flatMap(({ denial, denials = [] }) =>
    // What its last attempt ended on is said by itself.
    denial === undefined || story.status !== "done" ? denials : [denial, ...denials],
  );
  return [...new Map(all.map((one) => [`${one.code} ${one.action}`, one])).values()];
}

/**
 * Whether stories are missing, and every one of them was denied or waits for ones that were. A story
 * that is red, was not understood, or has not had its turn is another matter.
 */
export function isOnlyDenied(backlog: Backlog): boolean {
  const open = backlog.stories.filter((story) => story.status !== "done");
  const explained = new Set(open.filter((story) => denialOf(story) !== undefined));
  // Each round explains one story at least; what is left waits for something else, or in a circle.
  for (let found = explained.size > 0; found;) {
    const waiting = open.filter(
      (story) =>
        story.status === "ready" &&
        !explained.has(story) &&
        blockersOf(backlog, story).length > 0 &&
        blockersOf(backlog, story).every((one) => explained.has(one)),
    );
    for (const story of waiting) explained.add(story);
    found = waiting.length > 0;
  }
  return open.length > 0 && open.length === explained.size;
}
