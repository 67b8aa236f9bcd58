import type { AuditTrail } from "../../governance/audit/audit-trail.port.ts";
import { type Checkpoint, parseCheckpoint } from "../../governance/audit/checkpoint.ts";
import { parseNote } from "../../governance/audit/signed-note.ts";
import { GovernanceError } from "../../governance/errors.ts";

interface PastCheckpoint {
  readonly note: string;
  readonly checkpoint: Checkpoint;
}

/**
 * The smallest kept checkpoint that covers the first `size` entries; of several at one size the one
 * with the most signatures. Throws AUTOSD-AUDIT-QUERY when none covers them.
 */
export async function pastCheckpoint(
  audit: Pick<AuditTrail, "anchors" | "checkpoint" | "witnessed">,
  size: number,
): Promise<PastCheckpoint> {
  const notes = [
    ...(await audit.witnessed.history()),
    ...(await audit.anchors()).map(({ note }) => note),
  ];
  const newest = await audit.checkpoint();
  if (newest !== undefined) notes.push(newest.note);
  let found: (PastCheckpoint & { readonly signatures: number }) | undefined;
  for (const text of notes) {
    const note = parseNote(Buffer.from(text, "utf8"));
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note);
    if (note === undefined || checkpoint === undefined || checkpoint.size < size) continue;
    if (checkpoint.origin !== newest?.checkpoint.origin) continue;
    const signatures = note.signatures.length;
    const isBetter =
      found === undefined ||
      checkpoint.size < found.checkpoint.size ||
      (checkpoint.size === found.checkpoint.size && signatures > found.signatures);
    if (isBetter) found = { note: text, checkpoint, signatures };
  }
  if (found !== undefined) return { note: found.note, checkpoint: found.checkpoint };
  throw new GovernanceError("AUTOSD-AUDIT-QUERY", `No checkpoint covers ${size} entries.`, {
    remedy: "autosd audit checkpoint",
  });
}
