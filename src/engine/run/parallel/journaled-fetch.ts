import type { JournalRecord } from "../../../delivery/agent/model/prompt-journal.port.ts";

/** What a journal says of an attempt that may have been begun ahead of its turn. */
export type JournaledFetch =
  /** Nothing is known of the attempt. */
  | { readonly kind: "none" }
  /** It was begun at its turn. */
  | { readonly kind: "at-turn" }
  /** It was begun ahead, on that tree, and what was paid for it can still be of use. */
  | { readonly kind: "open"; readonly baseTree: string }
  /** It was begun ahead and thrown away. */
  | { readonly kind: "discarded"; readonly because: string };

/** Reads the records of one attempt, in the order they were written. */
export function journaledFetch(records: readonly JournalRecord[]): JournaledFetch {
  let state: JournaledFetch = records.length === 0 ? { kind: "none" } : { kind: "at-turn" };
  for (const record of records) {
    if (record.kind === "prefetch-start") state = { kind: "open", baseTree: record.baseTree };
    else if (record.kind === "prefetch" && isDiscarding(record.decision))
      state = { kind: "discarded", because: record.because };
  }
  return state;
}

function isDiscarding(decision: string): boolean {
  return decision === "stale" || decision === "discarded";
}
