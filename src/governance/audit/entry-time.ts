import { isoTime } from "../../kernel/clock.ts";
import { GovernanceError } from "../errors.ts";
import type { EntryKind } from "./entry.ts";
import { needsClock } from "./privileged-kinds.ts";

/** How far the clock may stand before the newest entry: corrections of a time service. */
const toleranceMs = 60_000;

/**
 * The time of a new entry, never before the last one's. AUTOSD-CLOCK-ROLLBACK when the clock stands
 * more than 60 s before the log and the entry allows something.
 */
export function entryTime(kind: EntryKind, nowMs: number, lastTimeMs: number): number {
  const now = Math.floor(nowMs);
  if (needsClock(kind) && lastTimeMs - now > toleranceMs)
    throw new GovernanceError(
      "AUTOSD-CLOCK-ROLLBACK",
      `The clock says ${isoTime(now)}; the audit log already holds ${isoTime(lastTimeMs)}.`,
      { details: { nowMs: now, lastTimeMs } },
    );
  return Math.max(now, lastTimeMs);
}
