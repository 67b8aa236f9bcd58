/** Bounds the table of the longest common subsequence. */
const maxTable = 1_000_000;

/** A line of an edit's new text: taken over from the file, or written by the edit. */
export type MergedLine =
  | { readonly kind: "kept"; readonly text: string }
  /** `near`: index of the old line in whose place it stands. */
  | { readonly kind: "new"; readonly text: string; readonly near: number };

/**
 * The new lines of an edit, where those that the edit does not change are as the file has them:
 * a slip of the pen in a line that was only quoted must not get into the file.
 */
export function mergeLines(
  old: readonly string[],
  fresh: readonly string[],
  there: readonly string[],
): readonly MergedLine[] {
  const kept = commonLines(old, fresh);
  let near = 0;
  return fresh.map((text, index) => {
    const from = kept.get(index);
    const own = from === undefined ? undefined : there[from];
    if (from !== undefined) near = from + 1;
    return own === undefined ? { kind: "new", text, near } : { kind: "kept", text: own };
  });
}

/** Index in `fresh` -> index in `old`, of a longest common subsequence. */
function commonLines(
  old: readonly string[],
  fresh: readonly string[],
): ReadonlyMap<number, number> {
  const pairs = new Map<number, number>();
  if (old.length * fresh.length > maxTable) return pairs;
  const width = fresh.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1)
    for (let column = fresh.length - 1; column >= 0; column -= 1)
      table[row * width + column] =
        old[row] === fresh[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
  for (let row = 0, column = 0; row < old.length && column < fresh.length;) {
    if (old[row] === fresh[column]) {
      pairs.set(column, row);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}

/** New lines with the indentation of the place: as the old text's indentation became the file's. */
export function reindent(
  lines: readonly MergedLine[],
  old: readonly string[],
  there: readonly string[],
): readonly string[] {
  const learned = old.flatMap((line, index) => {
    const own = there[index] ?? "";
    if (line.trim() === "" || own.trim() === "") return [];
    return [{ index, from: indentOf(line), to: indentOf(own) }];
  });
  const isSame = learned.every(({ from, to }) => from === to);
  return lines.map((line) => {
    if (line.kind === "kept" || isSame || line.text.trim() === "") return line.text;
    // Where one indentation stands for two, the nearest line tells which is meant.
    const nearest = [...learned].sort(
      (a, b) => Math.abs(a.index - line.near) - Math.abs(b.index - line.near),
    );
    const known = new Map([...nearest].reverse().map(({ from, to }) => [from, to]));
    return indented(line.text, known, unitOf(old), unitOf(there));
  });
}

function indented(
  line: string,
  learned: ReadonlyMap<string, string>,
  oldUnit: string,
  ownUnit: string,
): string {
  const indent = indentOf(line);
  const rest = line.slice(indent.length);
  const exact = learned.get(indent);
  if (exact !== undefined) return exact + rest;
  // Deeper than a line that was seen: that line's indentation and as many steps more.
  const shallower = [...learned]
    .filter(([from]) => indent.startsWith(from))
    .sort(([left], [right]) => right.length - left.length)[0];
  if (shallower !== undefined) {
    const more = indent.slice(shallower[0].length);
    return shallower[1] + inUnits(more, oldUnit, ownUnit) + rest;
  }
  const deeper = [...learned].find(([from]) => from.startsWith(indent));
  if (deeper === undefined) return line;
  const less = inUnits(deeper[0].slice(indent.length), oldUnit, ownUnit);
  return deeper[1].slice(0, Math.max(0, deeper[1].length - less.length)) + rest;
}

function inUnits(indent: string, from: string, to: string): string {
  if (from === to || from === "" || to === "") return indent;
  const steps = Math.round(indent.length / from.length);
  return to.repeat(steps);
}

function indentOf(line: string): string {
  return /^[\t ]*/.exec(line)?.[0] ?? "";
}

/** One step of indentation: a tab, or the smallest step between two lines. */
function unitOf(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== "").map(indentOf);
  if (indents.some((indent) => indent.includes("\t"))) return "\t";
  const widths = [...new Set(indents.map((indent) => indent.length))].sort((a, b) => a - b);
  const steps = widths.slice(1).map((width, index) => width - (widths[index] ?? 0));
  const smallest = Math.min(...steps, ...widths.filter((width) => width > 0));
  return Number.isFinite(smallest) ? " ".repeat(smallest) : "";
}
