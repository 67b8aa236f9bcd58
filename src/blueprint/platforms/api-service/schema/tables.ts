import { z } from "zod";
import type { Entity, Feature, Field, FieldType } from "../../../model/product-model.ts";
import { foldedColumn, linkTable, needsFold, uniqueColumn } from "../emit/columns.ts";
import { wordsOf } from "../names.ts";
import type { Scope } from "../scope.ts";
import { entityNameOf, entityOf, fieldOf, isAlwaysSet } from "../scope.ts";

const columnSchema = z.object({
  name: z.string(),
  /** Its whole definition: `title TEXT NOT NULL`. */
  sql: z.string(),
  /** What its values mean: columns of one SQL type may hold different things. `decimal` has its digits. */
  kind: z.string(),
  /** The field's words for people. */
  words: z.string(),
  /** SQL of the value in rows that stood before the column; absent when nothing can be said of them. */
  absent: z.string().optional(),
  /** Code of its value, from `row`, for a column that other columns determine. */
  fill: z.string().optional(),
});
export type Column = z.infer<typeof columnSchema>;

const indexSchema = z.object({
  name: z.string(),
  sql: z.string(),
  /** Expressions that are unique together. */
  unique: z.array(z.string()).optional(),
  words: z.string(),
});
export type Index = z.infer<typeof indexSchema>;

export const tableSchema = z.object({
  name: z.string(),
  /** What its rows are called. */
  plural: z.string(),
  columns: z.array(columnSchema),
  constraints: z.array(z.string()),
  indexes: z.array(indexSchema),
});
export type Table = z.infer<typeof tableSchema>;

export function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function sqlType(type: FieldType): "INTEGER" | "TEXT" {
  return type.kind === "integer" || type.kind === "decimal" || type.kind === "boolean"
    ? "INTEGER"
    : "TEXT";
}

const onDelete = { restrict: "RESTRICT", cascade: "CASCADE", clear: "SET NULL" } as const;

function columnSql(model: Scope["model"], field: Field): string {
  const { type } = field;
  const parts = [field.column, sqlType(type)];
  if (isAlwaysSet(field)) parts.push("NOT NULL");
  if (type.kind === "boolean") parts.push(`CHECK (${field.column} IN (0, 1))`);
  if (type.kind === "choice")
    parts.push(`CHECK (${field.column} IN (${type.values.map(sqlString).join(", ")}))`);
  if (type.kind === "reference")
    parts.push(
      `REFERENCES ${entityOf(model, type.entity).table} (id) ON DELETE ${onDelete[type.onDelete]}`,
    );
  return parts.join(" ");
}

/** What rows that stood before the field have in it, as SQL. */
function absentValue(field: Field): string | undefined {
  const { default: value, type } = field;
  if (value?.kind === "now")
    return type.kind === "date" ? "substr(created_at, 1, 10)" : "created_at";
  if (value?.kind === "value") return storedValue(type, value.value);
  if (type.kind === "labels") return sqlString("[]");
  return isAlwaysSet(field) ? undefined : "NULL";
}

function storedValue(
  type: FieldType,
  value: string | number | boolean | readonly string[],
): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number")
    return String(type.kind === "decimal" ? Math.round(value * 10 ** type.decimals) : value);
  return sqlString(typeof value === "string" ? value : JSON.stringify(value));
}

function kindOf(type: FieldType): string {
  return type.kind === "decimal" ? `decimal ${String(type.decimals)}` : type.kind;
}

function fieldColumn(model: Scope["model"], field: Field): Column {
  const absent = absentValue(field);
  return {
    name: field.column,
    sql: columnSql(model, field),
    kind: kindOf(field.type),
    words: wordsOf(field),
    ...(absent === undefined ? {} : { absent }),
  };
}

function derivedColumn(name: string, words: string, fill: string): Column {
  return { name, sql: `${name} TEXT`, kind: "derived", words, absent: "NULL", fill };
}

/** The columns that the features so far compare by: they follow from the others. */
function derivedColumns(entity: Entity, features: readonly Feature[]): readonly Column[] {
  const keys = entity.fields
    .filter((field) => field.unique === "ignoring-case")
    .map((field) => {
      const value = `row.${field.column}`;
      const fill = `typeof ${value} === "string" ? foldCase(${value}) : null`;
      return derivedColumn(uniqueColumn(field), wordsOf(field), fill);
    });
  const folds = entity.fields
    .filter((field) => needsFold(entity, field, features))
    .map((field) =>
      derivedColumn(foldedColumn(field), wordsOf(field), `foldTexts([row.${field.column}])`),
    );
  const search = features.find(
    (feature) => feature.kind === "search" && entityNameOf(feature) === entity.name,
  );
  if (search?.kind !== "search") return [...keys, ...folds];
  return [
    ...keys,
    ...folds,
    derivedColumn("search_text", "words", searchValue(entity, search.fields)),
  ];
}

function searchValue(entity: Entity, fields: readonly string[]): string {
  const parts = fields.map((name) => {
    const field = fieldOf(entity, name);
    return field.type.kind === "labels"
      ? `...listOf(row, "${field.column}")`
      : `row.${field.column}`;
  });
  return `foldTexts([${parts.join(", ")}])`;
}

function indexes(entity: Entity): readonly Index[] {
  const unique = (name: string, fields: readonly Field[]): Index => {
    const columns = fields.map(uniqueColumn);
    return {
      name,
      sql: `CREATE UNIQUE INDEX ${name} ON ${entity.table} (${columns.join(", ")});`,
      unique: columns,
      words: fields.map(wordsOf).join(" and "),
    };
  };
  const single = entity.fields
    .filter((field) => field.unique !== "no")
    .map((field) => unique(`${entity.table}_${field.column}_unique`, [field]));
  const together = entity.uniqueTogether.map((names, index) =>
    unique(
      `${entity.table}_together_${String(index + 1)}`,
      names.map((name) => fieldOf(entity, name)),
    ),
  );
  const references = entity.fields
    .filter((field) => field.type.kind === "reference")
    .map((field): Index => {
      const name = `${entity.table}_${field.column}_index`;
      return {
        name,
        sql: `CREATE INDEX ${name} ON ${entity.table} (${field.column});`,
        words: wordsOf(field),
      };
    });
  return [...single, ...together, ...references];
}

function linkTables(model: Scope["model"], entity: Entity): readonly Table[] {
  return entity.fields.flatMap((field): Table[] => {
    if (field.type.kind !== "references") return [];
    const name = linkTable(entity, field);
    const target = entityOf(model, field.type.entity).table;
    const id = (column: string, table: string): Column => ({
      name: column,
      sql: `${column} TEXT NOT NULL REFERENCES ${table} (id) ON DELETE CASCADE`,
      kind: `id of ${table}`,
      words: wordsOf(field),
    });
    return [
      {
        name,
        plural: `${wordsOf(field)} of ${entity.plural}`,
        columns: [
          id("owner_id", entity.table),
          id("target_id", target),
          {
            name: "position",
            sql: "position INTEGER NOT NULL",
            kind: "integer",
            words: "position",
          },
        ],
        constraints: ["PRIMARY KEY (owner_id, target_id)"],
        indexes: [
          {
            name: `${name}_target`,
            sql: `CREATE INDEX ${name}_target ON ${name} (target_id);`,
            words: wordsOf(field),
          },
        ],
      },
    ];
  });
}

/** The tables of an entity as the features so far need them: its own first, then its links. */
export function tablesOf(scope: Scope, entity: Entity): readonly [Table, ...Table[]] {
  const set = (name: string, sql: string): Column => ({ name, sql, kind: "set", words: name });
  const fields = entity.fields.filter((field) => field.type.kind !== "references");
  const derived = derivedColumns(entity, scope.features);
  const own: Table = {
    name: entity.table,
    plural: entity.plural,
    columns: [
      set("sequence", "sequence INTEGER PRIMARY KEY AUTOINCREMENT"),
      set("id", "id TEXT NOT NULL UNIQUE"),
      ...fields.map((field) => fieldColumn(scope.model, field)),
      ...derived,
      set("created_at", "created_at TEXT NOT NULL"),
      set("updated_at", "updated_at TEXT NOT NULL"),
    ],
    constraints: [],
    indexes: [...indexes(entity)],
  };
  return [own, ...linkTables(scope.model, entity)];
}

/** Statements that make a table that is not there. */
export function createTable(table: Table): readonly string[] {
  return [...createBare(table), ...table.indexes.map(({ sql }) => sql)];
}

/** The same without its indexes. */
export function createBare(table: Table): readonly string[] {
  const parts = [...table.columns.map(({ sql }) => sql), ...table.constraints];
  return [
    `CREATE TABLE ${table.name} (`,
    ...parts.map((part, index) => `  ${part}${index < parts.length - 1 ? "," : ""}`),
    ") STRICT;",
  ];
}
