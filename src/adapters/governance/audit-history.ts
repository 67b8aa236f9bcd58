import { join } from "node:path";
import {
  historyLine,
  maxHistoryBytes,
  parseHistory,
  thinnedHistory,
} from "../../governance/audit/checkpoint-history.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { openPrivateFile, readPrivateFile, writePrivateFile } from "./private-files.ts";

/** One more checkpoint may have been added before the history is thinned. */
const maxReadBytes = 4 * maxHistoryBytes;
const newline = 0x0a;

function placeOf(places: AuditPlaces): string {
  return join(places.folder, "checkpoints");
}

/** The checkpoints that were kept, oldest first; lines that are none are counted. */
export async function readHistory(places: AuditPlaces): Promise<ReturnType<typeof parseHistory>> {
  const limits = { maxBytes: maxReadBytes, secrecy: "public" } as const;
  const bytes = await readPrivateFile(placeOf(places), limits);
  return parseHistory(bytes === undefined ? "" : Buffer.from(bytes).toString("utf8"));
}

/**
 * Adds a checkpoint to the history, which is thinned when it has grown too long. Only under the lock,
 * and only for what is on disk already. Not synced: a line that a crash takes away was one of many.
 */
export async function keepInHistory(places: AuditPlaces, note: Uint8Array): Promise<void> {
  const line = Buffer.from(historyLine(Buffer.from(note).toString("utf8")), "utf8");
  const size = await append(placeOf(places), line);
  if (size <= maxHistoryBytes) return;
  const { kept } = await readHistory(places);
  const lines = thinnedHistory(kept.map((one) => one.note)).map(historyLine);
  await writePrivateFile(placeOf(places), Buffer.from(lines.join(""), "utf8"), { replace: true });
}

/** Returns the new length. A line that was cut off stays a line of its own. */
async function append(path: string, line: Uint8Array): Promise<number> {
  const options = { access: "write", create: true, secrecy: "public" } as const;
  const file = await openPrivateFile(path, options);
  if (file === undefined) return 0;
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const isCut = size > 0 && last[0] !== newline;
    const bytes = isCut ? Buffer.concat([Uint8Array.of(newline), line]) : line;
    const { bytesWritten } = await file.write(bytes, 0, bytes.length, size);
    return size + bytesWritten;
  } finally {
    await file.close();
  }
}
