import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Libsql from "libsql";
import { fillColumn } from "./backfill.ts";

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** How a new column of rows that stand already gets its values. */
export interface ColumnFill {
  readonly table: string;
  readonly column: string;
  readonly from: (row: SqlRow) => SqlValue;
}

/** A query that counts the `rows` for which a step has no answer; it runs only when there are none. */
export interface MigrationGuard {
  readonly count: string;
  /** Follows the number: `notes have no title, which is required now`. */
  readonly says: string;
}

/** One step of the schema's history. Steps are only ever added, at the end. */
export interface SchemaMigration {
  readonly id: string;
  readonly guards?: readonly MigrationGuard[];
  readonly sql: string;
  readonly fills?: readonly ColumnFill[];
}

const busyTimeoutMs = 5000;
const maxStatements = 500;

/** One SQLite database. Calls are synchronous: a transaction cannot be interleaved with another. */
export class SqlDatabase {
  readonly #connection: Libsql.Database;
  readonly #statements = new Map<string, Libsql.Statement>();

  constructor(connection: Libsql.Database) {
    this.#connection = connection;
  }

  all(sql: string, values: readonly SqlValue[] = []): readonly SqlRow[] {
    return this.#statement(sql).all(...values) as SqlRow[];
  }

  first(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    return this.all(sql, values)[0];
  }

  /** The number of rows that changed. */
  run(sql: string, values: readonly SqlValue[] = []): number {
    return this.#statement(sql).run(...values).changes;
  }

  /** Runs statements that return nothing, such as a schema. */
  script(sql: string): void {
    this.#connection.exec(sql);
  }

  /** All of `work` or none of it. Inside another transaction it is part of that one. */
  transaction<Result>(work: () => Result): Result {
    if (this.#connection.inTransaction) return work();
    return this.#connection.transaction(work).immediate();
  }

  answers(): boolean {
    try {
      return this.all("SELECT 1 AS one").length === 1;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): Libsql.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= maxStatements) this.#statements.clear();
    const prepared = this.#connection.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

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
