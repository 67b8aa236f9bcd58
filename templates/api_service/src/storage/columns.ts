import type { SqlRow, SqlValue } from "./database.ts";

/** Readers of columns: what the schema promises is checked, so a damaged row is never half understood. */
export function textOf(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column, value);
  return value;
}

export function numberOf(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column, value);
  return value;
}

/** A column that holds a number with a fixed count of decimals, as a whole number. */
export function decimalOf(decimals: number): (row: SqlRow, column: string) => number {
  return (row, column) => numberOf(row, column) / 10 ** decimals;
}

export function flagOf(row: SqlRow, column: string): boolean {
  return numberOf(row, column) === 1;
}

/** A column that holds a JSON list of texts. */
export function listOf(row: SqlRow, column: string): readonly string[] {
  return JSON.parse(textOf(row, column)) as string[];
}

/** Null stays null; anything else is read by `read`. */
export function optional<Value>(
  read: (row: SqlRow, column: string) => Value,
  row: SqlRow,
  column: string,
): Value | null {
  return row[column] === null ? null : read(row, column);
}

function unexpected(column: string, value: SqlValue | undefined): Error {
  return new Error(`the column ${column} holds ${value === undefined ? "nothing" : typeof value}`);
}
