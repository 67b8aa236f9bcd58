import type { Tx } from "../../state/tx.ts";
import type { RunFilter, RunStatus, StepRecord } from "./run-engine.port.ts";

/** JSON text; undefined stands for JavaScript's undefined, which JSON cannot say. */
export type JsonText = string | undefined;

/** A run as it is stored. `status` is what was written last: `running` may be a process long dead. */
export interface JournaledRun {
  readonly runId: string;
  readonly flow: string;
  readonly version: number;
  readonly partition: string;
  readonly status: RunStatus;
  readonly input: JsonText;
  readonly output: JsonText;
  readonly error: JsonText;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly executions: number;
  readonly cancelRequested: boolean;
}

/** A step as it is stored. */
export interface JournaledStep {
  /** 0-based. */
  readonly position: number;
  readonly name: string;
  readonly kind: StepRecord["kind"];
  readonly state: StepRecord["state"];
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** When a wait or sleep ends; epoch milliseconds. */
  readonly deadlineMs: number | undefined;
  readonly output: JsonText;
  readonly error: JsonText;
}

/** A run of which execution `executions` is known to have died. */
export interface DeadExecution {
  readonly runId: string;
  readonly executions: number;
}

/** What changes in a run when its status does. */
export interface RunChange {
  readonly status: RunStatus;
  readonly output?: JsonText;
  readonly error?: JsonText;
  readonly atMs: number;
}

/**
 * The memory of runs. Whatever resolved is durable. Writes of an execution carry its number
 * (`executions` of the run while it executes) as a fencing token: they return false and change
 * nothing once the run is no longer in that execution.
 */
export interface RunJournal {
  /** The change and everything written with `tx` happen together or not at all. Never nested. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Inserts unless the id exists; returns what is recorded under the id. */
  addRun(run: JournaledRun): Promise<JournaledRun>;
  run(runId: string, tx?: Tx): Promise<JournaledRun | undefined>;
  /** Newest first. Runs listed in `dead` count as `interrupted` instead of `running`. */
  runs(filter: RunFilter, dead: readonly DeadExecution[]): Promise<readonly JournaledRun[]>;
  /** Runs whose stored status is `running`. */
  running(): Promise<readonly (DeadExecution & { readonly partition: string })[]>;
  /** Raises `executions`, sets `running`, and marks other `running` runs of the partition `interrupted`. */
  beginExecution(runId: string, atMs: number, tx: Tx): Promise<number>;
  /** Ends the execution; fenced. */
  endExecution(runId: string, execution: number, change: RunChange): Promise<boolean>;
  /** Ends a run that nobody executes. */
  endIdle(runId: string, change: RunChange, tx: Tx): Promise<void>;
  requestCancel(runId: string, atMs: number, tx: Tx): Promise<void>;
  /** By position. */
  steps(runId: string): Promise<readonly JournaledStep[]>;
  /** Inserts or replaces by position; fenced. */
  putStep(runId: string, execution: number, step: JournaledStep, tx?: Tx): Promise<boolean>;
  addSignal(runId: string, topic: string, payload: JsonText, atMs: number): Promise<void>;
  hasSignal(runId: string, topic: string): Promise<boolean>;
  /** All that were ever sent, taken or not, oldest first. */
  signals(runId: string, topic: string): Promise<readonly { readonly payload: JsonText }[]>;
  /** Takes the oldest waiting signal for the step at `position`. */
  takeSignal(
    runId: string,
    topic: string,
    position: number,
    tx: Tx,
  ): Promise<{ readonly payload: JsonText } | undefined>;
}
