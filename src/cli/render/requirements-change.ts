import type { RequirementsChange } from "../../engine/autosd.ts";
import type { Paint } from "../paint.ts";
import { printable, wrap } from "../text-width.ts";
import { shortCommit } from "./story-marks.ts";

/** What changed requirements did to what was built before; nothing when they did nothing. */
export function changeLines(
  change: RequirementsChange | undefined,
  paint: Paint,
  columns: number,
): readonly string[] {
  if (change === undefined) return [];
  const { removed, reopened, commit, problem } = change;
  const taken = commit === undefined ? "" : `  ${paint.dim(shortCommit(commit))}`;
  return [
    ...removed.map(({ id, title }) => `- ${id.padEnd(6)} removed: ${printable(title)}${taken}`),
    ...(reopened.length === 0 ? [] : wrap(`built again: ${reopened.join(", ")}`, columns)),
    ...(problem === undefined
      ? []
      : wrap(printable(problem), columns).map((line) => paint.red(line))),
  ];
}
