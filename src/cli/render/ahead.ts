import type { RunResult } from "../../engine/autosd.ts";
import { formatDuration } from "../../kernel/duration.ts";
import type { Paint } from "../paint.ts";
import { printable, wrap } from "../text-width.ts";

const maxStale = 8;

/** What working ahead of turns brought: what was of use, what was thrown away and why. */
export function aheadLines(
  report: RunResult["parallelPrompts"],
  paint: Paint,
  columns: number,
): readonly string[] {
  if (report === undefined) return [];
  const { workers, prefetched, used, discarded, cut, stale, savedMs } = report;
  const facts = [
    `${workers} at once`,
    `${prefetched} fetched ahead`,
    `${used} used`,
    cut === 0 ? `${discarded} discarded` : `${discarded} discarded, ${cut} on the way`,
    `${formatDuration(savedMs)} saved`,
  ];
  const indent = " ".repeat(9);
  const lines = stale.slice(0, maxStale).flatMap(({ story, because, accepted }) => {
    const what = accepted ? "stale, accepted" : "stale, done again";
    const [first = "", ...rest] = wrap(
      printable(`${what}: ${because}`),
      Math.max(16, columns - indent.length),
    );
    return [
      `${paint.yellow("~")} ${story.padEnd(6)} ${first}`,
      ...rest.map((line) => `${indent}${line}`),
    ];
  });
  const more = stale.length - maxStale;
  return [
    facts.join(paint.dim(" · ")),
    ...lines,
    ...(more > 0 ? [paint.dim(`${indent}and ${more} more`)] : []),
  ];
}
