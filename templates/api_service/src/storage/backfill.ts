import type { ColumnFill, SqlDatabase, SqlValue } from "./database.ts";

const rowsAtOnce = 500;

/** Fills a new column of a table's rows, from their other columns. */
export function fillColumn(database: SqlDatabase, { table, column, from }: ColumnFill): void {
  let after: SqlValue = 0;
  for (;;) {
    const rows = database.all(
      `SELECT * FROM ${table} WHERE sequence > ? ORDER BY sequence LIMIT ${rowsAtOnce}`,
      [after],
    );
    for (const row of rows) {
      after = row.sequence ?? null;
      database.run(`UPDATE ${table} SET ${column} = ? WHERE sequence = ?`, [from(row), after]);
    }
    if (rows.length < rowsAtOnce) return;
  }
}
