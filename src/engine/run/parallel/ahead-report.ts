/** What became of an attempt that was made ahead of its turn. */
export interface AheadFacts {
  /** `stale`: thrown away and made again at its turn; `discarded`: so, and cut on its way. */
  readonly decision: "used" | "stale" | "stale-accepted" | "discarded";
  /** The rule that decided, and the path that made it so. */
  readonly because: string;
  /** What it took less what was waited for it at its turn; 0 when it was thrown away. */
  readonly savedMs: number;
}

/** What working ahead brought to a run. */
export interface ParallelReport {
  readonly workers: number;
  /** Attempts that were made ahead of their turn. */
  readonly prefetched: number;
  /** Taken over; those that were accepted although they were stale included. */
  readonly used: number;
  readonly discarded: number;
  /** Of those, cut before they were finished. */
  readonly cut: number;
  readonly stale: readonly {
    readonly story: string;
    readonly because: string;
    /** Taken over all the same, to be verified. */
    readonly accepted: boolean;
  }[];
  /** Time in which somebody would have waited for an answer. */
  readonly savedMs: number;
}

/** The facts of one story that was fetched ahead. */
export interface StoryAhead extends AheadFacts {
  readonly story: string;
}

/** Undefined: nothing was fetched ahead, and nothing was to be. */
export function parallelReport(
  workers: number,
  facts: readonly StoryAhead[],
): ParallelReport | undefined {
  if (workers <= 1 && facts.length === 0) return undefined;
  const stale = facts.filter(({ decision }) => decision !== "used");
  const discarded = facts.filter(({ decision }) => isThrownAway(decision)).length;
  return {
    workers,
    prefetched: facts.length,
    used: facts.length - discarded,
    discarded,
    cut: facts.filter(({ decision }) => decision === "discarded").length,
    stale: stale.map(({ story, because, decision }) => ({
      story,
      because,
      accepted: decision === "stale-accepted",
    })),
    savedMs: Math.round(facts.reduce((sum, { savedMs }) => sum + savedMs, 0)),
  };
}

/** Whether the attempt is made again at its turn. */
export function isThrownAway(decision: AheadFacts["decision"]): decision is "stale" | "discarded" {
  return decision === "stale" || decision === "discarded";
}
