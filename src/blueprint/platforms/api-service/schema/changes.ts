import type { Column, Index, Table } from "./tables.ts";
import { createBare } from "./tables.ts";

/** A query whose count must be 0 before a migration may run, and what it means when it is not. */
export interface Guard {
  readonly count: string;
  /** Follows the number: `bookmarks have no colour, which is required now`. */
  readonly says: string;
}

export interface Fill {
  readonly table: string;
  readonly column: string;
  /** Code, from `row`. */
  readonly value: string;
}

/** How a table that stands, with its rows, becomes another. */
export interface TableChange {
  /** The table afterwards: columns that nothing needs any more stay, with what is stored in them. */
  readonly table: Table;
  readonly guards: readonly Guard[];
  readonly sql: readonly string[];
  readonly fills: readonly Fill[];
  /** To run after the fills. */
  readonly indexes: readonly string[];
  /** New columns, for the migration's name. */
  readonly added: readonly string[];
}

/** Without SQL and fills when the table can stay as it is. */
export function changeOf(known: Table, wanted: Table): TableChange {
  const old = new Map(known.columns.map((column) => [column.name, column]));
  const names = new Set(wanted.columns.map(({ name }) => name));
  const kept = known.columns.filter(({ name }) => !names.has(name)).map(retired);
  const table: Table = { ...wanted, columns: [...wanted.columns, ...kept] };
  const added = wanted.columns.filter(({ name }) => !old.has(name));
  const changed = table.columns.filter((column) => {
    const before = old.get(column.name);
    return before !== undefined && (before.sql !== column.sql || before.kind !== column.kind);
  });
  const mustRebuild =
    changed.length > 0 || added.some((column) => additionOf(column) === undefined);
  const sql = mustRebuild
    ? rebuild(known, table)
    : added.map((column) => `ALTER TABLE ${table.name} ADD COLUMN ${additionOf(column) ?? ""};`);
  const fills = wanted.columns.flatMap((column): Fill[] =>
    column.fill === undefined || column.fill === old.get(column.name)?.fill
      ? []
      : [{ table: table.name, column: column.name, value: column.fill }],
  );
  const indexes = indexChanges(known, table, mustRebuild);
  return {
    table,
    guards: [
      ...[...added, ...changed].flatMap((column) => columnGuards(known, column)),
      ...indexes.guards,
    ],
    sql: [...indexes.drop, ...sql],
    fills,
    indexes: indexes.create,
    added: added.map(({ name }) => name),
  };
}

/** A column that nothing reads any more: it keeps what is stored and asks for nothing. */
function retired(column: Column): Column {
  const [name = "", type = ""] = column.sql.split(" ");
  const rest = { name, sql: column.sql, kind: column.kind, words: column.words, absent: "NULL" };
  return column.fill === undefined ? { ...rest, sql: `${name} ${type}` } : rest;
}

/** The definition with which a column can be added in place; undefined when that cannot be done. */
function additionOf(column: Column): string | undefined {
  if (!column.sql.includes("NOT NULL")) return column.sql;
  // SQLite adds such a column with a constant only.
  if (column.absent === undefined || !/^['\d-]/.test(column.absent)) return undefined;
  const type = /^\S+ \S+ NOT NULL/.exec(column.sql)?.[0];
  if (type === undefined || column.sql.includes("REFERENCES")) return undefined;
  return `${type} DEFAULT ${column.absent}${column.sql.slice(type.length)}`;
}

/** The way to change a table that SQLite's documentation recommends: another one, then its name. */
function rebuild(known: Table, table: Table): readonly string[] {
  const next = `${table.name}_next`;
  const old = new Map(known.columns.map((column) => [column.name, column]));
  const names = table.columns.map(({ name }) => name).join(", ");
  const values = table.columns.map((column) => valueOf(old.get(column.name), column)).join(", ");
  return [
    ...createBare({ ...table, name: next }),
    `INSERT INTO ${next} (${names})`,
    `  SELECT ${values} FROM ${known.name};`,
    `DROP TABLE ${known.name};`,
    `ALTER TABLE ${next} RENAME TO ${table.name};`,
  ];
}

/** SQL of a column's value in a row that stands. */
function valueOf(before: Column | undefined, column: Column): string {
  if (before === undefined) return column.absent ?? "NULL";
  const value = rescaled(before.kind, column);
  const mayLack = !before.sql.includes("NOT NULL") && column.sql.includes("NOT NULL");
  return mayLack && column.absent !== undefined ? `coalesce(${value}, ${column.absent})` : value;
}

/** Numbers with decimals are stored as whole numbers. */
function rescaled(before: string, { name, kind }: Column): string {
  const shift = digitsOf(kind) - digitsOf(before);
  if (!isNumber(before) || !isNumber(kind) || shift === 0) return name;
  return shift > 0
    ? `${name} * ${String(10 ** shift)}`
    : `CAST(round(${name} / ${String(10 ** -shift)}.0) AS INTEGER)`;
}

function isNumber(kind: string): boolean {
  return kind === "integer" || kind.startsWith("decimal ");
}

function digitsOf(kind: string): number {
  return kind.startsWith("decimal ") ? Number(kind.slice("decimal ".length)) : 0;
}

const readAsText = new Set(["choice", "date", "datetime", "text"]);

/** True when values of one kind can be read as the other. */
function canBecome(before: string, kind: string): boolean {
  if (before === kind || (isNumber(before) && isNumber(kind))) return true;
  // Choices are held to their list by a guard of their own.
  return readAsText.has(before) && (kind === "text" || kind === "choice");
}

function columnGuards(known: Table, column: Column): readonly Guard[] {
  const before = known.columns.find(({ name }) => name === column.name);
  const rows = `SELECT count(*) AS rows FROM ${known.name}`;
  const needsValue = column.sql.includes("NOT NULL") && column.absent === undefined;
  const lack = `${known.plural} have no ${column.words}, which is required now`;
  if (before === undefined) return needsValue ? [{ count: rows, says: lack }] : [];
  const guards: Guard[] = [];
  if (needsValue && !before.sql.includes("NOT NULL"))
    guards.push({ count: `${rows} WHERE ${column.name} IS NULL`, says: lack });
  const says = `${known.plural} have a ${column.words} that is not what it has to be now: ${shown(column)}`;
  if (!canBecome(before.kind, column.kind))
    guards.push({ count: `${rows} WHERE ${column.name} IS NOT NULL`, says });
  const choices = /CHECK \(\S+ IN (\(.*\))\)/.exec(column.sql)?.[1];
  if (choices !== undefined && before.sql !== column.sql)
    guards.push({ count: `${rows} WHERE ${column.name} NOT IN ${choices}`, says });
  return guards;
}

function shown(column: Column): string {
  const choices = /CHECK \(\S+ IN \((.*)\)\)/.exec(column.sql)?.[1];
  return column.kind === "choice" && choices !== undefined ? `one of ${choices}` : column.kind;
}

interface IndexChanges {
  readonly drop: readonly string[];
  readonly create: readonly string[];
  readonly guards: readonly Guard[];
}

function indexChanges(known: Table, wanted: Table, wasRebuilt: boolean): IndexChanges {
  const stands = (index: Index, table: Table): boolean =>
    table.indexes.some(({ sql }) => sql === index.sql);
  const gone = known.indexes.filter((index) => !stands(index, wanted));
  const added = wanted.indexes.filter((index) => !stands(index, known));
  const create = wasRebuilt ? wanted.indexes : added;
  const columns = new Set(known.columns.map(({ name }) => name));
  return {
    // A table that is dropped takes its indexes along.
    drop: wasRebuilt ? [] : gone.map(({ name }) => `DROP INDEX ${name};`),
    create: create.map(({ sql }) => sql),
    // Values that are filled in only now cannot be looked at before.
    guards: added.flatMap(({ unique, words }): Guard[] => {
      if (unique === undefined || !unique.every((column) => columns.has(column))) return [];
      const given = unique.map((column) => `${column} IS NOT NULL`).join(" AND ");
      return [
        {
          count: `SELECT coalesce(sum(same), 0) AS rows FROM (SELECT count(*) AS same FROM ${known.name} WHERE ${given} GROUP BY ${unique.join(", ")} HAVING count(*) > 1)`,
          says: `${known.plural} have the same ${words} as another, which must be unique now`,
        },
      ];
    }),
  };
}
