import type { SqlDatabase, SqlRow } from "./database.ts";

export interface ValueCount {
  readonly value: string | number | boolean | null;
  readonly count: number;
}

// Sources and columns come from this project's own code, never from a request.

function counted(database: SqlDatabase, source: string, column: string): readonly SqlRow[] {
  return database.all(
    `SELECT ${column} AS value, COUNT(*) AS count FROM ${source} GROUP BY ${column} ORDER BY ${column}`,
  );
}

/** Texts and whole numbers, as they are stored. */
export function countValues(
  database: SqlDatabase,
  source: string,
  column: string,
): readonly ValueCount[] {
  return counted(database, source, column).map((row) => ({
    value: row.value ?? null,
    count: Number(row.count),
  }));
}

/** Numbers that the database holds as whole multiples of 1 / `scale`. */
export function countScaled(
  database: SqlDatabase,
  source: string,
  column: string,
  scale: number,
): readonly ValueCount[] {
  return countValues(database, source, column).map(({ value, count }) => ({
    value: value === null ? null : Number(value) / scale,
    count,
  }));
}

/** Yes and no, both of them always. */
export function countFlags(
  database: SqlDatabase,
  source: string,
  column: string,
): readonly ValueCount[] {
  const counts = countValues(database, source, column).map(({ value, count }) => ({
    value: value === null ? null : value === 1,
    count,
  }));
  return withEveryValue([true, false], counts);
}

/** Every possible value in this order, those without records with 0, then what else was counted. */
export function withEveryValue(
  values: readonly (string | boolean)[],
  counts: readonly ValueCount[],
): readonly ValueCount[] {
  const known = values.map(
    (value) => counts.find((one) => one.value === value) ?? { value, count: 0 },
  );
  return [...known, ...counts.filter(({ value }) => value === null)];
}
