import type Libsql from "libsql";
import { StateError } from "../../state/errors.ts";
import { migrations, stateApplicationId } from "../../state/migrations.ts";

/**
 * Brings the schema up to date under the write lock, so that processes starting at once apply
 * each migration once. Throws AUTOSD-STATE-NEWER or AUTOSD-STATE-CORRUPT, and SQLite's BUSY
 * when another process keeps the lock: nothing has changed then.
 */
export function migrate(database: Libsql.Database, file: string): void {
  if (isCurrent(database, file)) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    // Read again: another process may have migrated while this one waited for the lock.
    const version = checkedVersion(database, file);
    for (const migration of migrations.slice(version))
      for (const statement of migration.statements) database.exec(statement);
    database.exec(`PRAGMA application_id = ${stateApplicationId}`);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function isCurrent(database: Libsql.Database, file: string): boolean {
  // One snapshot: another process that migrates between two reads would look like a foreign file.
  database.exec("BEGIN");
  try {
    return checkedVersion(database, file) === migrations.length;
  } finally {
    if (database.inTransaction) database.exec("ROLLBACK");
  }
}

function checkedVersion(database: Libsql.Database, file: string): number {
  const application = numberOf(database, "application_id");
  const version = numberOf(database, "user_version");
  const isFresh = application === 0 && version === 0 && numberOf(database, "schema_version") === 0;
  if (application !== stateApplicationId && !isFresh)
    throw new StateError("AUTOSD-STATE-CORRUPT", `${file} is not a state database of autosd.`, {
      remedy: `Move ${file} away, then run the command again.`,
    });
  if (version > migrations.length)
    throw new StateError(
      "AUTOSD-STATE-NEWER",
      `${file} has schema ${version}; this autosd knows up to ${migrations.length}.`,
    );
  return version;
}

function numberOf(database: Libsql.Database, pragma: string): number {
  const row: unknown = database.prepare(`SELECT ${pragma} AS value FROM pragma_${pragma}`).all()[0];
  if (typeof row === "object" && row !== null && "value" in row && typeof row.value === "number")
    return row.value;
  throw new Error(`unreachable: SQLite has no pragma ${pragma}`);
}
