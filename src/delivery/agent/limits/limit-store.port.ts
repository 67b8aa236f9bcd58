import type { LimitState } from "./limit-records.ts";

/** Where what is known of limits is kept, by key: shared by whoever may use the same limit. */
export interface LimitStore {
  /**
   * Replaces the state under `key` by what `change` makes of it, and returns what else it made. No
   * two changes of one key overlap, wherever they are asked for. A state that cannot be read, or
   * belongs to an unknown version, counts as absent; one that cannot be kept is lost silently: it is
   * a help, never a condition.
   */
  change<T>(
    key: string,
    change: (state: LimitState | undefined) => readonly [LimitState, T],
  ): Promise<T>;
}
