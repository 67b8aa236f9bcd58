/** Who holds a partition: informational, for messages; never the basis of a decision. */
export interface LockHolder {
  /** Undefined when the holder has not yet said. */
  readonly pid: number | undefined;
  /** Undefined for a command that is no run. */
  readonly runId: string | undefined;
  /** Of a command that is no run, as a person types it: `autosd refine`. */
  readonly command?: string | undefined;
  /** Epoch milliseconds. */
  readonly sinceMs?: number | undefined;
}

/** Who wants a partition: a run by its id, or a command that is no run. */
export type LockTaker = string | { readonly command: string };

export type LockAttempt =
  | { readonly kind: "held"; release(): Promise<void> }
  | { readonly kind: "busy"; readonly holder: LockHolder };

/**
 * One executor a partition. The operating system releases the lock when its process dies, however
 * it dies; it is never taken over by age.
 */
export interface PartitionLock {
  /** At once, without queueing. */
  acquire(partition: string, taker: LockTaker): Promise<LockAttempt>;
  /** Undefined when the partition is free. Does not disturb executors. */
  holder(partition: string): Promise<LockHolder | undefined>;
}
