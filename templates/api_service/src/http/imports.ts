import type { Fault } from "../domain/fault.ts";
import type { SqlDatabase } from "../storage/database.ts";
import { HttpProblem } from "./problem.ts";

export const maxImportBytes = 10 * 1024 * 1024;
export const maxImportRecords = 10_000;

export interface ImportOutcome {
  readonly outcome: "imported" | "updated" | "skipped" | "rejected";
  readonly id: string | null;
  readonly reasons: readonly Fault[];
}

/**
 * Stores the good records together in one transaction and reports on every one. A record that is
 * refused does not hold up the others; a crash stores none.
 */
export function importRecords<Sent>(
  database: SqlDatabase,
  records: readonly Sent[],
  importOne: (record: Sent) => ImportOutcome,
) {
  if (records.length > maxImportRecords)
    throw new HttpProblem(422, "invalid-content", `Send at most ${maxImportRecords} records.`);
  const outcomes = database.transaction(() =>
    records.map((record) => outcomeOf(record, importOne)),
  );
  const count = (wanted: ImportOutcome["outcome"]): number =>
    outcomes.filter(({ outcome }) => outcome === wanted).length;
  return {
    imported: count("imported"),
    updated: count("updated"),
    skipped: count("skipped"),
    rejected: count("rejected"),
    rows: outcomes.map((outcome, index) => ({ row: index + 1, ...outcome })),
  };
}

function outcomeOf<Sent>(record: Sent, importOne: (record: Sent) => ImportOutcome): ImportOutcome {
  try {
    return importOne(record);
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.status >= 500) throw error;
    const reasons =
      error.faults.length > 0 ? error.faults : [{ pointer: "", detail: error.message }];
    return { outcome: "rejected", id: null, reasons };
  }
}

/** A record without the members that the service sets itself, and the id that it asks for. */
export function importedRecord(
  record: Readonly<Record<string, unknown>>,
  serverFields: readonly string[],
): { readonly id: unknown; readonly content: Readonly<Record<string, unknown>> } {
  const ignored = new Set(["id", "createdAt", "updatedAt", ...serverFields]);
  const members = Object.entries(record).filter(([name]) => !ignored.has(name));
  return { id: record.id, content: Object.fromEntries(members) };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id that a record comes with; undefined when it has none. */
export function importedId(id: unknown): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id === "string" && uuid.test(id)) return id.toLowerCase();
  const faults = [{ pointer: "/id", detail: "is not an id" }];
  throw new HttpProblem(422, "invalid-content", "The id is not valid.", { faults });
}
