import {
  type Comparison,
  failureTitles,
  type LearnCalls,
  type LearnReport,
  type Proposal,
  type TemplateLessons,
  type WrittenTemplate,
} from "../../engine/learn/learn-calls.ts";
import type { Output } from "../context.ts";
import { createPaint, type Paint } from "../paint.ts";
import { printable } from "../text-width.ts";
import { renderTable } from "./table.ts";

/** What the journals teach. */
export function renderLearned(report: LearnReport, output: Output): string {
  const paint = createPaint(output.color);
  const read = report.projects.map(
    ({ id, records, damagedLines, problem }) =>
      `  ${printable(id)}: ${records} records${damagedLines > 0 ? `, ${damagedLines} damaged lines passed over` : ""}${problem === null ? "" : `; not read to its end: ${printable(problem)}`}`,
  );
  if (report.templates.length === 0)
    return ["No prompt of a language model is in the journals that were read.", ...read, ""].join(
      "\n",
    );
  return [
    paint.bold("Journals"),
    ...read,
    "",
    paint.bold("Prompts"),
    renderTable(usageHeadings, report.templates.map(usageRow), output),
    renderTable(endHeadings, report.templates.map(endRow), output),
    ...findingsPart(report, output, paint),
    ...comparisonPart(report.comparisons, paint),
    ...proposalPart(report, paint),
    paint.bold("Notes"),
    ...report.notes.map((note) => `  ${note}`),
    "",
  ].join("\n");
}

const usageHeadings = [
  ...["Prompt", "Calls", "Failed", "Tokens in", "Cached", "Tokens out"],
  ...["Cost", "Retries", "Broken off"],
];

function usageRow(one: TemplateLessons): readonly string[] {
  return [
    one.id,
    ...[one.calls, one.failedCalls, one.inputTokens, one.cachedTokens].map(String),
    ...[String(one.outputTokens), costOf(one), String(one.retries), String(one.brokenOff)],
  ];
}

const endHeadings = ["Prompt", "Attempts", "Verified", "Red gates", "Given up", "Open", "Models"];

function endRow(one: TemplateLessons): readonly string[] {
  const { good, rejected, failed, open } = one.ends;
  return [
    one.id,
    ...[one.attempts, good, rejected, failed, open].map(String),
    one.models.join(" "),
  ];
}

/** What is not known is said, never counted as nothing. */
function costOf({ calls, callsWithoutPrice, microusd }: TemplateLessons): string {
  if (calls > 0 && callsWithoutPrice === calls) return "unknown";
  const amount = `$${(microusd / 1_000_000).toFixed(4)}`;
  return callsWithoutPrice > 0 ? `${amount} + ${callsWithoutPrice} unknown` : amount;
}

function findingsPart(report: LearnReport, output: Output, paint: Paint): readonly string[] {
  const rows = report.templates.flatMap((template) =>
    template.findings.map(({ kind, count, attempts, tokens, places }) => [
      ...[template.id, failureTitles[kind].title, String(count), String(attempts), String(tokens)],
      places.map((at) => `${at.run}/${at.story}/${at.attempt}/${at.turn}`).join(" "),
    ]),
  );
  if (rows.length === 0) return [paint.bold("No failures were counted."), ""];
  const headings = ["Prompt", "Failure", "Times", "Attempts", "Tokens", "Run/story/attempt/turn"];
  return [paint.bold("Failures"), renderTable(headings, rows, output)];
}

const verdicts: Readonly<Record<Comparison["verdict"], string>> = {
  better: "better (5 % level)",
  worse: "worse (5 % level)",
  "no-difference-shown": "no difference is shown",
  "too-few": "too few to say anything",
  "other-models": "other models: not to be compared",
};

function comparisonPart(comparisons: readonly Comparison[], paint: Paint): readonly string[] {
  if (comparisons.length === 0) return [];
  const shown = (one: Comparison["before"]): string =>
    `${one.id} ${one.good} of ${one.judged} good, ${one.tokensPerAttempt ?? "unknown"} tokens each`;
  return [
    paint.bold("Versions"),
    ...comparisons.flatMap(({ before, after, verdict, minJudged }) => [
      `  ${shown(before)}`,
      `  ${shown(after)}: ${verdicts[verdict]}${verdict === "too-few" ? ` (${minJudged} each are needed)` : ""}`,
    ]),
    "",
  ];
}

const standings: Readonly<Record<Proposal["standing"], string>> = {
  proposed: "+",
  "there-already": "it is there already and did not keep it from happening:",
  "no-room": "there is no room for it; take back what did not help (--undo):",
};

function proposalPart(report: LearnReport, paint: Paint): readonly string[] {
  if (report.proposals.length === 0)
    return [paint.bold("Nothing is proposed."), `  In force: ${report.inForce.join(" ")}`, ""];
  return [
    paint.bold("Proposed"),
    ...report.proposals.flatMap((one) => [
      `  ${one.template}: ${one.remedy}`,
      `    ${standings[one.standing]} ${one.line}`,
      `    why: ${one.evidence}`,
      `    hoped for, not promised: ${one.expectation}`,
    ]),
    ...(report.proposals.some(({ standing }) => standing === "proposed")
      ? ["  Written with --update-templates, taken back with --undo."]
      : []),
    "",
  ];
}

/** New versions of templates. */
export function renderWritten(written: readonly WrittenTemplate[]): string {
  if (written.length === 0) return "Nothing is proposed, so nothing was written.\n";
  const lines = written.map(
    ({ id, file, base, remedies }) =>
      `${id} is in force: ${printable(file)}\n  ${base} and ${remedies.join(", ")}`,
  );
  return `${[...lines, "Take it back with the same command and --undo instead."].join("\n")}\n`;
}

/** What was taken back. */
export function renderUndone(back: Awaited<ReturnType<LearnCalls["undo"]>>): string {
  switch (back.kind) {
    case "nothing":
      return "Nothing was written that could be taken back.\n";
    case "changed":
      return `${printable(back.file)} was changed since; it is left alone.\n`;
    case "undone":
      return back.wasThere
        ? `${printable(back.change.id)} is taken back.\n`
        : `${printable(back.change.id)} was not there any more; the change log says so now.\n`;
  }
}
