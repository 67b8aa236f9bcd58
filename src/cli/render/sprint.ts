import type { Provenance, SprintMetrics, SprintRecord, SprintReview } from "../../engine/autosd.ts";
import { formatDuration } from "../../kernel/duration.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { notProvenHere } from "./story-marks.ts";
import { renderTable } from "./table.ts";

/** What to do with a sprint next, by where it is. */
const nextSteps: Readonly<Record<SprintRecord["status"], string>> = {
  planned: "autosd sprint start",
  active: "autosd sprint review",
  reviewed: "autosd sprint retro",
  closed: "autosd sprint plan",
};

/** A sprint in four lines. */
export function renderSprint(sprint: SprintRecord, output: Output): string {
  const paint = createPaint(output.color);
  return [
    `${paint.bold(sprint.id)} is ${sprint.status}: ${printable(sprint.goal)}`,
    `  stories  ${sprint.stories.join(" ")}`,
    `  points   ${sprint.plannedPoints}`,
    `  next     ${nextSteps[sprint.status]}`,
    "",
  ].join("\n");
}

/** Which stories are done, and what each of the others lacks. */
export function renderReview(review: SprintReview & Provenance, output: Output): string {
  const paint = createPaint(output.color);
  const done = review.stories.filter((story) => story.done).length;
  return [
    `${paint.bold(review.sprint)}: ${done} of ${review.stories.length} stories done, ${review.donePoints} points`,
    ...(review.provenHere ? [] : [paint.yellow(notProvenHere)]),
    ...review.stories.flatMap((story) => [
      `  ${story.done ? paint.green("✓") : paint.red("✗")} ${story.id} ${printable(story.title)}`,
      ...story.missing.map((text) => `      ${printable(text)}`),
    ]),
    `  next     autosd sprint retro`,
    "",
  ].join("\n");
}

/** One row a sprint, then velocity and the share of runs that succeeded. */
export function renderMetrics(metrics: SprintMetrics, output: Output): string {
  const table = renderTable(
    ["Sprint", "Points", "Stories", "First try", "Attempts", "Time"],
    metrics.sprints.map((sprint) => [
      sprint.id,
      `${sprint.donePoints}/${sprint.plannedPoints}`,
      `${sprint.storiesDone}/${sprint.storiesTotal}`,
      String(sprint.firstAttemptGreen),
      String(sprint.attempts),
      sprint.durationMs === null ? "" : formatDuration(sprint.durationMs),
    ]),
    output,
  );
  const velocity =
    metrics.velocity === null
      ? "no closed sprint yet"
      : String(Math.round(metrics.velocity * 10) / 10);
  const success =
    metrics.runSuccess === null ? "no run yet" : `${Math.round(metrics.runSuccess * 1_000) / 10} %`;
  return `${table}\nvelocity     ${velocity}\nrun success  ${success}\n`;
}
