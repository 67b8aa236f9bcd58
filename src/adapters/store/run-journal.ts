import { type Kysely, sql } from "kysely";
import type { RunFilter } from "../../engine/ports/run-engine.port.ts";
import type {
  DeadExecution,
  JournaledRun,
  JournaledStep,
  JsonText,
  RunChange,
  RunJournal,
} from "../../engine/ports/run-journal.port.ts";
import type { Tx } from "../../state/tx.ts";
import type { Database } from "./database.ts";
import { changeRow, runOf, runRow, stepOf, stepRow } from "./run-rows.ts";
import type { Tables } from "./tables.ts";

/** The memory of runs in the state database. Closing the database is its owner's business. */
export function createRunJournal(database: Database): RunJournal {
  return new StoredRunJournal(database);
}

class StoredRunJournal implements RunJournal {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#database.transaction(work);
  }

  async addRun(run: JournaledRun): Promise<JournaledRun> {
    const known = await this.run(run.runId);
    if (known !== undefined) return known;
    return this.#database.write(undefined, async (queries) => {
      await queries
        .insertInto("runs")
        .values(runRow(run))
        .onConflict((conflict) => conflict.column("run_id").doNothing())
        .execute();
      return (await runIn(queries, run.runId)) ?? run;
    });
  }

  run(runId: string, tx?: Tx): Promise<JournaledRun | undefined> {
    return runIn(this.#queries(tx), runId);
  }

  async runs(filter: RunFilter, dead: readonly DeadExecution[]): Promise<readonly JournaledRun[]> {
    let query = this.#database.reader
      .selectFrom("runs")
      .selectAll()
      .orderBy("created_at_ms", "desc")
      .orderBy("run_id", "desc")
      .limit(filter.limit);
    if (filter.partition !== undefined) query = query.where("partition", "=", filter.partition);
    if (filter.flow !== undefined) query = query.where("flow", "=", filter.flow);
    const statuses = filter.status;
    if (statuses !== undefined)
      query = query.where(shownStatus(dead), "in", statuses.length === 0 ? [""] : [...statuses]);
    const rows = await query.execute();
    const deadExecutions = new Map(dead.map((run) => [run.runId, run.executions]));
    return rows.map((row) => {
      const run = runOf(row);
      const isDead = run.status === "running" && deadExecutions.get(run.runId) === run.executions;
      return isDead ? { ...run, status: "interrupted" } : run;
    });
  }

  async running(): Promise<readonly (DeadExecution & { readonly partition: string })[]> {
    const rows = await this.#database.reader
      .selectFrom("runs")
      .select(["run_id", "executions", "partition"])
      .where("status", "=", "running")
      .execute();
    return rows.map((row) => ({
      runId: row.run_id,
      executions: row.executions,
      partition: row.partition,
    }));
  }

  async beginExecution(runId: string, atMs: number, tx: Tx): Promise<number> {
    const queries = this.#database.within(tx);
    const run = await queries
      .updateTable("runs")
      .set((row) => ({
        status: "running",
        executions: row("executions", "+", 1),
        error: null,
        updated_at_ms: atMs,
      }))
      .where("run_id", "=", runId)
      .returning(["executions", "partition"])
      .executeTakeFirstOrThrow();
    await queries
      .updateTable("runs")
      .set({ status: "interrupted", updated_at_ms: atMs })
      .where("partition", "=", run.partition)
      .where("status", "=", "running")
      .where("run_id", "!=", runId)
      .execute();
    return run.executions;
  }

  endExecution(runId: string, execution: number, change: RunChange): Promise<boolean> {
    return this.#database.write(undefined, async (queries) => {
      const result = await queries
        .updateTable("runs")
        .set(changeRow(change))
        .where("run_id", "=", runId)
        .where("status", "=", "running")
        .where("executions", "=", execution)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    });
  }

  async endIdle(runId: string, change: RunChange, tx: Tx): Promise<void> {
    await this.#database
      .within(tx)
      .updateTable("runs")
      .set(changeRow(change))
      .where("run_id", "=", runId)
      .execute();
  }

  async requestCancel(runId: string, atMs: number, tx: Tx): Promise<void> {
    await this.#database
      .within(tx)
      .updateTable("runs")
      .set({ cancel_requested: 1, updated_at_ms: atMs })
      .where("run_id", "=", runId)
      .execute();
  }

  async steps(runId: string): Promise<readonly JournaledStep[]> {
    const rows = await this.#database.reader
      .selectFrom("run_steps")
      .selectAll()
      .where("run_id", "=", runId)
      .orderBy("position")
      .execute();
    return rows.map(stepOf);
  }

  putStep(runId: string, execution: number, step: JournaledStep, tx?: Tx): Promise<boolean> {
    return this.#database.write(tx, async (queries) => {
      const current = await queries
        .selectFrom("runs")
        .select("run_id")
        .where("run_id", "=", runId)
        .where("status", "=", "running")
        .where("executions", "=", execution)
        .executeTakeFirst();
      if (current === undefined) return false;
      await queries.replaceInto("run_steps").values(stepRow(runId, step)).execute();
      return true;
    });
  }

  async addSignal(runId: string, topic: string, payload: JsonText, atMs: number): Promise<void> {
    await this.#database.write(undefined, (queries) =>
      queries
        .insertInto("run_signals")
        .values({
          run_id: runId,
          topic,
          payload: payload ?? null,
          sent_at_ms: atMs,
          taken_by: null,
        })
        .execute(),
    );
  }

  async hasSignal(runId: string, topic: string): Promise<boolean> {
    return (await waitingSignal(this.#database.reader, runId, topic)) !== undefined;
  }

  async signals(runId: string, topic: string): Promise<readonly { readonly payload: JsonText }[]> {
    const rows = await this.#database.reader
      .selectFrom("run_signals")
      .select("payload")
      .where("run_id", "=", runId)
      .where("topic", "=", topic)
      .orderBy("seq")
      .execute();
    return rows.map(({ payload }) => ({ payload: payload ?? undefined }));
  }

  async takeSignal(
    runId: string,
    topic: string,
    position: number,
    tx: Tx,
  ): Promise<{ readonly payload: JsonText } | undefined> {
    const queries = this.#database.within(tx);
    const signal = await waitingSignal(queries, runId, topic);
    if (signal === undefined) return undefined;
    await queries
      .updateTable("run_signals")
      .set({ taken_by: position })
      .where("seq", "=", signal.seq)
      .execute();
    return { payload: signal.payload ?? undefined };
  }

  #queries(tx: Tx | undefined): Kysely<Tables> {
    return tx === undefined ? this.#database.reader : this.#database.within(tx);
  }
}

/** The status that readers are shown; one bound parameter, however many runs are dead. */
function shownStatus(dead: readonly DeadExecution[]): ReturnType<typeof sql<string>> {
  const pairs = JSON.stringify(dead.map((run) => `${run.executions}/${run.runId}`));
  return sql<string>`CASE WHEN status = 'running'
    AND (executions || '/' || run_id) IN (SELECT value FROM json_each(${pairs}))
    THEN 'interrupted' ELSE status END`;
}

function waitingSignal(
  queries: Kysely<Tables>,
  runId: string,
  topic: string,
): Promise<{ seq: number; payload: string | null } | undefined> {
  return queries
    .selectFrom("run_signals")
    .select(["seq", "payload"])
    .where("run_id", "=", runId)
    .where("topic", "=", topic)
    .where("taken_by", "is", null)
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
}

async function runIn(queries: Kysely<Tables>, runId: string): Promise<JournaledRun | undefined> {
  const row = await queries
    .selectFrom("runs")
    .selectAll()
    .where("run_id", "=", runId)
    .executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}
