import type { Autosd } from "../../engine/autosd.ts";
import { isoTime } from "../../kernel/clock.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { renderBacklog } from "./backlog.ts";
import { renderTable } from "./table.ts";

type Status = Awaited<ReturnType<Autosd["projects"]["status"]>>;
type Project = Status["project"];
type Counts = Awaited<ReturnType<Autosd["projects"]["summary"]>>;

/** Projects as a table. */
export function renderProjects(
  projects: readonly Project[],
  more: boolean,
  output: Output,
): string {
  if (projects.length === 0) return "No projects.\n";
  const table = renderTable(
    ["Project", "Status", "Health", "Stories", "Platform", "Title"],
    projects.map((project) => [
      project.id,
      project.status,
      project.health,
      `${project.storiesDone}/${project.storiesTotal}`,
      project.platform,
      project.title,
    ]),
    output,
  );
  return more ? `${table}\nThere are more: --limit N or --all.\n` : table;
}

/** One project, with its backlog and newest run when they are known. */
export function renderProject(
  status: { readonly project: Project } & Partial<Status>,
  output: Output,
): string {
  const paint = createPaint(output.color);
  const { project, backlog, lastRun } = status;
  const row = (name: string, value: string) => `  ${paint.dim(name.padEnd(9))} ${printable(value)}`;
  return [
    `${paint.bold(printable(project.title))} (${project.id})`,
    row("status", project.status),
    row("health", project.health),
    row("stories", `${project.storiesDone} of ${project.storiesTotal} done`),
    row("platform", project.platform),
    row("folder", project.directory),
    row("changed", isoTime(project.updatedAtMs)),
    ...(project.lastRunId === undefined
      ? []
      : [
          row(
            "last run",
            `${project.lastRunId}${lastRun === undefined ? "" : `, ${lastRun.status}`}`,
          ),
        ]),
    "",
    ...(backlog === undefined ? [] : [renderBacklog(backlog, output)]),
  ].join("\n");
}

/** Counts by status and health. */
export function renderPortfolio(counts: Counts, output: Output): string {
  const total = counts.reduce((sum, row) => sum + row.count, 0);
  if (total === 0) return "No projects.\n";
  const table = renderTable(
    ["Status", "Health", "Projects"],
    counts.map((row) => [row.status, row.health, String(row.count)]),
    output,
  );
  return `${table}\n${total} in all\n`;
}
