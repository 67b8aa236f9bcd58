/** Waiting comes in through this port. */
export interface Timer {
  /** Resolves after about `ms`, or as soon as `signal` aborts. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
