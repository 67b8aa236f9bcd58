import type { RefineResult } from "../../engine/autosd.ts";
import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { printable } from "../text-width.ts";

/** What the requirements became, and each sentence that leads to no story. */
export function renderRefinement(
  result: RefineResult,
  asked: { readonly check: boolean },
  output: Output,
): string {
  const paint = createPaint(output.color);
  const { refined, gaps } = result;
  const open = refined.stories.filter((story) => story.unimplementable !== undefined);
  return [
    `${paint.bold(printable(refined.title))}: ${storyCount(refined.stories.length)}`,
    ...open.map(
      (story) =>
        `  ${paint.yellow("–")} ${story.id} ${printable(story.title)}: ${printable(story.unimplementable ?? "")}`,
    ),
    ...gapLines(gaps, output),
    "",
    `${asked.check ? "Checked" : "Written"}: ${printable(result.file)}`,
    ...(result.next === undefined ? [] : [`Build it: ${printable(result.next)}`]),
    "",
  ].join("\n");
}

function storyCount(count: number): string {
  return count === 1 ? "1 story" : `${count} stories`;
}

function gapLines(gaps: RefineResult["gaps"], output: Output): readonly string[] {
  const paint = createPaint(output.color);
  if (gaps.length === 0) return [`  ${paint.green("✓")} every sentence is traced`];
  return [
    `  ${paint.yellow("✗")} ${gaps.length} ${gaps.length === 1 ? "sentence leads" : "sentences lead"} to no story:`,
    ...gaps.flatMap((gap) => [
      `    ${gap.sentence}, line ${gap.line}: “${printable(gap.text)}”`,
      `      ${paint.dim(printable(gap.reason))}`,
    ]),
  ];
}
