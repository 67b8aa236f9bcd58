import type { EntryKind } from "./entry.ts";

const mark = Buffer.from('"kind":"', "utf8");
/** Kinds that neither the state nor the life of an epoch's key depends on. */
const silent = (["intent", "deny"] satisfies EntryKind[]).map((kind) => Buffer.from(`${kind}"`));

/**
 * Whether a line cannot be of a kind that a log's state is made of. Canonical JSON spells a member in
 * one way only; a line that has the name elsewhere too is silent when each of them is.
 */
export function saysNothing(line: Uint8Array): boolean {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  let found = bytes.indexOf(mark);
  if (found === -1) return false;
  while (found !== -1) {
    const start = found + mark.length;
    const isSilent = silent.some(
      (kind) =>
        start + kind.length <= bytes.length &&
        bytes.compare(kind, 0, kind.length, start, start + kind.length) === 0,
    );
    if (!isSilent) return false;
    found = bytes.indexOf(mark, start);
  }
  return true;
}
