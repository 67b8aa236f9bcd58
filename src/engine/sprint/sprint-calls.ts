import type { Autosd } from "../autosd.ts";
import type { Exclusively } from "../backlog/backlog-calls.ts";
import { isOwnRecord, type KnownRecords } from "../projects/own-record.ts";
import { projectPaths } from "../projects/project-record.ts";
import { planSprint, startSprint, type SprintStepServices } from "./plan-sprint.ts";
import { retroSprint } from "./retro-sprint.ts";
import { reviewSprint } from "./review-sprint.ts";
import { type MetricsServices, readSprintMetrics } from "./sprint-metrics.ts";

export interface SprintServices extends SprintStepServices, MetricsServices {
  readonly exclusively: Exclusively;
  readonly own: KnownRecords["own"];
}

/** What commands ask about sprints, without `run`: that is a flow. */
export function createSprintCalls(services: SprintServices): Omit<Autosd["sprint"], "run"> {
  const { exclusively } = services;
  return {
    plan: (directory, maxStories) =>
      exclusively(
        directory,
        () => planSprint(services, directory, maxStories),
        "autosd sprint plan",
      ),
    start: (directory) =>
      exclusively(directory, () => startSprint(services, directory), "autosd sprint start"),
    review: (directory) =>
      exclusively(
        directory,
        async () => ({
          ...(await reviewSprint(services, directory)),
          provenHere: await isOwnRecord(services, directory, projectPaths.backlog),
        }),
        "autosd sprint review",
      ),
    retro: (directory) =>
      exclusively(directory, () => retroSprint(services, directory), "autosd sprint retro"),
    metrics: (directory) => readSprintMetrics(services, directory),
  };
}
