import type { Autosd } from "../../engine/autosd.ts";
import { isoTime } from "../../kernel/clock.ts";
import { formatDuration } from "../../kernel/duration.ts";
import type { Output } from "../context.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

type Shown = Awaited<ReturnType<Autosd["runs"]["show"]>>;
type Run = Shown["run"];

/** Runs as a table, newest first as given. */
export function renderRuns(runs: readonly Run[], output: Output): string {
  if (runs.length === 0) return "No runs.\n";
  return renderTable(
    ["Run", "Flow", "Status", "Started", "Last change", "Folder"],
    runs.map((run) => [
      run.runId,
      run.flow,
      run.status,
      time(run.createdAtMs),
      time(run.updatedAtMs),
      folderOf(run),
    ]),
    output,
  );
}

/** One run: how it ended, its steps, and how to go on. */
export function renderRun(run: Run, steps: Shown["steps"], output: Output): string {
  const error =
    run.error === undefined
      ? []
      : [
          `error     ${printable(run.error.message)} (${run.error.code})`,
          `remedy    ${printable(run.error.remedy)}`,
        ];
  const resumable = run.status === "interrupted" || run.status === "running";
  return [
    `${run.runId}: ${run.flow} in ${printable(folderOf(run))}, ${run.status}`,
    `started   ${time(run.createdAtMs)}, executed ${run.executions} times`,
    ...error,
    ...(resumable ? [`resume    autosd runs resume ${run.runId}`] : []),
    "",
    renderTable(
      ["#", "Step", "Kind", "State", "Time"],
      steps.map((step) => [
        String(step.position),
        step.name,
        step.kind,
        step.state,
        step.endedAtMs === undefined ? "" : formatDuration(step.endedAtMs - step.startedAtMs),
      ]),
      output,
    ),
  ].join("\n");
}

function time(epochMs: number): string {
  return `${isoTime(epochMs).slice(0, 19).replace("T", " ")} UTC`;
}

function folderOf(run: Run): string {
  return run.partition.replace(/^project:/, "");
}
