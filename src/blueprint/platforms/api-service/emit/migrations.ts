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
import type { Fill, Guard } from "../schema/changes.ts";
import type { Migration } from "../schema/history.ts";

function fillDoc({ table, column, value }: Fill): Doc {
  const from = group(["from: (row) =>", indent([line, layout(value)])]);
  return object([`table: ${quoted(table)}`, `column: ${quoted(column)}`, from]);
}

function guardDoc({ count, says }: Guard): Doc {
  return tallObject([`count: ${quoted(count)}`, `says: ${quoted(says)}`]);
}

/** SQL as text of a template literal. */
function escaped(sql: string): string {
  return sql.replaceAll(/[\\`]|\$\{/g, "\\$&");
}

function migrationDoc({ id, sql, fills, guards }: Migration): Doc {
  const text = ["sql: `", ...sql.map((one) => `\n      ${escaped(one)}`), "\n    `"].join("");
  const filled: Doc = ["fills: ", list("[", fills.map(fillDoc), "]")];
  const guarded: Doc = ["guards: ", tallList(guards.map(guardDoc))];
  return tallObject([
    `id: ${quoted(id)}`,
    ...(guards.length === 0 ? [] : [guarded]),
    sql.length === 0 ? 'sql: ""' : text,
    ...(fills.length === 0 ? [] : [filled]),
  ]);
}

/** `src/storage/migrations.ts`: the history of the schema. */
export function migrationsFile(migrations: readonly Migration[]): string {
  const fills = migrations.flatMap((one) => one.fills);
  const uses = (name: string): boolean => fills.some(({ value }) => value.includes(`${name}(`));
  const folds = ["foldCase", "foldTexts"].filter(uses);
  const doc = lines([
    ...importLines([
      ...(folds.length === 0 ? [] : [{ from: "../domain/fold.ts", names: folds }]),
      ...(uses("listOf") ? [{ from: "./columns.ts", names: ["listOf"] }] : []),
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
