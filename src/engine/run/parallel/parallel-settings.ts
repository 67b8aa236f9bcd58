import type { StalenessRule } from "./staleness.ts";

/** How a run works ahead. */
export interface ParallelSettings {
  /** Attempts under way at the same time; 1: none is made ahead of its turn. */
  readonly workers: number;
  /** Stale answers are merged and verified instead of thrown away. */
  readonly allowStale: boolean;
  readonly rule: StalenessRule;
}

/** One after the other; what an earlier execution fetched ahead is still judged by the usual rule. */
export const oneAfterTheOther: ParallelSettings = {
  workers: 1,
  allowStale: false,
  rule: "read-set",
};
