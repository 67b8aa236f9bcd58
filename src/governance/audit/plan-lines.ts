import { sha256 } from "../../kernel/hash.ts";
import { buildLine, redactDraft } from "./entry-line.ts";
import { entryTime } from "./entry-time.ts";
import type { Entry, EntryDraft } from "./entry.ts";

/** Where the log ends. */
export interface ChainEnd {
  readonly size: number;
  /** Digest of the last line: `prev` of the next. */
  readonly head: string;
  readonly lastTimeMs: number;
}

/** A line that may be appended, without its newline. */
export interface PlannedLine {
  readonly line: Uint8Array;
  readonly entry: Entry;
}

/**
 * The lines of some drafts after the end of a log: all of them, or a GovernanceError for the first
 * that cannot be recorded. `moveOut` takes out of a redacted draft what does not belong in a line.
 */
export function planLines(
  drafts: readonly EntryDraft[],
  end: ChainEnd,
  nowMs: number,
  moveOut: (draft: EntryDraft) => EntryDraft = (draft) => draft,
): readonly PlannedLine[] {
  const planned: PlannedLine[] = [];
  let prev = end.head;
  let timeMs = end.lastTimeMs;
  for (const draft of drafts) {
    timeMs = entryTime(draft.kind, nowMs, timeMs);
    const place = { seq: end.size + planned.length, prev, timeMs };
    const next = buildLine(moveOut(redactDraft(draft)), place);
    planned.push(next);
    prev = sha256(next.line);
  }
  return planned;
}
