import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type Checkpoint, formatCheckpoint } from "../../governance/audit/checkpoint.ts";
import type { LogKey } from "../../governance/audit/ed25519.ts";
import type { Epochs } from "../../governance/audit/epochs.ts";
import type { LogTail } from "../../governance/audit/log-tail.ts";
import { formatNote } from "../../governance/audit/signed-note.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { keepState, type KeptState } from "./audit-kept-state.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { tampered } from "./audit-segments.ts";
import { openPrivateFile, syncFolder } from "./private-files.ts";

/** So many entries after a state was kept, the next one is. */
const entriesPerSnapshot = 256;
const writeOptions = { access: "write", create: true, secrecy: "public" } as const;

/**
 * Appends lines at `offset` and syncs them. Throws AUTOSD-AUDIT-UNWRITABLE, with the file as it was
 * before; what it returns takes the lines back, for when they cannot be signed.
 */
export async function appendLines(
  log: string,
  offset: number,
  lines: readonly Uint8Array[],
): Promise<() => Promise<void>> {
  const bytes = Buffer.concat(lines.flatMap((line) => [line, newline]));
  const file = await openPrivateFile(log, writeOptions);
  if (file === undefined) throw new Error("an audit log that cannot be made");
  try {
    const { size } = await file.stat();
    if (size !== offset) throw tampered(`${log} has ${size} bytes; ${offset} were recorded`);
    try {
      await writeWhole(file, bytes, offset);
      await file.datasync();
      if (offset === 0) await syncFolder(dirname(log));
    } catch (error) {
      await file.truncate(offset);
      await file.datasync();
      throw error;
    }
  } finally {
    await file.close();
  }
  return async () => cutLog(log, offset);
}

const newline = Buffer.from("\n");

type File = Exclude<Awaited<ReturnType<typeof openPrivateFile>>, undefined>;

async function writeWhole(file: File, bytes: Uint8Array, offset: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const rest = bytes.length - written;
    // The rest of a short write fails with the reason: no space, no quota, a limit.
    const { bytesWritten } = await file.write(bytes, written, rest, offset + written);
    if (bytesWritten === 0) throw new Error("nothing more can be written");
    written += bytesWritten;
  }
}

/** Takes away what stands after `offset`. Durable. */
export async function cutLog(log: string, offset: number): Promise<void> {
  const file = await openPrivateFile(log, { ...writeOptions, create: false });
  if (file === undefined) return;
  try {
    await file.truncate(offset);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The bytes of a file from `offset` on. */
export async function readRest(log: string, offset: number, length: number): Promise<Buffer> {
  const file = await openPrivateFile(log, { access: "read", create: false, secrecy: "public" });
  if (file === undefined) return Buffer.alloc(0);
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What the signing of a log's end leaves on disk. */
export interface SignedEnd {
  readonly checkpoint: Checkpoint;
  readonly checkpointBytes: Uint8Array;
  readonly kept: KeptState | undefined;
}

/** Signs the end of the log, and keeps its state when the last one that is there (`kept`) is old. */
export async function signLog(
  places: AuditPlaces,
  signer: { readonly epochs: Epochs; readonly key: LogKey },
  tail: LogTail,
  kept: KeptState | undefined,
): Promise<SignedEnd> {
  const newest = signer.epochs[signer.epochs.length - 1] ?? signer.epochs[0];
  const origin = newest.key.name;
  const isDue = tail.size - (kept?.reference.size ?? 0) >= entriesPerSnapshot;
  const snapshot = isDue ? await keepState(places, origin, tail, kept) : kept?.reference;
  const checkpoint = { origin, size: tail.size, root: tail.root(), snapshot };
  const text = formatCheckpoint(checkpoint);
  const bytes = Buffer.from(formatNote(text, newest.key, signer.key.sign), "utf8");
  await replaceCheckpoint(places, bytes);
  const isNew = isDue && snapshot !== undefined;
  return {
    checkpoint,
    checkpointBytes: bytes,
    kept: isNew ? { reference: snapshot, voucher: bytes, isOld: false } : kept,
  };
}

/**
 * Synced before it takes the old one's place. The folder is not synced: after a power failure the old
 * checkpoint may be back, which covers less of the same log.
 */
async function replaceCheckpoint(places: AuditPlaces, bytes: Uint8Array): Promise<void> {
  const temporary = `${places.checkpoint}.next`;
  const file = await openPrivateFile(temporary, writeOptions);
  if (file === undefined) throw new Error("a checkpoint that cannot be made");
  try {
    await file.truncate(0);
    await writeWhole(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, places.checkpoint);
}

/** What keeps an entry from being recorded, in the log's own words. */
export function unwritable(error: unknown, log: string): unknown {
  if (error instanceof GovernanceError) return error;
  const reason = messageOf(error);
  return new GovernanceError(
    "AUTOSD-AUDIT-UNWRITABLE",
    `Nothing can be recorded in ${log}: ${reason}`,
    { cause: error },
  );
}
