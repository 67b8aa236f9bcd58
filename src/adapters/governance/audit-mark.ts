import { lstat } from "node:fs/promises";
import { codeOf, hasCode } from "../../machine/error-code.ts";
import { auditPlaces } from "./audit-places.ts";

/**
 * A text that is another one after each entry that was recorded, for whoever would read the log only
 * when it changed. Undefined when nothing was ever recorded. Never throws.
 */
export async function auditMark(home: string, logFile: string): Promise<string | undefined> {
  const { log, checkpoint } = auditPlaces(home, logFile);
  const [entries, signed] = await Promise.all([markOf(log), markOf(checkpoint)]);
  return entries === absent && signed === absent ? undefined : `${entries} ${signed}`;
}

const absent = "absent";

async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await lstat(path, { bigint: true });
    return `${ino}/${size}/${mtimeNs}`;
  } catch (error) {
    // What cannot be looked at is not absent: reading it says why.
    return hasCode(error, "ENOENT", "ENOTDIR") ? absent : (codeOf(error) ?? "unreadable");
  }
}
