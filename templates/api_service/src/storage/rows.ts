import type { SqlDatabase, SqlRow, SqlValue } from "./database.ts";

// Table and column names come from this project's own code, never from a request.

export function insertRow(database: SqlDatabase, table: string, row: SqlRow): void {
  const columns = Object.keys(row);
  const places = columns.map(() => "?").join(", ");
  database.run(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`,
    Object.values(row),
  );
}

/** Replaces the columns of the row with the same `id`. */
export function updateRow(database: SqlDatabase, table: string, row: SqlRow): void {
  const changes = Object.keys(row).map((column) => `${column} = ?`);
  database.run(`UPDATE ${table} SET ${changes.join(", ")} WHERE id = ?`, [
    ...Object.values(row),
    row.id ?? null,
  ]);
}

const rowsAtOnce = 500;

/** Every row in order of creation, without holding all of them at once. */
export function* eachRow(
  database: SqlDatabase,
  table: string,
  selection: string,
): Generator<SqlRow, void> {
  let after: SqlValue = 0;
  for (;;) {
    const rows: readonly SqlRow[] = database.all(
      `SELECT ${selection} FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT ${rowsAtOnce}`,
      [after],
    );
    yield* rows;
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)?.sequence ?? null;
  }
}

/** How the removal of a row ended: others may refer to it and keep it from going. */
export type Removal = "removed" | "absent" | "in-use";

export function removeRow(database: SqlDatabase, table: string, id: string): Removal {
  try {
    return database.run(`DELETE FROM ${table} WHERE id = ?`, [id]) > 0 ? "removed" : "absent";
  } catch (error) {
    if (error instanceof Error && error.message.includes("FOREIGN KEY")) return "in-use";
    throw error;
  }
}
