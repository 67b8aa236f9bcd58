import type { RunFilter } from "../../engine/ports/run-engine.port.ts";
import type {
  DeadExecution,
  JournaledRun,
  JournaledStep,
  JsonText,
  RunChange,
  RunJournal,
} from "../../engine/ports/run-journal.port.ts";
import { StateError } from "../../state/errors.ts";
import type { Tx } from "../../state/tx.ts";

interface Signal {
  readonly runId: string;
  readonly topic: string;
  readonly payload: JsonText;
  readonly takenBy: number | undefined;
}

/** All that is remembered. Records are immutable, so a copy of the collections is a snapshot. */
interface Memory {
  readonly runs: ReadonlyMap<string, JournaledRun>;
  readonly steps: ReadonlyMap<string, ReadonlyMap<number, JournaledStep>>;
  readonly signals: readonly Signal[];
}

const emptyMemory: Memory = { runs: new Map(), steps: new Map(), signals: [] };

/** The memory of runs in this process, with the rules of the stored one. For tests of flows. */
export class MemoryJournal implements RunJournal {
  #memory = emptyMemory;
  readonly #open = new Map<object, (() => void)[]>();
  #queue: Promise<unknown> = Promise.resolve();

  /** Calls `undo` when `tx` is rolled back, newest first: stores in memory follow the transaction so. */
  readonly onRollback = (tx: Tx, undo: () => void): void => {
    const undos = this.#open.get(tx);
    if (undos === undefined) throw misused();
    undos.unshift(undo);
  };

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => this.#transaction(work));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async addRun(run: JournaledRun): Promise<JournaledRun> {
    const known = this.#memory.runs.get(run.runId);
    if (known === undefined) this.#putRun(run);
    return known ?? run;
  }

  async run(runId: string, tx?: Tx): Promise<JournaledRun | undefined> {
    this.#refuseEnded(tx);
    return this.#memory.runs.get(runId);
  }

  async runs(filter: RunFilter, dead: readonly DeadExecution[]): Promise<readonly JournaledRun[]> {
    const { partition, flow, status } = filter;
    return [...this.#memory.runs.values()]
      .map((run) => (isDead(run, dead) ? { ...run, status: "interrupted" as const } : run))
      .filter((run) => partition === undefined || run.partition === partition)
      .filter((run) => flow === undefined || run.flow === flow)
      .filter((run) => status === undefined || status.includes(run.status))
      .sort((left, right) => right.createdAtMs - left.createdAtMs || byId(right, left))
      .slice(0, filter.limit);
  }

  async running(): Promise<readonly (DeadExecution & { readonly partition: string })[]> {
    return [...this.#memory.runs.values()].filter((run) => run.status === "running");
  }

  async beginExecution(runId: string, atMs: number, tx: Tx): Promise<number> {
    this.#refuseEnded(tx);
    const run = this.#known(runId);
    for (const other of await this.running())
      if (other.partition === run.partition && other.runId !== runId)
        this.#change(other.runId, { status: "interrupted", updatedAtMs: atMs });
    const executions = run.executions + 1;
    this.#change(runId, { status: "running", executions, error: undefined, updatedAtMs: atMs });
    return executions;
  }

  async endExecution(runId: string, execution: number, change: RunChange): Promise<boolean> {
    if (!this.#isCurrent(runId, execution)) return false;
    this.#end(runId, change);
    return true;
  }

  async endIdle(runId: string, change: RunChange, tx: Tx): Promise<void> {
    this.#refuseEnded(tx);
    this.#end(runId, change);
  }

  async requestCancel(runId: string, atMs: number, tx: Tx): Promise<void> {
    this.#refuseEnded(tx);
    this.#change(runId, { cancelRequested: true, updatedAtMs: atMs });
  }

  async steps(runId: string): Promise<readonly JournaledStep[]> {
    const steps = this.#memory.steps.get(runId) ?? new Map<number, JournaledStep>();
    return [...steps.values()].sort((left, right) => left.position - right.position);
  }

  async putStep(runId: string, execution: number, step: JournaledStep, tx?: Tx): Promise<boolean> {
    this.#refuseEnded(tx);
    if (!this.#isCurrent(runId, execution)) return false;
    const ofRun = new Map(this.#memory.steps.get(runId)).set(step.position, step);
    this.#memory = { ...this.#memory, steps: new Map(this.#memory.steps).set(runId, ofRun) };
    return true;
  }

  async addSignal(runId: string, topic: string, payload: JsonText): Promise<void> {
    const signal: Signal = { runId, topic, payload, takenBy: undefined };
    this.#memory = { ...this.#memory, signals: [...this.#memory.signals, signal] };
  }

  async hasSignal(runId: string, topic: string): Promise<boolean> {
    return this.#waiting(runId, topic) !== undefined;
  }

  async signals(runId: string, topic: string): Promise<readonly { readonly payload: JsonText }[]> {
    return this.#memory.signals.filter((one) => one.runId === runId && one.topic === topic);
  }

  async takeSignal(
    runId: string,
    topic: string,
    position: number,
    tx: Tx,
  ): Promise<{ readonly payload: JsonText } | undefined> {
    this.#refuseEnded(tx);
    const taken = this.#waiting(runId, topic);
    if (taken === undefined) return undefined;
    const signals = this.#memory.signals.map((signal) =>
      signal === taken ? { ...signal, takenBy: position } : signal,
    );
    this.#memory = { ...this.#memory, signals };
    return { payload: taken.payload };
  }

  async #transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const before = this.#memory;
    const handle = {};
    const undos: (() => void)[] = [];
    this.#open.set(handle, undos);
    if (!this.#isTx(handle)) throw misused();
    try {
      return await work(handle);
    } catch (error) {
      this.#memory = before;
      for (const undo of undos) undo();
      throw error;
    } finally {
      this.#open.delete(handle);
    }
  }

  #isTx(handle: object): handle is Tx {
    return this.#open.has(handle);
  }

  #refuseEnded(tx: Tx | undefined): void {
    if (tx !== undefined && !this.#open.has(tx)) throw misused();
  }

  #isCurrent(runId: string, execution: number): boolean {
    const run = this.#memory.runs.get(runId);
    return run?.status === "running" && run.executions === execution;
  }

  #waiting(runId: string, topic: string): Signal | undefined {
    return this.#memory.signals.find(
      (signal) => signal.runId === runId && signal.topic === topic && signal.takenBy === undefined,
    );
  }

  #end(runId: string, { status, output, error, atMs }: RunChange): void {
    this.#change(runId, { status, output, error, updatedAtMs: atMs });
  }

  #change(runId: string, change: Partial<JournaledRun>): void {
    this.#putRun({ ...this.#known(runId), ...change });
  }

  #known(runId: string): JournaledRun {
    const run = this.#memory.runs.get(runId);
    if (run === undefined) throw new Error(`no run ${runId} in memory`);
    return run;
  }

  #putRun(run: JournaledRun): void {
    this.#memory = { ...this.#memory, runs: new Map(this.#memory.runs).set(run.runId, run) };
  }
}

function isDead(run: JournaledRun, dead: readonly DeadExecution[]): boolean {
  return (
    run.status === "running" &&
    dead.some(({ runId, executions }) => runId === run.runId && executions === run.executions)
  );
}

function byId(left: JournaledRun, right: JournaledRun): number {
  return left.runId < right.runId ? -1 : 1;
}

function misused(): StateError {
  return new StateError("AUTOSD-STATE-TX-MISUSED", "A transaction was used after its end.");
}
