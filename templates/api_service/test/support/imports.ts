/** What an import answers. */
export interface ImportReport {
  readonly imported: number;
  readonly updated: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly rows: readonly {
    readonly row: number;
    readonly outcome: string;
    readonly id: string | null;
    readonly reasons: readonly { readonly pointer: string; readonly detail: string }[];
  }[];
}

/** Records as the simplest CSV that says the same. */
export function csvOf(records: readonly object[]): string {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = records.map((record) => {
    const values = new Map<string, unknown>(Object.entries(record));
    return names.map((name) => cell(values.get(name))).join(",");
  });
  return [names.join(","), ...lines, ""].join("\r\n");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = Array.isArray(value) ? value.join(";") : String(value);
  return `"${text.replaceAll('"', '""')}"`;
}
