import type Libsql from "libsql";

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
