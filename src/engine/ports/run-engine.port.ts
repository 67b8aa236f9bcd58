import type { Authorization } from "../../governance/policy/authorization.ts";
import type { Tx } from "../../state/tx.ts";

/** Bounded retries of a step whose failure is marked retryable. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export interface StepScope {
  /** Stable across resumes: `<runId>/<position>/<name>`. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** An action on the outside that happens once, whatever crashes. */
export interface Effect<T> {
  /** In the intent's transaction: grant, policy, budget, audit. A refusal throws. */
  authorize(tx: Tx, key: string): Promise<Authorization>;
  /** Carries the key; the target honours it. */
  do(authorization: Authorization, key: string): Promise<T>;
  /** After a crash between intent and outcome: did it happen? `undefined`: it did not. */
  probe(key: string): Promise<T | undefined>;
}

/**
 * What a flow sees of the engine. Results must be JSON values. The order of steps is the identity
 * of a run: a flow whose steps differ from the journal's stops with AUTOSD-RUN-CHANGED.
 */
export interface Ctx {
  readonly runId: string;
  readonly partition: string;
  readonly signal: AbortSignal;
  /** At least once, its result remembered: write it so that it can be repeated. */
  step<T>(
    name: string,
    run: (scope: StepScope) => Promise<T>,
    options?: { readonly retry?: RetryPolicy },
  ): Promise<T>;
  /** A state change, exactly once: the change and the memory of it are one transaction. */
  tx<T>(name: string, run: (tx: Tx) => Promise<T>): Promise<T>;
  /** The only way to act on the world. */
  effect<T>(name: string, effect: Effect<T>): Promise<T>;
  /** Waits durably for a signal; null after `timeoutMs`, counted from the first wait, across restarts. */
  waitFor<T>(topic: string, timeoutMs: number): Promise<T | null>;
  /** Durable: the wake-up time is remembered. */
  sleep(ms: number): Promise<void>;
  /** Remembered: the same on resume. Epoch milliseconds. */
  now(): Promise<number>;
  /** Remembered: the same on resume. */
  id(prefix: string): Promise<string>;
}

/** A command's work, written as journaled steps. Raise `version` whenever the order of steps changes. */
export interface Flow<Input, Output> {
  readonly name: string;
  readonly version: number;
  run(ctx: Ctx, input: Input): Promise<Output>;
}

export type RunStatus =
  "pending" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";

export interface RunRecord {
  readonly runId: string;
  readonly flow: string;
  readonly version: number;
  /** One run at a time executes in a partition: a project. */
  readonly partition: string;
  readonly status: RunStatus;
  readonly input: unknown;
  readonly output: unknown;
  readonly error:
    | {
        readonly code: string;
        readonly message: string;
        readonly remedy: string;
        readonly exitCode: number;
      }
    | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** How many times execution began: 1 for an undisturbed run. */
  readonly executions: number;
  readonly cancelRequested: boolean;
}

export interface StepRecord {
  readonly position: number;
  readonly name: string;
  readonly kind: "step" | "tx" | "effect" | "wait" | "sleep" | "now" | "id";
  readonly state: "intended" | "done" | "failed";
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly output: unknown;
}

export interface RunFilter {
  readonly partition?: string;
  readonly flow?: string;
  readonly status?: readonly RunStatus[];
  readonly limit: number;
}

/** What commands do with runs. `runId` is also the idempotency key. */
export interface EngineClient {
  /** Records the run if it is new (same id, other input: AUTOSD-RUN-CONFLICT) and does not execute it. */
  submit<I, O>(
    flow: Flow<I, O>,
    input: I,
    options: { readonly runId: string; readonly partition: string },
  ): Promise<RunRecord>;
  /**
   * Executes a recorded run in this process to its end, or joins its recorded result. Throws the
   * flow's error. AUTOSD-RUN-BUSY when another process executes in the partition. Aborting `signal`
   * leaves the run `interrupted`, resumable.
   */
  execute<I, O>(flow: Flow<I, O>, runId: string, signal: AbortSignal): Promise<O>;
  signal(runId: string, topic: string, payload: unknown): Promise<void>;
  /** What was sent to a run, whether somebody has waited for it or not; oldest first. */
  signals(runId: string, topic: string): Promise<readonly unknown[]>;
  /** Asks a run to stop at its next step; a run that nobody executes is cancelled at once. */
  cancel(runId: string): Promise<RunRecord>;
  get(runId: string): Promise<RunRecord | undefined>;
  list(filter: RunFilter): Promise<readonly RunRecord[]>;
  steps(runId: string): Promise<readonly StepRecord[]>;
  close(): Promise<void>;
}
