import type { Autosd } from "../../engine/autosd.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";

type HaltReport = Awaited<ReturnType<Autosd["halts"]["halt"]>>;
type ResumeReport = Awaited<ReturnType<Autosd["halts"]["resume"]>>;

/** What is stopped, whether the log knows, and the command that lifts it. */
export function renderHalt(report: HaltReport, output: Output): string {
  const paint = createPaint(output.color);
  const { halt, alreadyHalted, notRecorded, unknownProject } = report;
  const what = nameOf(halt.project);
  const reason = halt.reason === "" ? "" : ` (${printable(halt.reason)})`;
  const lift = halt.project === "*" ? "--all" : `--project ${halt.project}`;
  return [
    `${paint.red("halted")} ${what}${reason}${alreadyHalted ? ", as it was before" : ""}.`,
    ...(unknownProject === null ? [] : [paint.yellow(unknownWords(halt.project, unknownProject))]),
    "New work is refused; a run that is under way stops before its next step.",
    ...(notRecorded === null
      ? []
      : [
          paint.yellow(
            `The audit log does not know of it: ${printable(notRecorded.message)} (${notRecorded.code}). The halt holds. Repeat the command to record it.`,
          ),
        ]),
    `Lift it with: autosd resume ${lift}`,
    "",
  ].join("\n");
}

/** What goes on, and what still stops it. */
export function renderResume(report: ResumeReport, output: Output): string {
  const paint = createPaint(output.color);
  const what = nameOf(report.project);
  const lifted = report.wasHalted
    ? `${paint.green("lifted")} the halt of ${what}; entry ${report.seq ?? "?"}, signed by ${report.kid ?? "?"}.`
    : `${capital(what)} was not halted; nothing was changed.`;
  const still = report.stillHaltedByAll
    ? [paint.yellow("Every project is halted still: autosd resume --all")]
    : [];
  return [lifted, ...still, ""].join("\n");
}

function unknownWords(project: string, { near }: { readonly near: string | null }): string {
  const meant =
    near === null
      ? "The projects here: autosd projects list"
      : `Did you mean ${near}? autosd halt --project ${near}`;
  return `No project ${project} is known here. ${meant}`;
}

function nameOf(project: string): string {
  return project === "*" ? "every project" : `project ${project}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
