import type { EntryKind } from "./entry.ts";

/** Kinds that change nothing: they are signed with the next checkpoint and not at once. */
const witnessed: ReadonlySet<EntryKind> = new Set<EntryKind>(["intent", "deny", "evidence"]);

/** Whether an entry of this kind must be covered by a checkpoint before it is acknowledged. */
export function isPrivileged(kind: EntryKind): boolean {
  return !witnessed.has(kind);
}

/**
 * Kinds that allow something. They are not recorded while the machine's clock stands before the
 * log; whatever stops or only reports is, with the log's last time.
 */
const allowing: ReadonlySet<EntryKind> = new Set<EntryKind>([
  "reserve",
  "release",
  "resume",
  "grant.issue",
  "grant.approve",
  "grant.reinstate",
  "key.init",
  "key.rotate",
  "trust.change",
]);

/** Whether an entry of this kind needs a clock that can be believed. */
export function needsClock(kind: EntryKind): boolean {
  return allowing.has(kind);
}
