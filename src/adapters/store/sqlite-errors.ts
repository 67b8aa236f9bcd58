import { AutosdError } from "../../kernel/errors.ts";
import { StateError, type StateErrorCode } from "../../state/errors.ts";

const codes: readonly (readonly [pattern: RegExp, code: StateErrorCode])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, "AUTOSD-STATE-BUSY"],
  [/^SQLITE_FULL/, "AUTOSD-STATE-DISK-FULL"],
  [/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/, "AUTOSD-STATE-IO"],
  [/^SQLITE_(CORRUPT|NOTADB)/, "AUTOSD-STATE-CORRUPT"],
];

const sentences: Readonly<Partial<Record<StateErrorCode, string>>> = {
  "AUTOSD-STATE-BUSY": "is locked by another process",
  "AUTOSD-STATE-DISK-FULL": "cannot grow: the disk is full",
  "AUTOSD-STATE-IO": "cannot be read or written",
  "AUTOSD-STATE-CORRUPT": "is damaged or is not a database",
};

/** SQLite's name for what went wrong (`SQLITE_BUSY`), undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  // The driver throws a bare error for a file that it cannot open: code is "" there.
  if (error.message.startsWith("ConnectionFailed")) return "SQLITE_CANTOPEN";
  return typeof error.code === "string" && error.code.startsWith("SQLITE_")
    ? error.code
    : undefined;
}

/** SQLite's errors in autosd's words; errors that are not of the machine come back unchanged. */
export function translated(error: unknown, file: string): unknown {
  if (error instanceof AutosdError) return error;
  const sqlite = sqliteCode(error);
  const code = codes.find(([pattern]) => sqlite !== undefined && pattern.test(sqlite))?.[1];
  if (code === undefined || sqlite === undefined) return error;
  const detail = error instanceof Error ? error.message : sqlite;
  return new StateError(code, `${file} ${sentences[code] ?? "failed"} (${sqlite}: ${detail}).`, {
    cause: error,
  });
}
