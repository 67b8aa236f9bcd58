import { expanded, group, hardLine, ifBroken, indent, join, line, lines, softLine } from "./doc.ts";
import type { Doc } from "./doc.ts";
import { layout, statement } from "./layout.ts";

/** Columns of a line in generated projects; the same number stands in their biome.json. */
export const lineWidth = 100;

/** Source text inside a literal: `literal({ id: expression("folder.id") })`. */
export class Expression {
  readonly code: Doc;
  constructor(code: Doc) {
    this.code = code;
  }
}

export function expression(code: Doc): Expression {
  return new Expression(code);
}

export type Literal =
  | string
  | number
  | boolean
  | null
  | Expression
  | readonly Literal[]
  | { readonly [key: string]: Literal };

/** A string in the quotes that a formatter would take. */
export function quoted(text: string): string {
  const plain = JSON.stringify(text);
  const count = (quote: string): number => text.split(quote).length - 1;
  if (count('"') <= count("'")) return plain;
  return `'${plain.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A property name, quoted only where it must be. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : quoted(name);
}

function isList(value: Literal): value is readonly Literal[] {
  return Array.isArray(value);
}

/** A value as source text. */
export function literal(value: Literal): Doc {
  if (value instanceof Expression) return value.code;
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isList(value)) return list("[", value.map(literal), "]");
  return object(Object.entries(value).map(([key, member]) => property(key, literal(member))));
}

/** `key: value`; a long string moves to the next line. */
export function property(key: string, value: Doc): Doc {
  const name = propertyName(key);
  if (value === name) return name;
  // Strings, members and alternatives do not break: they move to the next line as a whole.
  const moves =
    typeof value === "string" && /^(["'].*|[\w.]+(\(\))?( \?\? [\w."']+)?)$/.test(value);
  if (typeof value === "string" && !moves && value.includes("("))
    return [name, ": ", layout(value)];
  return moves && name.length > 2 ? group([name, ":", indent([line, value])]) : [name, ": ", value];
}

export function list(open: string, items: readonly Doc[], close: string): Doc {
  if (items.length === 0) return `${open}${close}`;
  return group([
    open,
    indent([softLine, join([",", line], items)]),
    ifBroken(","),
    softLine,
    close,
  ]);
}

export function object(members: readonly Doc[]): Doc {
  if (members.length === 0) return "{}";
  return group(["{", indent([line, join([",", line], members)]), ifBroken(","), line, "}"]);
}

/** An object with one member a line, whatever its length. */
export function tallObject(members: readonly Doc[]): Doc {
  if (members.length === 0) return "{}";
  return expanded(["{", indent([line, join([",", line], members)]), ",", line, "}"]);
}

/** A list with one item a line, whatever its length. */
export function tallList(items: readonly Doc[]): Doc {
  if (items.length === 0) return "[]";
  return expanded(["[", indent([line, join([",", line], items)]), ",", line, "]"]);
}

/** `name(a, b)`: arguments one a line when they do not fit. */
export function call(name: Doc, args: readonly Doc[]): Doc {
  return [name, list("(", args, ")")];
}

/** A call whose last argument is a literal or a function that breaks by itself. */
export function hug(name: Doc, args: readonly Doc[]): Doc {
  return [name, "(", join(", ", args), ")"];
}

/** The text of a doc that is nothing but text. */
function plainText(doc: Doc): string | undefined {
  if (typeof doc === "string") return doc;
  if ("kind" in doc) return undefined;
  const parts = doc.map(plainText);
  return parts.every((part) => part !== undefined) ? parts.join("") : undefined;
}

/** `head {`, statements, `}`. */
export function block(head: Doc, statements: readonly Doc[]): Doc {
  if (statements.length === 0) return [head, " {}"];
  const body = statements.map((one) => {
    const text = plainText(one);
    return text === undefined ? one : statement(text);
  });
  return [head, " {", indent([hardLine, lines(body)]), hardLine, "}"];
}

/** A function's head with its parameters broken when they do not fit. */
export function signature(head: string, parameters: readonly Doc[], result: string): Doc {
  return [list(`${head}(`, parameters, `): ${result}`)];
}

/** `readonly name: type;`; a union that does not fit starts on its own line. */
export function member(name: string, types: readonly string[], optional = false): Doc {
  const head = `readonly ${propertyName(name)}${optional ? "?" : ""}:`;
  const [only] = types;
  if (types.length === 1 && only !== undefined) return `${head} ${only};`;
  return group([head, indent([line, ifBroken("| "), join([line, "| "], types)]), ";"]);
}

/** `/** text *​/` on one line, or folded at the line width. */
export function comment(text: string, depth = 0): Doc {
  const clean = text.replaceAll("*/", "* /").replaceAll(/\s+/g, " ").trim();
  if (clean.length + 7 + depth * 2 <= lineWidth) return `/** ${clean} */`;
  const room = lineWidth - 3 - depth * 2;
  const rows: string[] = [];
  let row = "";
  for (const word of clean.split(" ")) {
    if (row !== "" && row.length + word.length + 1 > room) {
      rows.push(row);
      row = word;
    } else row = row === "" ? word : `${row} ${word}`;
  }
  return lines(["/**", ...[...rows, row].map((one) => ` * ${one}`), " */"]);
}

export interface ImportLine {
  readonly from: string;
  /** `type Name` for a type beside values. */
  readonly names: readonly string[];
  readonly typeOnly?: boolean;
}

function bare(name: string): string {
  return name.replace(/^type /, "");
}

/** Order of modules that the import organiser of generated projects wants: built-ins, packages, far to near. */
function importRank(from: string): string {
  if (from.startsWith("node:")) return `0${from}`;
  if (!from.startsWith(".")) return `1${from}`;
  const ups = from.split("../").length - 1;
  // A dot sorts before everything else: `order.ts` before `order-line.ts`.
  return `2${String(9 - ups)}${from.replaceAll(".", "\u0001")}`;
}

export function importLines(imports: readonly ImportLine[]): readonly Doc[] {
  return [...imports]
    .filter((one) => one.names.length > 0)
    .sort((a, b) => compareText(importRank(a.from), importRank(b.from)))
    .map((one) => {
      const names = [...one.names].sort((a, b) => compareNames(bare(a), bare(b)));
      return importLine(one, names);
    });
}

/** A single name stays on its line, however long. */
function importLine(one: ImportLine, names: readonly string[]): Doc {
  const head = one.typeOnly === true ? "import type " : "import ";
  const [only] = names;
  const list: Doc = names.length === 1 && only !== undefined ? `{ ${only} }` : object(names);
  return [head, list, ` from ${quoted(one.from)};`];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As the import organiser compares: letter by letter, a capital before its small letter. */
function compareNames(a: string, b: string): number {
  const key = (text: string): string =>
    text.replaceAll(/./g, (letter) => `${letter.toLowerCase()}${letter}`);
  return compareText(key(a), key(b));
}
