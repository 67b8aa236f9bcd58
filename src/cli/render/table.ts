import type { Output } from "../context.ts";
import { createPaint } from "../paint.ts";
import { displayWidth, fit, pad, printable } from "../text-width.ts";

const gap = "  ";
const narrowestColumn = 8;

/**
 * Rows under headings, columns as wide as their text. Cells must be plain text: they are made safe
 * here. When the terminal is too narrow the widest column is cut; text that is piped is never cut.
 */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  output: Output,
): string {
  const paint = createPaint(output.color);
  const cells = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, column) =>
    Math.max(displayWidth(heading), ...cells.map((row) => displayWidth(row[column] ?? ""))),
  );
  if (output.isTerminal) narrow(widths, output.columns() - gap.length * (headings.length - 1));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) => pad(fit(text, widths[column] ?? 0), widths[column] ?? 0))
      .join(gap)
      .trimEnd();
  return [paint.dim(line(headings)), ...cells.map(line), ""].join("\n");
}

/** Takes cells off the widest column until the row fits or nothing more can go. */
function narrow(widths: number[], available: number): void {
  for (;;) {
    const excess = widths.reduce((sum, width) => sum + width, 0) - available;
    const widest = Math.max(...widths);
    if (excess <= 0 || widest <= narrowestColumn) return;
    const column = widths.indexOf(widest);
    const second = Math.max(narrowestColumn, ...widths.filter((_, index) => index !== column));
    widths[column] = Math.max(narrowestColumn, widest - excess, Math.min(second, widest - 1));
  }
}
