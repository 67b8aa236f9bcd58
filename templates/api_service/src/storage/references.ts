import type { Fault } from "../domain/fault.ts";
import type { SqlDatabase } from "./database.ts";

/** What a field refers to: rows of a table. */
export interface Reference {
  readonly pointer: string;
  readonly table: string;
  /** What the rows are, in words. */
  readonly noun: string;
  readonly ids: readonly (string | null)[];
}

/** A fault when one of the ids is not in the table; `null` refers to nothing. */
export function unknownReferences(database: SqlDatabase, reference: Reference): readonly Fault[] {
  const unknown = reference.ids.some(
    (id) =>
      id !== null &&
      database.first(`SELECT 1 AS one FROM ${reference.table} WHERE id = ?`, [id]) === undefined,
  );
  return unknown
    ? [{ pointer: reference.pointer, detail: `names no ${reference.noun} that exists` }]
    : [];
}
