import type { Evidence, Story } from "../../delivery/backlog/backlog.ts";
import type { SprintRecord, SprintReview } from "../autosd.ts";
import type { SprintFiguresRow } from "./sprint-metrics.ts";
import type { SprintEvent } from "./sprint-record.ts";

/** Service levels that retrospectives report on: share of runs, share of first attempts. */
const targets = { runSuccess: 0.95, firstAttempt: 0.9 } as const;

export interface RetroFacts {
  readonly sprint: SprintRecord;
  readonly figures: SprintFiguresRow;
  readonly review: SprintReview;
  readonly stories: readonly Story[];
  readonly events: readonly SprintEvent[];
  readonly runSuccess: number | null;
}

/** Markdown of `retro.md`: every number in it is computed from recorded facts. */
export function renderRetro(facts: RetroFacts): string {
  const { sprint } = facts;
  return [
    `# Retrospective of ${sprint.id}`,
    "",
    cell(sprint.goal),
    "",
    ...figuresSection(facts),
    ...levelsSection(facts),
    ...notDoneSection(facts.review),
    ...gatesSection(facts.stories),
    ...logSection(facts.events),
  ].join("\n");
}

function figuresSection({ figures }: RetroFacts): readonly string[] {
  const duration = figures.durationMs === null ? "unknown" : `${seconds(figures.durationMs)} s`;
  return [
    "## Figures",
    "",
    "| Figure | Value |",
    "|---|---|",
    `| Stories done | ${figures.storiesDone} of ${figures.storiesTotal} |`,
    `| Points done | ${figures.donePoints} of ${figures.plannedPoints} |`,
    `| Attempts | ${figures.attempts} |`,
    `| Done at the first attempt | ${figures.firstAttemptGreen} |`,
    `| Duration | ${duration} |`,
    "",
  ];
}

function levelsSection({ figures, runSuccess }: RetroFacts): readonly string[] {
  const first =
    figures.storiesTotal === 0 ? null : figures.firstAttemptGreen / figures.storiesTotal;
  return [
    "## Service levels",
    "",
    "| Level | Target | Measured | Verdict |",
    "|---|---|---|---|",
    level("Run success", targets.runSuccess, runSuccess),
    level("Verified at the first attempt", targets.firstAttempt, first),
    "",
  ];
}

/** Unknown is not met. */
function level(name: string, target: number, measured: number | null): string {
  const verdict = measured === null ? "unknown" : measured >= target ? "met" : "missed";
  return `| ${name} | ${percent(target)} | ${measured === null ? "no data" : percent(measured)} | ${verdict} |`;
}

function notDoneSection(review: SprintReview): readonly string[] {
  const open = review.stories.filter((story) => !story.done);
  if (open.length === 0) return ["## Not done", "", "Nothing: every story is done.", ""];
  return [
    "## Not done",
    "",
    ...open.map((story) => `- ${story.id} ${cell(story.title)}: ${cell(story.missing.join(" "))}`),
    "",
  ];
}

function gatesSection(stories: readonly Story[]): readonly string[] {
  const evidence = stories.flatMap((story) => story.attempts.flatMap((one) => one.evidence));
  if (evidence.length === 0) return ["## Gates", "", "No gate was run.", ""];
  const byGate = new Map<string, Evidence[]>();
  for (const one of evidence) byGate.set(one.gate, [...(byGate.get(one.gate) ?? []), one]);
  const rows = [...byGate].map(([gate, runs]) => {
    const red = runs.filter((one) => one.verdict !== "green");
    const total = runs.reduce((sum, one) => sum + one.durationMs, 0);
    return `| ${cell(gate)} | ${runs.length} | ${red.length} | ${seconds(total)} | ${cell(red.at(-1)?.finding ?? "")} |`;
  });
  return [
    "## Gates",
    "",
    "| Gate | Runs | Not green | Seconds | Last finding |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ];
}

function logSection(events: readonly SprintEvent[]): readonly string[] {
  return [
    "## Log",
    "",
    ...events.map((one) => `- ${cell(one.at)} ${one.event}, ${one.points} points`),
    "",
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1_000).toFixed(1);
}

/** Text from requirements or tools must neither end a table cell nor be read as Markdown or HTML. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|&]/g, (mark) =>
      mark === "<" ? "&lt;" : mark === "&" ? "&amp;" : `\\${mark}`,
    );
}
