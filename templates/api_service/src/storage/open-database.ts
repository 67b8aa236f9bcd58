import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";
import { fillColumn } from "./backfill.ts";
import { type SchemaMigration, SqlDatabase } from "./database.ts";

const busyTimeoutMs = 5000;

/** Opens or creates the database and brings its schema up to date. `:memory:` for a passing one. */
export function openDatabase(file: string, migrations: readonly SchemaMigration[]): SqlDatabase {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
  const connection = new Libsql(file, { timeout: busyTimeoutMs });
  connection.exec("PRAGMA journal_mode = WAL");
  // A write that was acknowledged survives a power cut.
  connection.exec("PRAGMA synchronous = FULL");
  const database = new SqlDatabase(connection);
  try {
    // A table that is replaced must not take along what refers to it: `migrate` checks that itself.
    connection.exec("PRAGMA foreign_keys = OFF");
    migrate(database, migrations);
    connection.exec("PRAGMA foreign_keys = ON");
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Brings the schema up to date, or throws and leaves the database as it was. */
function migrate(database: SqlDatabase, migrations: readonly SchemaMigration[]): void {
  database.script(
    "CREATE TABLE IF NOT EXISTS schema_migrations (id TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT",
  );
  database.transaction(() => {
    const applied = database.all("SELECT id FROM schema_migrations").map((row) => row.id);
    const known = new Set<unknown>(migrations.map((migration) => migration.id));
    const foreign = applied.find((id) => !known.has(id));
    if (foreign !== undefined)
      throw new Error(`the database is newer than this service: it has the migration ${foreign}`);
    const pending = migrations.filter(({ id }) => !applied.includes(id));
    for (const migration of pending) {
      apply(database, migration);
      database.run("INSERT INTO schema_migrations (id, applied_at) VALUES (?, ?)", [
        migration.id,
        new Date().toISOString(),
      ]);
    }
    const [lost] = pending.length === 0 ? [] : database.all("PRAGMA foreign_key_check");
    if (lost !== undefined)
      throw new Error(
        `the database was left as it was: ${lost.table} would refer to ${lost.parent} that are not there`,
      );
  });
}

function apply(database: SqlDatabase, { id, guards = [], sql, fills = [] }: SchemaMigration): void {
  for (const { count, says } of guards) {
    const rows = Number(database.first(count)?.rows ?? 0);
    if (rows > 0)
      throw new Error(`the database was left as it was, ${id} does not fit it: ${rows} ${says}`);
  }
  try {
    database.script(sql);
    for (const fill of fills) fillColumn(database, fill);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the database was left as it was, ${id} does not fit it: ${reason}`, {
      cause: error,
    });
  }
}
