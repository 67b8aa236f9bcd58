import type { RunResult } from "../../engine/autosd.ts";
import { formatDuration } from "../../kernel/duration.ts";
import type { Output } from "../context.ts";
import { createPaint, type Paint } from "../paint.ts";
import { fit, printable, wrap } from "../text-width.ts";
import { aheadLines } from "./ahead.ts";
import { changeLines } from "./requirements-change.ts";
import { shortCommit, statusMark, statusNames } from "./story-marks.ts";

type ResultStory = RunResult["stories"][number];

/** Sentences of a story that are quoted; the rest is counted. */
const maxQuotedSentences = 3;
/** Paragraphs that are piped are wrapped as for a wide terminal. */
const pipedColumns = 100;

/** Cells of one line, cut when it is longer, and of the lines of a paragraph. */
interface Width {
  readonly line: number;
  readonly paragraph: number;
}

/** What a run came to, for a person who must decide what to do next. */
export function renderSummary(result: RunResult, output: Output): string {
  const paint = createPaint(output.color);
  const width: Width = output.isTerminal
    ? { line: Math.max(24, output.columns()), paragraph: Math.max(24, output.columns()) }
    : { line: Number.POSITIVE_INFINITY, paragraph: pipedColumns };
  const built = result.stories.filter((story) => story.status === "done");
  const open = result.stories.filter((story) => story.status !== "done");
  const lines = [
    ...headline(result, built.length, paint),
    ...section("Start it", startLines(result), paint),
    ...section("Branch", branchLines(result), paint),
    ...section("Changed", changeLines(result.change, paint, width.paragraph - 4), paint),
    ...section(
      "Built",
      built.map((story) => storyLine(story, paint, width)),
      paint,
    ),
    ...section(
      result.outcome === "planned" ? "To build" : "Not built",
      open.flatMap((story) => openStory(story, paint, width)),
      paint,
    ),
    ...section("Denied", deniedLines(result, paint, width), paint),
    ...section("Not proven", notProvenLines(result, paint, width), paint),
    ...section("Not green", redGates(result, paint, width), paint),
    ...section("Ahead", aheadLines(result.parallelPrompts, paint, width.paragraph - 4), paint),
    ...section("More", moreLines(result, paint), paint),
  ];
  return `${lines.join("\n")}\n`;
}

function headline(result: RunResult, built: number, paint: Paint): readonly string[] {
  const title = paint.bold(printable(result.title));
  const facts = [
    `${built} of ${result.stories.length} stories`,
    count(result.stories.filter((story) => story.commit !== undefined).length, "commit"),
    count(result.testsRun, "test"),
    formatDuration(result.durationsMs.total),
  ].join(paint.dim(" · "));
  return ["", `${verdict(result, paint)} ${title}`, `  ${facts}`];
}

function verdict(result: RunResult, paint: Paint): string {
  switch (result.outcome) {
    case "verified":
      return `${paint.green("✓ verified")} `;
    case "incomplete":
      return `${paint.yellow("✗ incomplete")} `;
    case "planned":
      return `${paint.cyan("· planned")} `;
  }
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  if (lines.length === 0) return [];
  return ["", `  ${paint.bold(title)}`, ...lines.map((line) => `    ${line}`)];
}

function startLines(result: RunResult): readonly string[] {
  if (result.howToStart.length === 0) return [];
  return [`cd ${quoted(result.directory)}`, ...result.howToStart.map(printable)];
}

/** What was built lies on a branch; taking it is the person's to do. */
function branchLines({ branch, directory }: RunResult): readonly string[] {
  if (branch === undefined) return [];
  const { name, comparedWith, commands } = branch;
  if (commands !== null)
    return [printable(name), printable(commands.look), printable(commands.take)];
  if (name === comparedWith) return [`${printable(name)}, which is checked out`];
  return [`${printable(name)} was not made: nothing was committed in ${printable(directory)}`];
}

function storyLine(story: ResultStory, paint: Paint, width: Width): string {
  const commit = story.commit === undefined ? "" : `  ${paint.dim(shortCommit(story.commit))}`;
  const room = width.line - 4 - 2 - 7 - (commit === "" ? 0 : 10);
  const title = fit(printable(story.title), Math.max(8, room));
  return `${statusMark(story.status, paint)} ${story.id.padEnd(6)} ${title}${commit}`;
}

/** What stories asked for and did not get: whatever they are now, they are without it. */
function deniedLines(result: RunResult, paint: Paint, width: Width): readonly string[] {
  return result.stories.flatMap(({ id, denials = [] }) =>
    denials.flatMap(({ action, code, remedy }) =>
      wrap(
        printable(`${id} asked for ${action}, which was denied and not done (${code}). ${remedy}`),
        Math.max(16, width.paragraph - 6),
      ).map((part, at) => (at === 0 ? `${paint.yellow("!")} ${part}` : `  ${part}`)),
    ),
  );
}

function openStory(story: ResultStory, paint: Paint, width: Width): readonly string[] {
  const indent = " ".repeat(9);
  const text = (line: string) =>
    wrap(printable(line), Math.max(16, width.paragraph - 4 - indent.length)).map(
      (part) => indent + part,
    );
  const why =
    story.reason === undefined
      ? story.status === "ready"
        ? []
        : text(`It is ${statusNames[story.status]}.`)
      : text(story.reason);
  const quotes = story.sentences
    .slice(0, maxQuotedSentences)
    .flatMap((sentence) => text(`${sentence.id} “${sentence.text}”`).map(paint.dim));
  const rest = story.sentences.length - maxQuotedSentences;
  return [
    storyLine(story, paint, width),
    ...why,
    ...quotes,
    ...(rest > 0 ? [paint.dim(`${indent}and ${count(rest, "more sentence")}`)] : []),
  ];
}

/** What was asked of the whole product and no test shows: said, so that nobody takes it for done. */
function notProvenLines(result: RunResult, paint: Paint, width: Width): readonly string[] {
  const indent = " ".repeat(2);
  const text = (line: string) =>
    wrap(printable(line), Math.max(16, width.paragraph - 4 - indent.length)).map(
      (part) => indent + part,
    );
  return (result.notProven ?? []).flatMap((one) => {
    const [first = "", ...rest] = text(`${one.sentences.join(", ")} “${one.statement}”`);
    return [
      `${paint.yellow("?")} ${first.trimStart()}`,
      ...rest,
      ...text(one.reason).map(paint.dim),
    ];
  });
}

function redGates(result: RunResult, paint: Paint, width: Width): readonly string[] {
  return result.projectGates
    .filter((one) => one.verdict !== "green")
    .map((one) => {
      const text = fit(printable(one.finding), Math.max(16, width.line - 24));
      return `${paint.red("✗")} ${one.gate} is ${one.verdict}: ${text}`;
    });
}

function moreLines(result: RunResult, paint: Paint): readonly string[] {
  const { install, gates, autosd } = result.durationsMs;
  const row = (name: string, value: string) => `${paint.dim(name.padEnd(9))} ${value}`;
  return [
    row("folder", printable(result.directory)),
    row("evidence", printable(`${result.directory}/.autosd`)),
    ...(result.head === undefined ? [] : [row("head", shortCommit(result.head))]),
    row("run", result.runId),
    row(
      "time",
      `install ${formatDuration(install)}, gates ${formatDuration(gates)}, autosd ${formatDuration(autosd)}`,
    ),
    ...(result.resume === undefined ? [] : [row("resume", printable(result.resume))]),
  ];
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

/** As a shell takes it: plain when it can be, in single quotes otherwise. */
function quoted(path: string): string {
  const shown = printable(path);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
