import type { EntryFilter } from "./audit-log.port.ts";
import type { Entry } from "./entry.ts";

/** Whether an entry is asked for; `last` is the reader's to apply. */
export function matchesFilter(entry: Entry, filter: EntryFilter): boolean {
  const { project, action, grant, decision, kind, sinceMs, untilMs } = filter;
  if (project !== undefined && entry.project !== project) return false;
  if (action !== undefined && entry.action !== action) return false;
  if (grant !== undefined && !concerns(entry, grant)) return false;
  if (decision !== undefined && entry.decision !== decision) return false;
  if (kind !== undefined && entry.kind !== kind) return false;
  const timeMs = Date.parse(entry.ts);
  if (sinceMs !== undefined && timeMs < sinceMs) return false;
  return untilMs === undefined || timeMs < untilMs;
}

/** A grant is concerned by what is charged to it, too. */
function concerns(entry: Entry, jti: string): boolean {
  return entry.grant !== undefined && [entry.grant.jti, ...entry.grant.chain].includes(jti);
}
