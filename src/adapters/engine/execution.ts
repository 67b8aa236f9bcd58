import { AutosdError } from "../../kernel/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Log } from "../../kernel/log.ts";
import type { Tx } from "../../state/tx.ts";
import { RunError } from "../../engine/ports/errors.ts";
import type {
  JournaledRun,
  JournaledStep,
  RunJournal,
} from "../../engine/ports/run-journal.port.ts";
import type { Timer } from "../../engine/ports/timer.port.ts";
import { errorText, isResumable } from "./recorded-error.ts";

/** What an execution needs from outside. */
export interface ExecutionParts {
  readonly journal: RunJournal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timer: Timer;
  readonly log: Log;
  /** How often a waiting flow looks for signals and cancellation. */
  readonly pollIntervalMs: number;
  /** Says what a failure of a run really is, such as a full disk; or returns it as it is. */
  readonly explain: Explain;
}

/** Must not throw. */
export type Explain = (
  error: unknown,
  run: { readonly runId: string; readonly partition: string },
) => unknown;

/** Why an execution stops although its flow has not ended; the run stays as it is or is cancelled. */
export interface Halt {
  readonly kind: "interrupted" | "cancelled";
  readonly error: unknown;
}

/** The place of one step in a run. */
export interface Slot {
  readonly position: number;
  readonly name: string;
  readonly kind: JournaledStep["kind"];
  /** `<runId>/<position>/<name>` */
  readonly key: string;
  readonly startedAtMs: number;
}

/**
 * One execution of a run: writes its journal under its fencing token, and remembers why it has to
 * stop. The first halt stays, so that a flow that catches it cannot go on.
 */
export class Execution {
  readonly parts: ExecutionParts;
  readonly runId: string;
  readonly partition: string;
  readonly number: number;
  readonly signal: AbortSignal;
  #halt: Halt | undefined;

  constructor(parts: ExecutionParts, run: JournaledRun, number: number, signal: AbortSignal) {
    this.parts = parts;
    this.runId = run.runId;
    this.partition = run.partition;
    this.number = number;
    this.signal = signal;
  }

  get halt(): Halt | undefined {
    return this.#halt;
  }

  /** Throws the reason, now and for every later step. */
  stop(kind: Halt["kind"], error: unknown): never {
    this.#halt ??= { kind, error: this.explained(error) };
    throw this.#halt.error;
  }

  /** Throws when the execution has been halted, aborted or cancelled. */
  async refuseIfStopped(): Promise<void> {
    if (this.#halt !== undefined) throw this.#halt.error;
    if (this.signal.aborted) this.interrupt();
    const run = await this.#guarded(() => this.parts.journal.run(this.runId));
    if (run?.cancelRequested === true) this.stop("cancelled", cancelled(this.runId));
  }

  explained(error: unknown): unknown {
    return this.parts.explain(error, this);
  }

  interrupt(): never {
    return this.stop("interrupted", interruption(this.runId, this.signal));
  }

  /** Remembers a step; halts when that is not possible. */
  async record(step: JournaledStep, tx?: Tx): Promise<void> {
    const { journal } = this.parts;
    const written = await this.#guarded(() => journal.putStep(this.runId, this.number, step, tx));
    if (!written) this.stop("interrupted", superseded(this.runId));
  }

  async recordDone(slot: Slot, output: string | undefined, tx?: Tx): Promise<void> {
    const endedAtMs = this.parts.clock.now();
    await this.record({ ...stepOf(slot), state: "done", endedAtMs, output }, tx);
  }

  /** Remembers that a step failed and throws its error; what resuming can mend halts instead. */
  async fail(slot: Slot, thrown: unknown): Promise<never> {
    if (this.#halt !== undefined) throw this.#halt.error;
    if (this.signal.aborted) this.interrupt();
    const error = this.explained(thrown);
    if (isResumable(error)) this.stop("interrupted", error);
    const endedAtMs = this.parts.clock.now();
    await this.record({ ...stepOf(slot), state: "failed", endedAtMs, error: errorText(error) });
    throw error;
  }

  /**
   * A transaction whose own trouble (busy, full disk, lost power of the execution) halts, while
   * what `work` throws is the step's failure.
   */
  async transaction<T>(slot: Slot, work: (tx: Tx) => Promise<T>): Promise<T> {
    let failure: { readonly error: unknown } | undefined;
    try {
      return await this.parts.journal.transaction(async (tx) => {
        try {
          return await work(tx);
        } catch (error) {
          failure = { error };
          throw error;
        }
      });
    } catch (error) {
      if (failure !== undefined) return this.fail(slot, failure.error);
      return this.stop("interrupted", error);
    }
  }

  /** Waits; throws when the execution is aborted or cancelled meanwhile. */
  async pause(durationMs: number): Promise<void> {
    const { clock, timer, pollIntervalMs } = this.parts;
    const untilMs = clock.now() + durationMs;
    for (let leftMs = durationMs; leftMs > 0; leftMs = untilMs - clock.now()) {
      await timer.wait(Math.min(leftMs, pollIntervalMs), this.signal);
      await this.refuseIfStopped();
    }
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      return this.stop("interrupted", error);
    }
  }
}

/** A step as it is journaled when it begins. */
export function stepOf(slot: Slot): JournaledStep {
  return {
    position: slot.position,
    name: slot.name,
    kind: slot.kind,
    state: "intended",
    startedAtMs: slot.startedAtMs,
    endedAtMs: undefined,
    deadlineMs: undefined,
    output: undefined,
    error: undefined,
  };
}

/** What an aborted execution throws: the abort's own reason when that is an error of autosd. */
export function interruption(runId: string, signal: AbortSignal): AutosdError {
  const reason: unknown = signal.reason;
  if (reason instanceof AutosdError) return reason;
  return new RunError(
    "AUTOSD-RUN-INTERRUPTED",
    `Run ${runId} was interrupted; what it finished is kept.`,
    { remedy: `autosd runs resume ${runId}` },
  );
}

/** What executing a cancelled run throws. */
export function cancelled(runId: string): RunError {
  return new RunError("AUTOSD-RUN-CANCELLED", `Run ${runId} was cancelled.`);
}

/** What an execution throws that another one has replaced. */
export function superseded(runId: string): RunError {
  return new RunError(
    "AUTOSD-RUN-SUPERSEDED",
    `Run ${runId} was taken over by another process; this one has stopped.`,
    { remedy: `autosd runs show ${runId}` },
  );
}
