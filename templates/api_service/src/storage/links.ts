import type { SqlDatabase } from "./database.ts";

/** The ids that a row is linked to, as a JSON list in their order, for a selection. */
export function linkedIds(table: string, owner: string, column: string): string {
  return `(SELECT json_group_array(target_id) FROM (SELECT target_id FROM ${table} WHERE owner_id = ${owner}.id ORDER BY position)) AS ${column}`;
}

/** Makes these the ids that a row is linked to. */
export function replaceLinks(
  database: SqlDatabase,
  table: string,
  ownerId: string,
  targetIds: readonly string[],
): void {
  database.run(`DELETE FROM ${table} WHERE owner_id = ?`, [ownerId]);
  targetIds.forEach((targetId, position) => {
    database.run(`INSERT INTO ${table} (owner_id, target_id, position) VALUES (?, ?, ?)`, [
      ownerId,
      targetId,
      position,
    ]);
  });
}
