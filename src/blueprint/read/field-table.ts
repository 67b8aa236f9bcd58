import type { Sentence } from "../../delivery/requirements/document.ts";

/** What the columns of a table hold that describes fields or features. */
export interface FieldRow {
  readonly entity: string | undefined;
  readonly name: string;
  readonly type: string;
  readonly required: string;
  readonly unique: string;
  readonly initial: string;
  readonly rules: readonly string[];
}

type Column =
  "entity" | "name" | "type" | "required" | "unique" | "initial" | "rules" | "example" | "fields";

/** Header words, singular, lower case. */
const columns: Readonly<Record<Column, readonly string[]>> = {
  entity: [
    "entity",
    "thing",
    "object",
    "resource",
    "table",
    "record",
    "belongs to",
    "of what",
    "what it is about",
    "model",
  ],
  name: [
    "field",
    "name",
    "attribute",
    "property",
    "column",
    "information",
    "data",
    "detail",
    "field name",
    "what we keep",
    "what we record",
    "what we note",
    "what",
    "item",
    "label",
    "we keep",
    "what is stored",
  ],
  type: [
    "type",
    "kind",
    "format",
    "data type",
    "kind of value",
    "datatype",
    "what kind",
    "value",
    "sort of value",
    "content",
    "what goes in",
  ],
  required: [
    "required",
    "mandatory",
    "needed",
    "must have",
    "compulsory",
    "required?",
    "mandatory?",
    "must it be there",
    "optional",
    "optional?",
    "needed?",
    "obligatory",
  ],
  unique: ["unique", "unique?"],
  initial: ["default", "initial value", "default value", "starts as", "initially", "at first"],
  rules: [
    "rule",
    "rules",
    "note",
    "notes",
    "constraint",
    "constraints",
    "limit",
    "limits",
    "remark",
    "remarks",
    "validation",
    "restriction",
    "restrictions",
    "condition",
    "conditions",
    "comment",
    "comments",
    "allowed values",
    "values",
    "length",
    "range",
    "allowed",
    "description",
    "meaning",
    "remarks and limits",
    "what we expect of it",
  ],
  example: ["example", "examples", "for example", "e.g."],
  fields: [
    "fields",
    "attributes",
    "properties",
    "what we keep about it",
    "what it has",
    "information kept",
    "data kept",
  ],
};

function columnOf(header: string): Column | undefined {
  const word = header.toLowerCase().trim();
  for (const [column, names] of Object.entries(columns)) {
    if (names.includes(word)) return isColumn(column) ? column : undefined;
  }
  return undefined;
}

function isColumn(name: string): name is Column {
  return name in columns;
}

/** True when rows of this table describe one field each. */
export function isFieldTable(sentence: Sentence): boolean {
  const found = new Set(Object.keys(sentence.cells ?? {}).map(columnOf));
  return (
    found.has("name") &&
    (found.has("type") || found.has("required") || found.has("rules") || found.has("initial"))
  );
}

/** True when rows of this table describe one entity each, its fields in a cell. */
export function isEntityTable(sentence: Sentence): boolean {
  const found = new Set(Object.keys(sentence.cells ?? {}).map(columnOf));
  return (found.has("entity") || found.has("name")) && found.has("fields");
}

/** A row that describes a whole entity. */
export interface EntityRow {
  readonly entity: string;
  readonly fields: string;
  readonly rest: readonly string[];
}

/** The row by the meaning of its headers; `rest` holds cells of unknown headers. */
export function entityRow(sentence: Sentence): EntityRow {
  const cells = cellsOf(sentence);
  return {
    entity: [...(cells.get("entity") ?? []), ...(cells.get("name") ?? [])][0] ?? "",
    fields: (cells.get("fields") ?? []).join(", "),
    rest: [...(cells.get("rules") ?? []), ...(cells.get(undefined) ?? [])],
  };
}

/** The row by the meaning of its headers; empty cells are empty strings. */
export function fieldRow(sentence: Sentence): FieldRow {
  const cells = cellsOf(sentence);
  const first = (column: Column): string => cells.get(column)?.[0] ?? "";
  const optional = Object.entries(sentence.cells ?? {}).find(([header]) =>
    /^optional\??$/i.test(header),
  );
  return {
    entity: cells.get("entity")?.[0],
    name: first("name"),
    type: first("type"),
    required: optional === undefined ? first("required") : inverted(optional[1]),
    unique: first("unique"),
    initial: first("initial"),
    rules: [...(cells.get("rules") ?? []), ...(cells.get(undefined) ?? [])],
  };
}

function inverted(answer: string): string {
  return isYes(answer) ? "no" : "yes";
}

function cellsOf(sentence: Sentence): ReadonlyMap<Column | undefined, readonly string[]> {
  const cells = new Map<Column | undefined, string[]>();
  for (const [header, text] of Object.entries(sentence.cells ?? {})) {
    const column = columnOf(header);
    cells.set(column, [...(cells.get(column) ?? []), text]);
  }
  return cells;
}

/** `yes`, `x`, a tick: the cell says that the header holds. */
export function isYes(cell: string): boolean {
  return /^(y|yes|x|true|required|mandatory|must|✓|✔|✅|unique|always|ja|needed)\.?$/i.test(
    cell.trim(),
  );
}

/** An empty cell, a dash or a word of denial: the header does not hold. */
export function isNo(cell: string): boolean {
  return /^(n|no|-|–|—|false|optional|none|✗|✘|❌|not required|may be empty|)\.?$/i.test(
    cell.trim(),
  );
}
