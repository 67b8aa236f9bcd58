import type { Backlog, Story } from "../../delivery/backlog/backlog.ts";
import { blockersOf, nextStories } from "../../delivery/backlog/next-stories.ts";
import { withStory } from "../../delivery/backlog/story-life.ts";
import type { SprintRecord } from "../autosd.ts";
import { readBacklog, writeBacklog } from "../backlog/backlog-record.ts";
import { planSprint, startSprint } from "../sprint/plan-sprint.ts";
import { retroSprint } from "../sprint/retro-sprint.ts";
import { reviewSprint } from "../sprint/review-sprint.ts";
import { readSprints } from "../sprint/sprint-record.ts";
import type { BuildContext } from "./build-context.ts";
import { buildStory } from "./build-story.ts";
import type { StoryAhead } from "./parallel/ahead-report.ts";
import { addSpent, type SpentMs } from "./spent-time.ts";
import { writeProgress } from "./progress-file.ts";

export interface Built {
  readonly backlog: Backlog;
  readonly spentMs: SpentMs;
  /** Stories that were fetched ahead of their turn, in the order of their turns. */
  readonly ahead: readonly StoryAhead[];
}

/** Sprint after sprint until no story is ready, or `maxSprints` are closed. */
export async function buildSprints(build: BuildContext, planned: Backlog): Promise<Built> {
  const { ctx, request } = build;
  let built: Built = {
    backlog: planned,
    spentMs: { install: 0, gates: 0, autosd: 0 },
    ahead: [],
  };
  const count = new StoryCount(nextStories(planned, planned.stories.length).length);
  // Every sprint settles at least one story, so the number of stories bounds the loop.
  const bound = Math.min(request.maxSprints ?? Infinity, planned.stories.length);
  for (let number = 1; number <= bound; number += 1) {
    const opened = await ctx.step(`open sprint ${number}`, () => openSprint(build));
    if (opened === null) break;
    built = { ...built, backlog: opened.backlog };
    for (const id of opened.sprint.stories) built = await buildNext(build, built, id, count);
    await ctx.step(`close ${opened.sprint.id}`, () => closeSprint(build));
  }
  return built;
}

/** Numbers the stories of a run for people: 3 of 12. */
class StoryCount {
  readonly total: number;
  #begun = 0;

  constructor(total: number) {
    this.total = total;
  }

  next(): number {
    this.#begun += 1;
    return this.#begun;
  }
}

async function buildNext(
  build: BuildContext,
  before: Built,
  id: string,
  count: StoryCount,
): Promise<Built> {
  const { ctx, services, request } = build;
  const story = before.backlog.stories.find((one) => one.id === id);
  if (story === undefined || !isOpen(story)) return before;
  if (blockersOf(before.backlog, story).length > 0) return before;
  const fromMs = services.clock.monotonicMs();
  services.observe({
    kind: "story-started",
    storyId: id,
    title: story.title,
    position: count.next(),
    total: count.total,
    attempt: story.attempts.length + 1,
  });
  const outcome = await buildStory(build, before.backlog, story);
  const ended = outcome.story;
  const endedAt = ended.attempts.at(-1)?.endedAt ?? before.backlog.updatedAt;
  const backlog = withStory(before.backlog, ended, endedAt);
  await ctx.step(`record ${id}`, async () => {
    await writeBacklog(services.files, request.directory, backlog);
    await writeProgress(build, backlog, undefined);
  });
  services.observe({
    kind: "story-ended",
    storyId: id,
    title: ended.title,
    status: ended.status,
    commit: ended.commit ?? undefined,
    reason: ended.statusReason,
    durationMs: services.clock.monotonicMs() - fromMs,
  });
  // Only now: what the attempts brought is on record.
  build.progress.refuseGoingNowhere(ctx.runId);
  return {
    backlog,
    spentMs: addSpent(before.spentMs, outcome.spentMs),
    ahead: [...before.ahead, ...outcome.ahead],
  };
}

function isOpen(story: Story): boolean {
  return story.status === "ready" || story.status === "in_progress";
}

/**
 * The sprint to build now: a running one that still has open stories (planned by a person, or left
 * by a run that was cut), else a new one. Null when no story is ready.
 */
async function openSprint(
  build: BuildContext,
): Promise<{ readonly sprint: SprintRecord; readonly backlog: Backlog } | null> {
  const { services, request } = build;
  const { directory } = request;
  const backlog = await readBacklog(services.files, directory);
  const newest = (await readSprints(services.files, directory)).at(-1);
  if (newest?.status === "active" || newest?.status === "reviewed") {
    const open = backlog.stories.some(
      (story) =>
        newest.stories.includes(story.id) &&
        isOpen(story) &&
        blockersOf(backlog, story).length === 0,
    );
    if (newest.status === "active" && open) return { sprint: newest, backlog };
    await closeSprint(build);
  }
  if (nextStories(backlog, 1).length === 0) return null;
  if (newest?.status !== "planned")
    await planSprint(services, directory, request.maxStoriesPerSprint);
  const sprint = await startSprint(services, directory);
  return { sprint, backlog: await readBacklog(services.files, directory) };
}

async function closeSprint(build: BuildContext): Promise<void> {
  await reviewSprint(build.services, build.request.directory);
  await retroSprint(build.services, build.request.directory);
}
