import { HttpProblem } from "./problem.ts";

/** A column of a CSV file and how its cells are written. */
export interface CsvColumn {
  readonly name: string;
  readonly kind: "text" | "number" | "flag" | "list";
}

const lineEnd = "\r\n";
// A spreadsheet takes a cell that starts so for a formula. Apostrophes before it are counted in,
// so that what is put in front on the way out can be taken off again on the way in.
const formula = /^'*[=+\-@\t\r]/;
const guardedFormula = /^'+[=+\-@\t\r]/;

/** The header line. */
export function csvHead(columns: readonly CsvColumn[]): string {
  return columns.map(({ name }) => quoted(name)).join(",") + lineEnd;
}

/** One line of RFC 4180. Absent values are empty cells. */
export function csvLine(columns: readonly CsvColumn[], record: object): string {
  const values = new Map<string, unknown>(Object.entries(record));
  return columns.map((column) => cellOf(column, values.get(column.name))).join(",") + lineEnd;
}

function cellOf(column: CsvColumn, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (column.kind === "number" || column.kind === "flag") return String(value);
  const text = column.kind === "list" ? listText(value as readonly string[]) : String(value);
  return quoted(formula.test(text) ? `'${text}` : text);
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Items between semicolons; a backslash keeps a semicolon that is part of an item. */
function listText(items: readonly string[]): string {
  return items.map((item) => item.replaceAll(/[\\;]/g, "\\$&")).join(";");
}

function listItems(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|;)((?:\\.|[^;\\])*)/gs)].map((match) =>
    (match[1] ?? "").replaceAll(/\\(.)/gs, "$1"),
  );
}

/** Reads what `csvHead` and `csvLine` write, and what spreadsheets save. Unknown columns are refused. */
export function csvRecords(
  text: string,
  columns: readonly CsvColumn[],
): readonly Record<string, unknown>[] {
  const [head, ...rows] = csvRows(text.replace(/^\uFEFF/, ""));
  if (head === undefined) throw malformed("it has no header line");
  const known = head.map((name) => columns.find((column) => column.name === name.trim()));
  const unknown = head.find((_, index) => known[index] === undefined);
  if (unknown !== undefined) throw malformed(`it has a column that is not known: ${unknown}`);
  return rows.map((cells, index) => {
    if (cells.length !== known.length)
      throw malformed(`record ${index + 1} has ${cells.length} cells, not ${known.length}`);
    const members = cells.flatMap((cell, at) => {
      const column = known[at];
      return column === undefined || cell === "" ? [] : [[column.name, cellValue(column, cell)]];
    });
    return Object.fromEntries(members);
  });
}

/** Cells that are no number or flag stay text: validation then names them. */
function cellValue(column: CsvColumn, cell: string): unknown {
  if (column.kind === "number") return numberOrText(cell);
  if (column.kind === "flag") return cell === "true" || (cell === "false" ? false : cell);
  const text = guardedFormula.test(cell) ? cell.slice(1) : cell;
  return column.kind === "list" ? listItems(text) : text;
}

function numberOrText(cell: string): number | string {
  return /^\s*-?\d+(\.\d+)?\s*$/.test(cell) ? Number(cell) : cell;
}

function malformed(reason: string): HttpProblem {
  return new HttpProblem(400, "bad-request", `The CSV cannot be read: ${reason}.`);
}

/** Splits text into rows of cells. Quoted cells may hold commas, quotes and line breaks. */
function csvRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { cell, next } = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at);
    row.push(cell);
    at = next;
    if (text[at] === ",") {
      at += 1;
      // A line that ends in a comma has one more, empty cell.
      if (at < text.length && text[at] !== "\r" && text[at] !== "\n") continue;
      row.push("");
    }
    at += text.startsWith(lineEnd, at) ? 2 : 1;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

function plainCell(text: string, start: number): { cell: string; next: number } {
  let end = start;
  while (end < text.length && !",\r\n".includes(text.charAt(end))) end += 1;
  return { cell: text.slice(start, end), next: end };
}

function quotedCell(text: string, start: number): { cell: string; next: number } {
  let cell = "";
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw malformed("a quoted cell does not end");
    cell += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { cell, next: endOfCell(text, quote + 1) };
    cell += '"';
    at = quote + 2;
  }
}

function endOfCell(text: string, at: number): number {
  if (at < text.length && !",\r\n".includes(text.charAt(at)))
    throw malformed("there is text after a quoted cell");
  return at;
}
