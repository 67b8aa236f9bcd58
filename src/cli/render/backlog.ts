import type { Autosd } from "../../engine/autosd.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { notProvenHere, shortCommit, statusNames, type Story } from "./story-marks.ts";
import { renderTable } from "./table.ts";

type Backlog = Awaited<ReturnType<Autosd["backlog"]["show"]>>;
type BacklogChange = Awaited<ReturnType<Autosd["backlog"]["refine"]>>;

/** The stories as a table, what is not done with its reason, and what to do next. */
export function renderBacklog(backlog: Backlog, output: Output): string {
  const paint = createPaint(output.color);
  const done = backlog.stories.filter((story) => story.status === "done");
  const table = renderTable(
    ["Story", "Status", "Points", "Needs", "Commit", "Title"],
    backlog.stories.map((story) => [
      story.id,
      statusNames[story.status],
      String(story.points),
      story.dependsOn.join(" "),
      story.commit === null ? "" : shortCommit(story.commit),
      story.title,
    ]),
    output,
  );
  const reasons = backlog.stories.flatMap((story) =>
    story.statusReason === undefined || story.status === "done"
      ? []
      : [`  ${story.id}: ${printable(story.statusReason)}`],
  );
  return [
    `${paint.bold(printable(backlog.project))}: ${done.length} of ${backlog.stories.length} stories done`,
    ...(backlog.provenHere ? [] : [paint.yellow(notProvenHere)]),
    "",
    table,
    ...(reasons.length === 0 ? [] : [...reasons, ""]),
  ].join("\n");
}

/** What a recomputed backlog gained and lost. */
export function renderBacklogChange(change: BacklogChange, output: Output): string {
  const paint = createPaint(output.color);
  const lines = (sign: string, stories: readonly Story[]) =>
    stories.map((story) => `  ${sign} ${story.id} ${printable(story.title)}`);
  const added = lines(paint.green("+"), change.added);
  const removed = lines(paint.red("-"), change.removed);
  const unchanged = added.length + removed.length === 0 ? ["  No story came or went."] : [];
  return [
    `${change.backlog.stories.length} stories in the backlog.`,
    ...added,
    ...removed,
    ...unchanged,
    "",
  ].join("\n");
}
