import { z } from "zod";
import { isoTime } from "../../kernel/clock.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { SprintRecord } from "../autosd.ts";
import {
  parseRecord,
  projectPaths,
  readRecord,
  shownPath,
  writeRecord,
} from "../projects/project-record.ts";
import { SprintError } from "./errors.ts";

/** Sprints looked at; a project that has more has a damaged folder. */
const maxSprints = 10_000;

const sprintId = z.string().regex(/^sprint-[1-9][0-9]{0,4}$/);

/** `.autosd/sprints/<id>/plan.json`. */
const sprintSchema = z.object({
  schema: z.literal("autosd/sprint@1"),
  id: sprintId,
  goal: z.string(),
  status: z.enum(["planned", "active", "reviewed", "closed"]),
  stories: z.array(z.string()),
  plannedPoints: z.number().int().nonnegative(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});

/** One line of `.autosd/sprint_log.jsonl`. */
const sprintEventSchema = z.object({
  schema: z.literal("autosd/sprint-event@1"),
  at: z.string(),
  sprint: sprintId,
  event: z.enum(["planned", "started", "reviewed", "closed"]),
  stories: z.array(z.string()),
  points: z.number().int().nonnegative(),
});
export type SprintEvent = z.infer<typeof sprintEventSchema>;

/** Path of a file of a sprint below `.autosd`. */
export function sprintPath(
  id: string,
  file: "plan.json" | "review.json" | "metrics.json" | "retro.md",
): string {
  return `sprints/${id}/${file}`;
}

/** All sprints of a project, oldest first. A damaged one is AUTOSD-RECORD-INVALID. */
export async function readSprints(
  files: ProjectFiles,
  directory: string,
): Promise<readonly SprintRecord[]> {
  const sprints: SprintRecord[] = [];
  for (let number = 1; number <= maxSprints; number += 1) {
    const path = sprintPath(`sprint-${number}`, "plan.json");
    const sprint = await readRecord(files, { directory, path }, sprintSchema);
    if (sprint === undefined) return sprints;
    sprints.push(sprint);
  }
  return sprints;
}

/** The newest sprint; AUTOSD-SPRINT-NONE without any. */
export async function newestSprint(files: ProjectFiles, directory: string): Promise<SprintRecord> {
  const sprint = (await readSprints(files, directory)).at(-1);
  if (sprint === undefined) {
    throw new SprintError("AUTOSD-SPRINT-NONE", `${directory} has no sprint yet.`, {
      remedy: `autosd sprint plan --project ${directory}`,
    });
  }
  return sprint;
}

/**
 * Writes the sprint's record and what happened to the log. The log comes first: after a crash
 * between the two the step is repeated, and an event twice is harmless where a lost one is not.
 */
export async function recordSprint(
  files: ProjectFiles,
  directory: string,
  sprint: SprintRecord,
  happened: {
    readonly event: SprintEvent["event"];
    readonly atMs: number;
    readonly points: number;
  },
): Promise<void> {
  const event: SprintEvent = {
    schema: "autosd/sprint-event@1",
    at: isoTime(happened.atMs),
    sprint: sprint.id,
    event: happened.event,
    stories: [...sprint.stories],
    points: happened.points,
  };
  await files.append(directory, projectPaths.sprintLog, JSON.stringify(event));
  await writeRecord(files, { directory, path: sprintPath(sprint.id, "plan.json") }, sprint);
}

/** The sprint log, oldest first. A line that is no event is AUTOSD-RECORD-INVALID and names its number. */
export async function readSprintLog(
  files: ProjectFiles,
  directory: string,
): Promise<readonly SprintEvent[]> {
  const text = await files.read(directory, projectPaths.sprintLog);
  const file = shownPath(directory, projectPaths.sprintLog);
  return (text ?? "")
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, number }) => parseRecord(line, `${file}:${number}`, sprintEventSchema));
}
