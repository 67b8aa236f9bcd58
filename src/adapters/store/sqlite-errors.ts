import { dirname } from "node:path";
import { AutosdError, DiskFullError } from "../../kernel/errors.ts";
import { codeOf } from "../../machine/error-code.ts";
import { freeBytes } from "../../machine/free-space.ts";
import { StateError, type StateErrorCode } from "../../state/errors.ts";

const codes: readonly (readonly [pattern: RegExp, code: StateErrorCode])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, "AUTOSD-STATE-BUSY"],
  [/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/, "AUTOSD-STATE-IO"],
  [/^SQLITE_(CORRUPT|NOTADB)/, "AUTOSD-STATE-CORRUPT"],
];

const sentences: Readonly<Partial<Record<StateErrorCode, string>>> = {
  "AUTOSD-STATE-BUSY": "is locked by another process",
  "AUTOSD-STATE-IO": "cannot be read or written",
  "AUTOSD-STATE-CORRUPT": "is damaged or is not a database",
};

/** With less room than this SQLite cannot write the least it needs (a page of the log, the shared index). */
const leastRoomBytes = 64 * 1024;

/** SQLite's name for what went wrong (`SQLITE_BUSY`), undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  // The driver throws a bare error for a file that it cannot open: code is "" there.
  if (error.message.startsWith("ConnectionFailed")) return "SQLITE_CANTOPEN";
  const code = codeOf(error);
  return code?.startsWith("SQLITE_") === true ? code : undefined;
}

/** SQLite's errors in autosd's words; errors that are not of the machine come back unchanged. */
export function translated(error: unknown, file: string): unknown {
  if (error instanceof AutosdError) return error;
  const sqlite = sqliteCode(error);
  if (sqlite === undefined) return error;
  if (meansFullDisk(sqlite, file))
    return new DiskFullError(dirname(file), { cause: error, details: { file, code: sqlite } });
  const code = codes.find(([pattern]) => pattern.test(sqlite))?.[1];
  if (code === undefined) return error;
  const detail = error instanceof Error ? error.message : sqlite;
  return new StateError(code, `${file} ${sentences[code] ?? "failed"} (${sqlite}: ${detail}).`, {
    cause: error,
  });
}

/** Files beside the database that cannot grow are plain I/O errors to SQLite, whatever the reason. */
function meansFullDisk(sqlite: string, file: string): boolean {
  if (sqlite.startsWith("SQLITE_FULL")) return true;
  if (!/^SQLITE_(IOERR|CANTOPEN)/.test(sqlite)) return false;
  return (freeBytes(file) ?? Infinity) < leastRoomBytes;
}
