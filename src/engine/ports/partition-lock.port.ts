/** Who holds a partition: informational, for messages; never the basis of a decision. */
export interface LockHolder {
  /** Undefined when the holder has not yet said. */
  readonly pid: number | undefined;
  readonly runId: string | undefined;
}

export type LockAttempt =
  | { readonly kind: "held"; release(): Promise<void> }
  | { readonly kind: "busy"; readonly holder: LockHolder };

/**
 * One executor a partition. The operating system releases the lock when its process dies, however
 * it dies; it is never taken over by age.
 */
export interface PartitionLock {
  /** At once, without queueing. */
  acquire(partition: string, runId: string): Promise<LockAttempt>;
  /** Undefined when the partition is free. Does not disturb executors. */
  holder(partition: string): Promise<LockHolder | undefined>;
}
