import type Libsql from "libsql";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { StateError } from "../../state/errors.ts";
import { translated } from "./sqlite-errors.ts";

type Parameter = string | number | null;

const unkeepable = /\0|\p{Surrogate}/u;

/**
 * What the native driver can bind without harm: it aborts the whole process on a boolean, cuts
 * text at a NUL and replaces lone surrogates, so those are refused here.
 */
function bindable(value: unknown): Parameter {
  if (value === null) return null;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "string" && !unkeepable.test(value)) return value;
  const what = typeof value === "string" ? "text with NUL or lone surrogates" : typeof value;
  throw new StateError("AUTOSD-STATE-VALUE-REFUSED", `The state database cannot keep ${what}.`);
}

// The rows' shape is the query builder's promise; the driver itself knows none.
function allRows<R>(statement: Libsql.Statement, parameters: readonly Parameter[]): R[];
function allRows(statement: Libsql.Statement, parameters: readonly Parameter[]): unknown[] {
  return statement.all(parameters);
}

class LibsqlConnection implements DatabaseConnection {
  readonly #database: Libsql.Database;
  readonly #file: string;

  constructor(database: Libsql.Database, file: string) {
    this.#database = database;
    this.#file = file;
  }

  // The query runs whole before anything else can: two callers never interleave inside one.
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const parameters = query.parameters.map(bindable);
    try {
      const statement = this.#database.prepare(query.sql);
      if (statement.reader) return { rows: allRows<R>(statement, parameters) };
      const { changes } = statement.run(parameters);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      throw translated(error, this.#file);
    }
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("The state database does not stream: ask for pages.");
  }
}

/** How a connection begins and ends transactions; the connection itself is synchronous. */
export interface ConnectionRules {
  readonly database: Libsql.Database;
  readonly file: string;
  /** Begins a transaction, waiting for other processes within a bound. */
  begin(): Promise<void>;
}

class LibsqlDriver implements Driver {
  readonly #rules: ConnectionRules;
  readonly #connection: LibsqlConnection;

  constructor(rules: ConnectionRules) {
    this.#rules = rules;
    this.#connection = new LibsqlConnection(rules.database, rules.file);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    await this.#rules.begin();
  }

  async commitTransaction(): Promise<void> {
    try {
      this.#rules.database.exec("COMMIT");
    } catch (error) {
      throw translated(error, this.#rules.file);
    }
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite has already rolled back by itself after a full disk or an I/O error.
    if (this.#rules.database.inTransaction) this.#rules.database.exec("ROLLBACK");
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#rules.database.close();
  }
}

/** Kysely over one synchronous libsql connection. */
export class LibsqlDialect implements Dialect {
  readonly #rules: ConnectionRules;

  constructor(rules: ConnectionRules) {
    this.#rules = rules;
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#rules);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(database: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(database);
  }
}
