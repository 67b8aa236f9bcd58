import { foldText } from "../domain/fold.ts";
import type { SqlValue } from "./database.ts";
import type { SqlCondition } from "./paging.ts";

// Each gives no condition when the client did not ask for it.

export function compare(
  column: string,
  operator: "=" | ">=" | "<=",
  value: SqlValue | undefined,
): readonly SqlCondition[] {
  return value === undefined ? [] : [{ sql: `${column} ${operator} ?`, values: [value] }];
}

/** The column contains the text, whatever its case and accents. `%` and `_` are plain characters. */
export function containsText(column: string, text: string | undefined): readonly SqlCondition[] {
  if (text === undefined) return [];
  return [{ sql: `instr(${column}, ?) > 0`, values: [foldText(text)] }];
}

/** The column contains every word, in any order. */
export function containsWords(column: string, text: string | undefined): readonly SqlCondition[] {
  const words = foldText(text ?? "").split(/\s+/);
  return words.filter((word) => word !== "").flatMap((word) => containsText(column, word));
}

/** `membership` is a condition with one place for a value; it must hold for every value. */
export function includesAll(
  membership: string,
  values: readonly string[] | undefined,
): readonly SqlCondition[] {
  return (values ?? []).map((value) => ({ sql: membership, values: [value] }));
}
