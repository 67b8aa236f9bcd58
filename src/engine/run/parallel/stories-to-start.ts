import type { Backlog, Story } from "../../../delivery/backlog/backlog.ts";
import { blockersOf, nextStories } from "../../../delivery/backlog/next-stories.ts";

/**
 * Stories that could be begun while `current` is built: everything that they need is done. First
 * those of its sprint, then those of the next ones; only the former when the sprints are counted,
 * because the turn of the others may not come in this run.
 */
export function storiesToStart(
  backlog: Backlog,
  current: Story,
  maxSprints: number | null,
): readonly Story[] {
  const open = nextStories(backlog, backlog.stories.length).filter(
    (story) => story.id !== current.id && blockersOf(backlog, story).length === 0,
  );
  const [mine, later] = [
    open.filter(({ sprint }) => sprint === current.sprint),
    open.filter(({ sprint }) => sprint !== current.sprint),
  ];
  return maxSprints === null ? [...mine, ...later] : mine;
}
