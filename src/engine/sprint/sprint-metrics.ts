import { z } from "zod";
import type { Backlog } from "../../delivery/backlog/backlog.ts";
import { sprintFigures, velocityOf } from "../../delivery/backlog/metrics.ts";
import type { ProjectFiles } from "../../state/project-files.port.ts";
import type { SprintMetrics, SprintRecord } from "../autosd.ts";
import { readBacklog } from "../backlog/backlog-record.ts";
import type { EngineClient } from "../ports/run-engine.port.ts";
import { readRecord } from "../projects/project-record.ts";
import { readSprints, sprintPath } from "./sprint-record.ts";
import { partitionOf } from "../projects/partition.ts";

export type SprintFiguresRow = SprintMetrics["sprints"][number];

/** Newest runs that `runSuccess` looks at. */
const maxRuns = 1_000;

/** `.autosd/sprints/<id>/metrics.json`: the figures as they were when the sprint was closed. */
const sprintMetricsSchema = z.object({
  schema: z.literal("autosd/sprint-figures@1"),
  figures: z.object({
    id: z.string(),
    plannedPoints: z.number(),
    donePoints: z.number(),
    storiesDone: z.number(),
    storiesTotal: z.number(),
    firstAttemptGreen: z.number(),
    attempts: z.number(),
    durationMs: z.number().nullable(),
  }),
});

/** What the run flow leaves as its output, as far as metrics go. */
const runOutcomeSchema = z.object({ outcome: z.string() });

export interface MetricsServices {
  readonly files: ProjectFiles;
  /** Past runs, asked for by the partition of the project. */
  readonly runs: Pick<EngineClient, "list">;
}

/**
 * Figures of all sprints: a closed sprint keeps those it was closed with, others are computed from
 * the backlog's evidence now.
 */
export async function readSprintMetrics(
  services: MetricsServices,
  directory: string,
): Promise<SprintMetrics> {
  const { files } = services;
  const backlog = await readBacklog(files, directory);
  const sprints = await readSprints(files, directory);
  const rows: SprintFiguresRow[] = [];
  for (const sprint of sprints) {
    const path = sprintPath(sprint.id, "metrics.json");
    const closed =
      sprint.status === "closed"
        ? await readRecord(files, { directory, path }, sprintMetricsSchema)
        : undefined;
    rows.push(closed?.figures ?? figuresOf(sprint, backlog));
  }
  return {
    sprints: rows,
    velocity: velocityOf(
      rows.filter((_, index) => sprints[index]?.status === "closed").map((row) => row.donePoints),
    ),
    runSuccess: await runSuccess(services.runs, directory),
  };
}

/** A sprint's figures from the evidence that the backlog holds now. */
export function figuresOf(sprint: SprintRecord, backlog: Backlog): SprintFiguresRow {
  const members = new Set(sprint.stories);
  const stories = backlog.stories.filter((story) => members.has(story.id));
  const { startedAt, endedAt } = sprint;
  return {
    id: sprint.id,
    plannedPoints: sprint.plannedPoints,
    ...sprintFigures(stories, startedAt),
    storiesTotal: sprint.stories.length,
    durationMs:
      startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt),
  };
}

/** Share of ended runs that verified everything; null before the first. */
async function runSuccess(
  runs: Pick<EngineClient, "list">,
  directory: string,
): Promise<number | null> {
  const ended = await runs.list({
    partition: partitionOf(directory),
    flow: "run",
    status: ["succeeded", "failed"],
    limit: maxRuns,
  });
  if (ended.length === 0) return null;
  const verified = ended.filter((run) => {
    const output = runOutcomeSchema.safeParse(run.output);
    return run.status === "succeeded" && output.success && output.data.outcome === "verified";
  });
  return verified.length / ended.length;
}
