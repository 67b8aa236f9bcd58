import type { Fault } from "../domain/fault.ts";
import type { SqlDatabase } from "./database.ts";

/** True when `id` is `from` itself or stands above it, following `column` upwards. */
export function isAtOrAbove(
  database: SqlDatabase,
  tree: { readonly table: string; readonly column: string },
  id: string,
  from: string | null,
): boolean {
  if (from === null) return false;
  const { table, column } = tree;
  // UNION, not UNION ALL: it ends even if the rows form a ring.
  const found = database.first(
    `WITH RECURSIVE above (id) AS (
       SELECT ? UNION SELECT ${table}.${column} FROM ${table} JOIN above ON ${table}.id = above.id
     ) SELECT 1 AS one FROM above WHERE id = ?`,
    [from, id],
  );
  return found !== undefined;
}

/** A fault when `parent` is `id` itself or stands below it: the tree would become a ring. */
export function ringFaults(
  database: SqlDatabase,
  tree: { readonly table: string; readonly column: string; readonly pointer: string },
  id: string,
  parent: string | null,
): readonly Fault[] {
  return isAtOrAbove(database, tree, id, parent)
    ? [{ pointer: tree.pointer, detail: "must not lead back to itself" }]
    : [];
}
