import type { Fault } from "../domain/fault.ts";
import type { SqlDatabase, SqlRow } from "./database.ts";

/** Columns that are unique together, and the fields that a client is told about. */
export interface UniqueColumns {
  readonly pointers: readonly string[];
  readonly columns: readonly string[];
}

/** The id of another row with the same values; absent values are never the same. */
export function idOfSame(
  database: SqlDatabase,
  table: string,
  columns: readonly string[],
  row: SqlRow,
): string | undefined {
  const values = columns.map((column) => row[column] ?? null);
  if (values.includes(null)) return undefined;
  const same = columns.map((column) => `${column} = ?`).join(" AND ");
  const found = database.first(`SELECT id FROM ${table} WHERE ${same} AND id <> ?`, [
    ...values,
    row.id ?? null,
  ]);
  return found === undefined ? undefined : String(found.id);
}

/** The unique fields whose values another row has. */
export function takenFields(
  database: SqlDatabase,
  table: string,
  uniques: readonly UniqueColumns[],
  row: SqlRow,
): readonly Fault[] {
  return uniques
    .filter(({ columns }) => idOfSame(database, table, columns, row) !== undefined)
    .flatMap(({ pointers }) =>
      pointers.map((pointer) => ({ pointer, detail: "is already taken" })),
    );
}
