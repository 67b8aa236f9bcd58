import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { type Log, silentLog } from "../../kernel/log.ts";
import { busyWith } from "../../engine/ports/busy.ts";
import { RunError } from "../../engine/ports/errors.ts";
import type { PartitionLock } from "../../engine/ports/partition-lock.port.ts";
import type {
  EngineClient,
  Flow,
  RunFilter,
  RunRecord,
  StepRecord,
} from "../../engine/ports/run-engine.port.ts";
import type { JournaledRun, RunJournal } from "../../engine/ports/run-journal.port.ts";
import type { Timer } from "../../engine/ports/timer.port.ts";
import { cancelled, type ExecutionParts, type Explain, interruption } from "./execution.ts";
import { executeFlow } from "./execute-flow.ts";
import { recall, toJsonText } from "./json-text.ts";
import { revivedError } from "./recorded-error.ts";
import { runRecord, stepRecord } from "./run-records.ts";
import { systemTimer } from "./system-timer.ts";

export interface LocalEngineOptions {
  /** Its owner closes what is below it, after the engine. */
  readonly journal: RunJournal;
  readonly lock: PartitionLock;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timer?: Timer;
  readonly log?: Log;
  /** How often a waiting flow looks for signals and cancellation; default 200 ms. */
  readonly pollIntervalMs?: number;
  /** Default: failures are what they say. */
  readonly explain?: Explain;
}

const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const maxPartitionLength = 4_096;
const defaultPollIntervalMs = 200;

/** Executes runs in the calling process and remembers them in its journal. */
export function createLocalEngine(options: LocalEngineOptions): EngineClient {
  return new LocalEngine(options);
}

class LocalEngine implements EngineClient {
  readonly #parts: ExecutionParts;
  readonly #journal: RunJournal;
  readonly #lock: PartitionLock;
  readonly #closing = new AbortController();
  readonly #executing = new Set<Promise<unknown>>();

  constructor(options: LocalEngineOptions) {
    this.#journal = options.journal;
    this.#lock = options.lock;
    this.#parts = {
      journal: options.journal,
      clock: options.clock,
      ids: options.ids,
      timer: options.timer ?? systemTimer,
      log: options.log ?? silentLog,
      pollIntervalMs: options.pollIntervalMs ?? defaultPollIntervalMs,
      explain: options.explain ?? ((error) => error),
    };
  }

  async submit<I, O>(
    flow: Flow<I, O>,
    input: I,
    { runId, partition }: { readonly runId: string; readonly partition: string },
  ): Promise<RunRecord> {
    refuseBadNames(runId, partition);
    const text = toJsonText(input, `The input of run ${runId}`);
    const nowMs = this.#parts.clock.now();
    const run = await this.#journal.addRun({
      runId,
      flow: flow.name,
      version: flow.version,
      partition,
      status: "pending",
      input: text,
      output: undefined,
      error: undefined,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      executions: 0,
      cancelRequested: false,
    });
    const different = differenceOf(run, { flow: flow.name, partition, input: text });
    if (different !== undefined)
      throw new RunError("AUTOSD-RUN-CONFLICT", `Run ${runId} exists with another ${different}.`, {
        remedy: `autosd runs show ${runId}`,
      });
    return runRecord(await this.#seen(run));
  }

  async execute<I, O>(flow: Flow<I, O>, runId: string, signal: AbortSignal): Promise<O> {
    const result = this.#execute(flow, runId, AbortSignal.any([signal, this.#closing.signal]));
    this.#executing.add(result);
    try {
      return await result;
    } finally {
      this.#executing.delete(result);
    }
  }

  async signal(runId: string, topic: string, payload: unknown): Promise<void> {
    const run = await this.#known(runId);
    const text = toJsonText(payload, `The payload of signal ${topic}`);
    await this.#journal.addSignal(run.runId, topic, text, this.#parts.clock.now());
  }

  async signals(runId: string, topic: string): Promise<readonly unknown[]> {
    const sent = await this.#journal.signals(runId, topic);
    return sent.map(({ payload }) => recall<unknown>(payload));
  }

  async cancel(runId: string): Promise<RunRecord> {
    const asked = await this.#endUnless(runId, (run) => run.status === "running");
    if (asked.status === "running") {
      const attempt = await this.#lock.acquire(asked.partition, runId);
      if (attempt.kind === "held") {
        try {
          await this.#endUnless(runId, () => false);
        } finally {
          await attempt.release();
        }
      }
    }
    return runRecord(await this.#seen(await this.#known(runId)));
  }

  async get(runId: string): Promise<RunRecord | undefined> {
    const run = await this.#journal.run(runId);
    return run === undefined ? undefined : runRecord(await this.#seen(run));
  }

  async list(filter: RunFilter): Promise<readonly RunRecord[]> {
    const running = await this.#journal.running();
    const free = new Set<string>();
    for (const partition of new Set(running.map((run) => run.partition)))
      if ((await this.#lock.holder(partition)) === undefined) free.add(partition);
    const dead = running.filter((run) => free.has(run.partition));
    return (await this.#journal.runs(filter, dead)).map(runRecord);
  }

  async steps(runId: string): Promise<readonly StepRecord[]> {
    return (await this.#journal.steps(runId)).map(stepRecord);
  }

  /** Interrupts what this client executes and waits for it to stop. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#executing);
  }

  async #execute<I, O>(flow: Flow<I, O>, runId: string, signal: AbortSignal): Promise<O> {
    const run = await this.#known(runId);
    if (isOver(run)) return joined(flow, run);
    refuseOtherFlow(run, flow);
    if (signal.aborted) throw interruption(runId, signal);
    const attempt = await this.#lock.acquire(run.partition, runId);
    if (attempt.kind === "busy") throw busyWith(attempt.holder, run.partition);
    try {
      const begun = await this.#begin(runId);
      if (isOver(begun)) return joined(flow, begun);
      return recall<O>(await executeFlow(this.#parts, flow, begun, signal));
    } finally {
      await attempt.release();
    }
  }

  /** The run in its new execution, or as another process has ended it meanwhile. */
  #begin(runId: string): Promise<JournaledRun> {
    return this.#journal.transaction(async (tx) => {
      const run = await this.#journal.run(runId, tx);
      if (run === undefined) throw unknownRun(runId);
      if (isOver(run)) return run;
      const atMs = this.#parts.clock.now();
      if (run.cancelRequested) {
        await this.#journal.endIdle(runId, { status: "cancelled", atMs }, tx);
        return { ...run, status: "cancelled" };
      }
      const executions = await this.#journal.beginExecution(runId, atMs, tx);
      return { ...run, status: "running", executions };
    });
  }

  /** Asks the run to stop, and ends it at once unless `isExecuted`. */
  #endUnless(runId: string, isExecuted: (run: JournaledRun) => boolean): Promise<JournaledRun> {
    return this.#journal.transaction(async (tx) => {
      const run = await this.#journal.run(runId, tx);
      if (run === undefined) throw unknownRun(runId);
      if (isOver(run)) return run;
      const atMs = this.#parts.clock.now();
      await this.#journal.requestCancel(runId, atMs, tx);
      if (!isExecuted(run)) await this.#journal.endIdle(runId, { status: "cancelled", atMs }, tx);
      return run;
    });
  }

  async #known(runId: string): Promise<JournaledRun> {
    const run = await this.#journal.run(runId);
    if (run === undefined) throw unknownRun(runId);
    return run;
  }

  /** A `running` run whose lock is free died: it is shown as `interrupted`. */
  async #seen(run: JournaledRun): Promise<JournaledRun> {
    if (run.status !== "running") return run;
    if ((await this.#lock.holder(run.partition)) !== undefined) return run;
    // It may have ended, or begun again, since it was read: only the same execution is dead.
    const now = await this.#known(run.runId);
    const isDead = now.status === "running" && now.executions === run.executions;
    return isDead ? { ...now, status: "interrupted" } : now;
  }
}

function isOver(run: JournaledRun): boolean {
  return run.status === "succeeded" || run.status === "failed" || run.status === "cancelled";
}

/** What a run that is over ended with. */
function joined<I, O>(_flow: Flow<I, O>, run: JournaledRun): O {
  if (run.status === "failed") throw revivedError(run.error);
  if (run.status === "cancelled") throw cancelled(run.runId);
  return recall<O>(run.output);
}

function refuseOtherFlow<I, O>(run: JournaledRun, flow: Flow<I, O>): void {
  if (run.flow !== flow.name)
    throw new RunError(
      "AUTOSD-RUN-CONFLICT",
      `Run ${run.runId} is a run of ${run.flow}, not of ${flow.name}.`,
      { remedy: `autosd runs show ${run.runId}` },
    );
  if (run.version !== flow.version)
    throw new RunError(
      "AUTOSD-RUN-VERSION",
      `Run ${run.runId} was begun with version ${run.version} of ${flow.name}; this autosd has version ${flow.version}.`,
    );
}

function refuseBadNames(runId: string, partition: string): void {
  if (!runIdPattern.test(runId))
    throw new RunError("AUTOSD-RUN-ID-INVALID", `"${runId.slice(0, 140)}" is not a run id.`);
  if (partition.length === 0 || partition.length > maxPartitionLength)
    throw new RunError(
      "AUTOSD-RUN-VALUE-INVALID",
      `A partition of ${partition.length} characters; 1 to ${maxPartitionLength} are allowed.`,
    );
}

function differenceOf(
  run: JournaledRun,
  wanted: { readonly flow: string; readonly partition: string; readonly input: string | undefined },
): string | undefined {
  if (run.flow !== wanted.flow) return "flow";
  if (run.partition !== wanted.partition) return "project";
  return run.input === wanted.input ? undefined : "input";
}

function unknownRun(runId: string): RunError {
  return new RunError("AUTOSD-RUN-UNKNOWN", `There is no run ${runId.slice(0, 140)}.`);
}
