/** Time comes in through this port; nothing below the adapters reads the machine's clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds from an arbitrary origin, never going back: for durations only. */
  monotonicMs(): number;
}

/** `2026-01-31T10:20:30.456Z` for milliseconds since the epoch. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
