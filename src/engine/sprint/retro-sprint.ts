import type { Backlog } from "../../delivery/backlog/backlog.ts";
import type { SprintMetrics, SprintRecord } from "../autosd.ts";
import { readBacklog } from "../backlog/backlog-record.ts";
import { shownPath, writeRecord } from "../projects/project-record.ts";
import { SprintError } from "./errors.ts";
import type { SprintStepServices } from "./plan-sprint.ts";
import { renderRetro } from "./render-retro.ts";
import { judgeSprint } from "./review-sprint.ts";
import { figuresOf, type MetricsServices, readSprintMetrics } from "./sprint-metrics.ts";
import { newestSprint, readSprintLog, recordSprint, sprintPath } from "./sprint-record.ts";

/**
 * Closes the reviewed sprint: freezes its figures in `metrics.json` and writes `retro.md`. For a
 * closed sprint it only says what was recorded. AUTOSD-SPRINT-NOT-REVIEWED before the review.
 */
export async function retroSprint(
  services: SprintStepServices & MetricsServices,
  directory: string,
): Promise<{ readonly file: string; readonly metrics: SprintMetrics }> {
  const { files } = services;
  const sprint = await newestSprint(files, directory);
  if (sprint.status === "planned" || sprint.status === "active")
    throw notReviewed(sprint, directory);
  if (sprint.status === "reviewed") {
    const backlog = await readBacklog(files, directory);
    await closeSprint(services, directory, sprint, backlog);
  }
  const metrics = await readSprintMetrics(services, directory);
  return { file: shownPath(directory, sprintPath(sprint.id, "retro.md")), metrics };
}

async function closeSprint(
  services: SprintStepServices & MetricsServices,
  directory: string,
  sprint: SprintRecord,
  backlog: Backlog,
): Promise<void> {
  const { files, clock } = services;
  const figures = figuresOf(sprint, backlog);
  await writeRecord(
    files,
    { directory, path: sprintPath(sprint.id, "metrics.json") },
    { schema: "autosd/sprint-figures@1", figures },
  );
  const events = (await readSprintLog(files, directory)).filter((one) => one.sprint === sprint.id);
  const { runSuccess } = await readSprintMetrics(services, directory);
  const text = renderRetro({
    sprint,
    figures,
    review: judgeSprint(sprint, backlog),
    stories: backlog.stories.filter((story) => sprint.stories.includes(story.id)),
    events,
    runSuccess,
  });
  await files.write(directory, sprintPath(sprint.id, "retro.md"), text);
  // The status comes last: until then a repeat does all of it again.
  await recordSprint(
    files,
    directory,
    { ...sprint, status: "closed" },
    { event: "closed", atMs: clock.now(), points: figures.donePoints },
  );
}

function notReviewed(sprint: SprintRecord, directory: string): SprintError {
  if (sprint.status === "planned") {
    return new SprintError("AUTOSD-SPRINT-NOT-STARTED", `${sprint.id} is not started.`, {
      remedy: `autosd sprint start --project ${directory}`,
    });
  }
  return new SprintError("AUTOSD-SPRINT-NOT-REVIEWED", `${sprint.id} is not reviewed.`, {
    remedy: `autosd sprint review --project ${directory}`,
  });
}
