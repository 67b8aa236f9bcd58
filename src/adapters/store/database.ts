import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import Libsql from "libsql";
import { Kysely } from "kysely";
import { StateError } from "../../state/errors.ts";
import type { Tx } from "../../state/tx.ts";
import { databasePath, prepareDatabaseFile, prepareHome } from "./home.ts";
import { LibsqlDialect } from "./libsql-dialect.ts";
import { migrate } from "./migrate.ts";
import { sqliteCode, translated } from "./sqlite-errors.ts";
import type { Tables } from "./tables.ts";

/** The state database of one home. Whatever a resolved write said survives a loss of power. */
export interface Database {
  readonly file: string;
  /** The newest committed state. Not part of any transaction, never waits for one. */
  readonly reader: Kysely<Tables>;
  /**
   * All or nothing; one at a time over all processes. Throws AUTOSD-STATE-BUSY after
   * `busyTimeoutMs`, AUTOSD-STATE-TX-MISUSED when called inside another one.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The queries of an open transaction. Throws AUTOSD-STATE-TX-MISUSED after its end. */
  within(tx: Tx): Kysely<Tables>;
  /** In `tx` when given, else in a transaction of its own. */
  write<T>(tx: Tx | undefined, work: (queries: Kysely<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** AUTOSD_HOME: created 0700 when absent. */
  readonly home: string;
  /** File name in `home`; default `state.db`. */
  readonly file?: string;
  /** How long a write waits for other processes; default 30 s. */
  readonly busyTimeoutMs?: number;
}

const defaultBusyTimeoutMs = 30_000;
/** How long one native call may block this process while another one writes. */
const blockingWaitMs = 20;

/**
 * Opens (and on first use creates and migrates) the state database; any number of processes may
 * do so at once. Throws AUTOSD-STATE-* for a newer schema, a damaged file or an unsafe home.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const name = options.file ?? "state.db";
  const file = databasePath(options.home, name);
  const busyTimeoutMs = options.busyTimeoutMs ?? defaultBusyTimeoutMs;
  await prepareHome(options.home, name);
  await prepareDatabaseFile(file);
  try {
    // Even reading a fresh file meets the lock of whoever is turning it into a WAL database, and
    // there SQLite's own waiting does not help.
    const [writer, reader] = await retryWhileBusy(() => connectBoth(file), busyTimeoutMs);
    // Readers wait only for a recovery after a crash, so they may as well wait inside the call.
    reader.pragma(`busy_timeout = ${busyTimeoutMs}`);
    return new OpenDatabase(file, writer, reader, busyTimeoutMs);
  } catch (error) {
    throw translated(error, file);
  }
}

type Connections = readonly [writer: Libsql.Database, reader: Libsql.Database];

function connectBoth(file: string): Connections {
  const opened: Libsql.Database[] = [];
  try {
    const writer = connect(file, opened);
    writer.pragma("journal_mode = WAL");
    migrate(writer, file);
    const reader = connect(file, opened);
    reader.pragma("query_only = ON");
    return [writer, reader];
  } catch (error) {
    for (const connection of opened) connection.close();
    throw error;
  }
}

function connect(file: string, opened: Libsql.Database[]): Libsql.Database {
  const connection = new Libsql(file);
  opened.push(connection);
  connection.pragma(`busy_timeout = ${blockingWaitMs}`);
  // FULL: a commit is on the disk before it is acknowledged.
  connection.pragma("synchronous = FULL");
  connection.pragma("foreign_keys = ON");
  return connection;
}

async function retryWhileBusy<T>(attempt: () => T, timeoutMs: number): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 16)) {
    try {
      return attempt();
    } catch (error) {
      const busy = sqliteCode(error)?.startsWith("SQLITE_BUSY") === true;
      if (!busy || performance.now() >= deadlineMs) throw error;
    }
    await pause(waitMs * (0.5 + Math.random()));
  }
}

class OpenDatabase implements Database {
  readonly file: string;
  readonly reader: Kysely<Tables>;
  readonly #writer: Kysely<Tables>;
  /** Open transactions; a handle is worth nothing outside this map. */
  readonly #open = new Map<object, Kysely<Tables>>();
  readonly #current = new AsyncLocalStorage<object>();
  #queue: Promise<void> = Promise.resolve();

  constructor(
    file: string,
    writer: Libsql.Database,
    reader: Libsql.Database,
    busyTimeoutMs: number,
  ) {
    this.file = file;
    const begin = async (connection: Libsql.Database, statement: string): Promise<void> => {
      try {
        await retryWhileBusy(() => connection.exec(statement), busyTimeoutMs);
      } catch (error) {
        throw translated(error, file);
      }
    };
    const kysely = (database: Libsql.Database, statement: string): Kysely<Tables> =>
      new Kysely({
        dialect: new LibsqlDialect({ database, file, begin: () => begin(database, statement) }),
      });
    // IMMEDIATE: a transaction that reads before it writes must not find out at its end that
    // another process has written in between.
    this.#writer = kysely(writer, "BEGIN IMMEDIATE");
    this.reader = kysely(reader, "BEGIN");
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const outer = this.#current.getStore();
    if (outer !== undefined && this.#open.has(outer))
      throw new StateError(
        "AUTOSD-STATE-TX-MISUSED",
        "A transaction was opened inside another one: pass the outer one on instead.",
      );
    return this.#exclusively(() =>
      this.#writer.transaction().execute(async (queries) => {
        const handle = {};
        this.#open.set(handle, queries);
        if (!this.#isTx(handle)) throw new Error("unreachable: the handle was registered above");
        try {
          return await this.#current.run(handle, () => work(handle));
        } finally {
          this.#open.delete(handle);
          // Following asynchronous work makes every promise of the process slower: only as long as
          // there is something to find.
          if (this.#open.size === 0) this.#current.disable();
        }
      }),
    );
  }

  within(tx: Tx): Kysely<Tables> {
    const queries = this.#open.get(tx);
    if (queries === undefined)
      throw new StateError(
        "AUTOSD-STATE-TX-MISUSED",
        "A transaction was used after its end, or with another database.",
      );
    return queries;
  }

  async write<T>(tx: Tx | undefined, work: (queries: Kysely<Tables>) => Promise<T>): Promise<T> {
    if (tx !== undefined) return work(this.within(tx));
    return this.transaction((own) => work(this.within(own)));
  }

  async close(): Promise<void> {
    await this.#exclusively(async () => {
      await this.#writer.destroy();
      await this.reader.destroy();
    });
  }

  #isTx(handle: object): handle is Tx {
    return this.#open.has(handle);
  }

  /** One connection writes: transactions of this process queue up behind each other. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}
