import type { Entity, Feature, Field, FieldType } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { group, indent, line, lines, print } from "../code/doc.ts";
import {
  importLines,
  lineWidth,
  list,
  object,
  quoted,
  tallList,
  tallObject,
} from "../code/typescript.ts";
import { layout } from "../code/layout.ts";
import type { Scope } from "../scope.ts";
import { entityNameOf, entityOf, fieldOf, isAlwaysSet, scopeOf } from "../scope.ts";
import { foldedColumn, linkTable, needsFold, uniqueColumn } from "./columns.ts";

export interface Migration {
  readonly id: string;
  readonly sql: readonly string[];
  /** How new columns of rows that stand already get their values. */
  readonly fills: readonly FilledColumn[];
}

interface FilledColumn {
  readonly table: string;
  readonly column: string;
  /** Code, from `row`. */
  readonly value: string;
}

function sqlString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function sqlType(type: FieldType): string {
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

/** Columns of the entity's own table: many-references live in a table of their own. */
function ownFields(entity: Entity): readonly Field[] {
  return entity.fields.filter((field) => field.type.kind !== "references");
}

function indexes(entity: Entity): readonly string[] {
  const single = entity.fields
    .filter((field) => field.unique !== "no")
    .map(
      (field) =>
        `CREATE UNIQUE INDEX ${entity.table}_${field.column}_unique ON ${entity.table} (${uniqueColumn(field)});`,
    );
  const together = entity.uniqueTogether.map((names, index) => {
    const columns = names.map((name) => uniqueColumn(fieldOf(entity, name))).join(", ");
    return `CREATE UNIQUE INDEX ${entity.table}_together_${index + 1} ON ${entity.table} (${columns});`;
  });
  const references = entity.fields
    .filter((field) => field.type.kind === "reference")
    .map(
      (field) =>
        `CREATE INDEX ${entity.table}_${field.column}_index ON ${entity.table} (${field.column});`,
    );
  return [...single, ...together, ...references];
}

function linkTables(model: Scope["model"], entity: Entity): readonly string[] {
  return entity.fields.flatMap((field) =>
    field.type.kind === "references"
      ? [
          `CREATE TABLE ${linkTable(entity, field)} (`,
          `  owner_id TEXT NOT NULL REFERENCES ${entity.table} (id) ON DELETE CASCADE,`,
          `  target_id TEXT NOT NULL REFERENCES ${entityOf(model, field.type.entity).table} (id) ON DELETE CASCADE,`,
          "  position INTEGER NOT NULL,",
          "  PRIMARY KEY (owner_id, target_id)",
          ") STRICT;",
          `CREATE INDEX ${linkTable(entity, field)}_target ON ${linkTable(entity, field)} (target_id);`,
        ]
      : [],
  );
}

function tableSql(model: Scope["model"], entity: Entity): readonly string[] {
  const keys = entity.fields
    .filter((field) => field.unique === "ignoring-case")
    .map((field) => `${uniqueColumn(field)} TEXT`);
  const columns = [
    "sequence INTEGER PRIMARY KEY AUTOINCREMENT",
    "id TEXT NOT NULL UNIQUE",
    ...ownFields(entity).map((field) => columnSql(model, field)),
    ...keys,
    "created_at TEXT NOT NULL",
    "updated_at TEXT NOT NULL",
  ];
  return [
    `CREATE TABLE ${entity.table} (`,
    ...columns.map((column, index) => `  ${column}${index < columns.length - 1 ? "," : ""}`),
    ") STRICT;",
    ...indexes(entity),
    ...linkTables(model, entity),
  ];
}

interface AddedColumn {
  readonly column: string;
  /** Code of its value, from `row`. */
  readonly value: string;
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

/** Columns that a feature adds to a table that stands already. */
function addedColumns(
  entity: Entity,
  feature: Feature,
  earlier: readonly Feature[],
): readonly AddedColumn[] {
  if (feature.kind === "search")
    return [{ column: "search_text", value: searchValue(entity, feature.fields) }];
  return entity.fields
    .filter(
      (field) =>
        needsFold(entity, field, [...earlier, feature]) && !needsFold(entity, field, earlier),
    )
    .map((field) => ({
      column: foldedColumn(field),
      value: `foldTexts([row.${field.column}])`,
    }));
}

/** Every migration in the order in which the features were built; earlier ones never change. */
export function migrationsOf(scope: Scope): readonly Migration[] {
  const migrations: Migration[] = [];
  const add = (name: string, sql: readonly string[], fills: readonly FilledColumn[]): void => {
    const number = String(migrations.length + 1).padStart(3, "0");
    migrations.push({ id: `${number}-${name}`, sql, fills });
  };
  const standing = new Set<string>();
  scope.features.forEach((feature, index) => {
    const earlier = scope.features.slice(0, index);
    for (const { entity } of scopeOf(scope.model, [...earlier, feature]).entities) {
      if (standing.has(entity.name)) continue;
      standing.add(entity.name);
      add(`create-${entity.collection}`, tableSql(scope.model, entity), []);
    }
    const name = entityNameOf(feature);
    if (name === undefined) return;
    const entity = entityOf(scope.model, name);
    const added = addedColumns(entity, feature, earlier);
    if (added.length === 0) return;
    const sql = added.map(({ column }) => `ALTER TABLE ${entity.table} ADD COLUMN ${column} TEXT;`);
    const fills = added.map((one) => ({ table: entity.table, ...one }));
    add(`${feature.kind}-${entity.collection}`, sql, fills);
  });
  return migrations;
}

function fillDoc({ table, column, value }: FilledColumn): Doc {
  const from = group(["from: (row) =>", indent([line, layout(value)])]);
  return object([`table: ${quoted(table)}`, `column: ${quoted(column)}`, from]);
}

/** SQL as text of a template literal. */
function escaped(sql: string): string {
  return sql.replaceAll(/[\\`]|\$\{/g, "\\$&");
}

function migrationDoc({ id, sql, fills }: Migration): Doc {
  const text = ["sql: `", ...sql.map((one) => `\n      ${escaped(one)}`), "\n    `"].join("");
  const filled: Doc = ["fills: ", list("[", fills.map(fillDoc), "]")];
  return tallObject([`id: ${quoted(id)}`, text, ...(fills.length === 0 ? [] : [filled])]);
}

/** `src/storage/migrations.ts`: the history of the schema. */
export function migrationsFile(scope: Scope): string {
  const migrations = migrationsOf(scope);
  const fills = migrations.flatMap((one) => one.fills);
  const usesLists = fills.some(({ value }) => value.includes("listOf("));
  const doc = lines([
    ...importLines([
      ...(fills.length === 0 ? [] : [{ from: "../domain/fold.ts", names: ["foldTexts"] }]),
      ...(usesLists ? [{ from: "./columns.ts", names: ["listOf"] }] : []),
      { from: "./database.ts", names: ["SchemaMigration"], typeOnly: true },
    ]),
    "",
    "/** The history of the schema. Add steps at the end; never change one that was released. */",
    migrations.length === 0
      ? "export const migrations: readonly SchemaMigration[] = [];"
      : [
          "export const migrations: readonly SchemaMigration[] = ",
          tallList(migrations.map(migrationDoc)),
          ";",
        ],
  ]);
  return print(doc, lineWidth);
}
