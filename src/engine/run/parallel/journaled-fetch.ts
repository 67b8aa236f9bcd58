import { isThrownAway } from "./ahead-report.ts";
import type { JournalRecord } from "../../../delivery/agent/model/prompt-journal.port.ts";

/** What a journal says of an attempt that may have been begun ahead of its turn. */
export type JournaledFetch =
  /** Nothing is known of the attempt. */
  | { readonly kind: "none" }
  /** It was begun at its turn. */
  | { readonly kind: "at-turn" }
  /** It was begun ahead, on that tree, and what was paid for it can still be of use. */
  | { readonly kind: "open"; readonly baseTree: string; readonly isPaid: boolean }
  /** It was begun ahead and thrown away. */
  | {
      readonly kind: "discarded";
      readonly decision: "stale" | "discarded";
      readonly because: string;
    };

/** Reads the records of one attempt, in the order they were written. */
export function journaledFetch(records: readonly JournalRecord[]): JournaledFetch {
  if (records.length === 0) return { kind: "none" };
  let state: JournaledFetch = { kind: "at-turn" };
  for (const record of records) state = after(state, record);
  return state;
}

function after(state: JournaledFetch, record: JournalRecord): JournaledFetch {
  if (record.kind === "prefetch-start")
    return { kind: "open", baseTree: record.baseTree, isPaid: false };
  if (record.kind === "answer" && state.kind === "open") return { ...state, isPaid: true };
  if (record.kind === "prefetch" && isThrownAway(record.decision))
    return { kind: "discarded", decision: record.decision, because: record.because };
  return state;
}
