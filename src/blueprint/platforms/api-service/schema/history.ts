import { z } from "zod";
import type { Scope } from "../scope.ts";
import { scopeOf } from "../scope.ts";
import type { TableChange } from "./changes.ts";
import { changeOf } from "./changes.ts";
import type { Table } from "./tables.ts";
import { createTable, tableSchema, tablesOf } from "./tables.ts";

const migrationSchema = z.object({
  id: z.string(),
  /** Lines. */
  sql: z.array(z.string()),
  /** How columns of rows that stand already get their values, after the SQL. */
  fills: z.array(z.object({ table: z.string(), column: z.string(), value: z.string() })),
  guards: z.array(z.object({ count: z.string(), says: z.string() })),
});
export type Migration = z.infer<typeof migrationSchema>;

/** Every migration so far, and the tables that they make together. */
export const schemaHistorySchema = z.object({
  migrations: z.array(migrationSchema),
  tables: z.array(tableSchema),
});
export type SchemaHistory = z.infer<typeof schemaHistorySchema>;

/**
 * The history with what the features of `scope` need besides. Steps are only ever added at its end;
 * tables and columns that nothing needs any more stay, so no data is ever dropped. `released`: the
 * history of the project as it stands; without one the features are taken one after the other.
 */
export function historyOf(scope: Scope, released?: SchemaHistory): SchemaHistory {
  if (released !== undefined) return advanced(released, scope);
  return scope.features.reduce<SchemaHistory>(
    (history, _, index) =>
      advanced(history, scopeOf(scope.model, scope.features.slice(0, index + 1))),
    { migrations: [], tables: [] },
  );
}

function advanced(history: SchemaHistory, scope: Scope): SchemaHistory {
  let { tables } = history;
  const migrations = [...history.migrations];
  const add = (name: string, step: Omit<Migration, "id">): void => {
    const number = String(migrations.length + 1).padStart(3, "0");
    migrations.push({ id: `${number}-${name}`, ...step });
  };
  for (const { entity } of scope.entities) {
    const created: Table[] = [];
    for (const wanted of tablesOf(scope, entity)) {
      const known = tables.find(({ name }) => name === wanted.name);
      if (known === undefined) {
        created.push(wanted);
        continue;
      }
      const change = changeOf(known, wanted);
      // Also when there is nothing to run: a column that is away for a while is filled again.
      tables = tables.map((table) => (table === known ? change.table : table));
      for (const [name, step] of stepsOf(change, entity.collection)) add(name, step);
    }
    if (created.length === 0) continue;
    tables = [...tables, ...created];
    const sql = created.flatMap(createTable);
    add(`create-${created[0]?.name.replaceAll("_", "-") ?? ""}`, { sql, fills: [], guards: [] });
  }
  return { migrations, tables };
}

/** None when there is nothing to run. Indexes come in a step of their own when they are on columns that the step before fills. */
function stepsOf(
  change: TableChange,
  collection: string,
): readonly (readonly [string, Omit<Migration, "id">])[] {
  const { guards, sql, fills, indexes, added } = change;
  if (sql.length + fills.length + indexes.length === 0) return [];
  const name =
    added.length === 0
      ? `change-${collection}`
      : `add-${added.join("-").replaceAll("_", "-").slice(0, 40)}-to-${collection}`;
  const apart = fills.length > 0 && indexes.length > 0;
  const first = {
    guards: [...guards],
    sql: apart ? [...sql] : [...sql, ...indexes],
    fills: [...fills],
  };
  if (!apart) return [[name, first]];
  return [
    [name, first],
    [`index-${collection}`, { guards: [], sql: [...indexes], fills: [] }],
  ];
}
