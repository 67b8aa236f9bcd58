import type { Backlog, Story, StoryStatus } from "./backlog.ts";

const priorityRank = { must: 0, should: 1, could: 2 } as const;

/** Work to do: never begun, or cut off by an interruption. */
const openStatuses: readonly StoryStatus[] = ["ready", "in_progress"];

/** `3` of `ST-3`; orders `ST-10` after `ST-9`. */
export function storyNumber(id: string): number {
  return Number(id.slice("ST-".length));
}

/**
 * The stories to do next, at most `max`, in an order in which each comes after all it depends on.
 * Among those that could go next: priority (a story inherits the priority of what waits for it),
 * then fewer points, then document order. What waits for a story that is not done and not selected
 * is left out. `statuses` says which stories count as work, `failed` for a second try.
 */
export function nextStories(
  backlog: Backlog,
  max: number,
  statuses: readonly StoryStatus[] = openStatuses,
): readonly Story[] {
  const settled = new Set(
    backlog.stories.filter((story) => story.status === "done").map((story) => story.id),
  );
  const ranks = inheritedRanks(backlog.stories);
  const waiting = backlog.stories
    .filter((story) => statuses.includes(story.status))
    .sort(
      (a, b) =>
        (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0) ||
        a.points - b.points ||
        storyNumber(a.id) - storyNumber(b.id),
    );
  const chosen: Story[] = [];
  while (chosen.length < max) {
    const index = waiting.findIndex((story) => story.dependsOn.every((id) => settled.has(id)));
    const [story] = index < 0 ? [] : waiting.splice(index, 1);
    if (story === undefined) break;
    chosen.push(story);
    settled.add(story.id);
  }
  return chosen;
}

/** Stories not done that `story` waits for, directly. */
export function blockersOf(backlog: Backlog, story: Story): readonly Story[] {
  return backlog.stories.filter(
    (other) => story.dependsOn.includes(other.id) && other.status !== "done",
  );
}

function inheritedRanks(stories: readonly Story[]): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>(
    stories.map((story) => [story.id, priorityRank[story.priority]]),
  );
  // A rank only ever falls and has three values: this ends even when dependencies form a circle.
  for (let changed = true; changed;) {
    changed = false;
    for (const story of stories) {
      const rank = ranks.get(story.id) ?? 0;
      for (const id of story.dependsOn) {
        if ((ranks.get(id) ?? 0) <= rank) continue;
        ranks.set(id, rank);
        changed = true;
      }
    }
  }
  return ranks;
}
