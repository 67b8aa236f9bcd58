import type { Story } from "../../delivery/backlog/backlog.ts";
import { nextStories } from "../../delivery/backlog/next-stories.ts";
import { type Clock, isoTime } from "../../kernel/clock.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { SprintRecord } from "../autosd.ts";
import { readBacklog, writeBacklog } from "../backlog/backlog-record.ts";
import { SprintError } from "./errors.ts";
import { newestSprint, readSprints, recordSprint } from "./sprint-record.ts";

/** What the steps of a sprint work with. Each step can be repeated: a second time changes nothing more. */
export interface SprintStepServices {
  readonly files: ProjectFiles;
  readonly clock: Clock;
}

/**
 * Plans the next sprint out of the stories that can be done next, at most `maxStories`. A sprint
 * that is planned and not started is planned anew. AUTOSD-SPRINT-OPEN while one is running,
 * AUTOSD-SPRINT-EMPTY when no story is ready.
 */
export async function planSprint(
  services: SprintStepServices,
  directory: string,
  maxStories: number,
): Promise<SprintRecord> {
  const { files, clock } = services;
  const backlog = await readBacklog(files, directory);
  const sprints = await readSprints(files, directory);
  const newest = sprints.at(-1);
  if (newest?.status === "active" || newest?.status === "reviewed")
    throw stillOpen(newest, directory);
  const stories = nextStories(backlog, maxStories);
  if (stories.length === 0) throw nothingReady(backlog.stories, directory);
  const sprint: SprintRecord = {
    schema: "autosd/sprint@1",
    id: newest?.status === "planned" ? newest.id : `sprint-${sprints.length + 1}`,
    goal: goalOf(stories),
    status: "planned",
    stories: stories.map((story) => story.id),
    plannedPoints: stories.reduce((sum, story) => sum + story.points, 0),
    startedAt: null,
    endedAt: null,
  };
  await recordSprint(files, directory, sprint, {
    event: "planned",
    atMs: clock.now(),
    points: sprint.plannedPoints,
  });
  return sprint;
}

/** Starts the planned sprint and marks its stories with it. A running sprint is returned as it is. */
export async function startSprint(
  services: SprintStepServices,
  directory: string,
): Promise<SprintRecord> {
  const { files, clock } = services;
  const sprint = await newestSprint(files, directory);
  if (sprint.status === "active") return sprint;
  if (sprint.status !== "planned") {
    throw new SprintError(
      "AUTOSD-SPRINT-NONE",
      `${sprint.id} is ${sprint.status}; no sprint is planned.`,
      {
        remedy: `autosd sprint plan --project ${directory}`,
      },
    );
  }
  const atMs = clock.now();
  const backlog = await readBacklog(files, directory);
  const members = new Set(sprint.stories);
  await writeBacklog(files, directory, {
    ...backlog,
    updatedAt: isoTime(atMs),
    stories: backlog.stories.map((story) =>
      members.has(story.id) ? { ...story, sprint: sprint.id } : story,
    ),
  });
  const started: SprintRecord = { ...sprint, status: "active", startedAt: isoTime(atMs) };
  await recordSprint(files, directory, started, {
    event: "started",
    atMs,
    points: sprint.plannedPoints,
  });
  return started;
}

/** One line: what the sprint brings, by the titles of its stories. */
function goalOf(stories: readonly Story[]): string {
  const named = stories.slice(0, 3).map((story) => story.title);
  const more = stories.length - named.length;
  return more > 0 ? `${named.join("; ")} and ${more} more` : named.join("; ");
}

function stillOpen(sprint: SprintRecord, directory: string): SprintError {
  const step = sprint.status === "active" ? "review" : "retro";
  return new SprintError("AUTOSD-SPRINT-OPEN", `${sprint.id} is ${sprint.status}, not closed.`, {
    remedy: `autosd sprint ${step} --project ${directory}`,
    details: { sprint: sprint.id, status: sprint.status },
  });
}

function nothingReady(stories: readonly Story[], directory: string): SprintError {
  const done = stories.filter((story) => story.status === "done").length;
  const message =
    done === stories.length
      ? `All ${done} stories are done.`
      : `${done} of ${stories.length} stories are done; the others failed, cannot be built yet or wait for those.`;
  return new SprintError("AUTOSD-SPRINT-EMPTY", message, {
    remedy: `autosd backlog show --project ${directory}`,
  });
}
