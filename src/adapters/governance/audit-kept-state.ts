import { rename } from "node:fs/promises";
import type { Checkpoint, SnapshotReference } from "../../governance/audit/checkpoint.ts";
import { type Epochs, verifyCheckpoint } from "../../governance/audit/epochs.ts";
import { LogTail } from "../../governance/audit/log-tail.ts";
import { maxNoteBytes } from "../../governance/audit/signed-note.ts";
import {
  formatSnapshot,
  maxSnapshotBytes,
  parseSnapshot,
} from "../../governance/audit/snapshot.ts";
import { sha256 } from "../../kernel/hash.ts";
import { hasCode } from "../../machine/error-code.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { readPrivateFile, writePrivateFile } from "./private-files.ts";

/** A state that is kept in a file, and a signed checkpoint that vouches for it. */
export interface KeptState {
  readonly reference: SnapshotReference;
  readonly voucher: Uint8Array;
  /** Whether it is in the place of the state before the newest. */
  readonly isOld: boolean;
}

/** A checkpoint whose signature was verified, and its bytes. */
export interface Voucher {
  readonly checkpoint: Checkpoint;
  readonly bytes: Uint8Array;
}

/**
 * The newest state that a signed checkpoint vouches for: the one that `newest` names, or the one
 * before it, so that the loss of one file costs no reading of the whole log. Undefined when neither
 * is there as it was signed.
 */
export async function readKeptState(
  places: AuditPlaces,
  epochs: Epochs,
  newest: Voucher,
): Promise<{ readonly kept: KeptState; readonly tail: LogTail } | undefined> {
  const found = await readVouched(places, newest);
  if (found !== undefined) return found;
  const limits = { maxBytes: maxNoteBytes, secrecy: "public" } as const;
  const bytes = await readPrivateFile(places.oldSnapshotVoucher, limits);
  const verdict = bytes === undefined ? undefined : verifyCheckpoint(bytes, epochs);
  if (bytes === undefined || verdict?.kind !== "verified") return undefined;
  const { checkpoint } = verdict;
  // A state of entries that the newest checkpoint does not cover could not be compared with it.
  if (checkpoint.size > newest.checkpoint.size) return undefined;
  return readVouched(places, { checkpoint, bytes });
}

async function readVouched(
  places: AuditPlaces,
  { checkpoint, bytes: voucher }: Voucher,
): Promise<{ readonly kept: KeptState; readonly tail: LogTail } | undefined> {
  const { snapshot: reference, origin } = checkpoint;
  if (reference === undefined) return undefined;
  for (const path of [places.snapshot, places.oldSnapshot]) {
    const limits = { maxBytes: maxSnapshotBytes, secrecy: "public" } as const;
    const bytes = await readPrivateFile(path, limits);
    if (bytes === undefined || sha256(bytes) !== reference.digest) continue;
    const snapshot = parseSnapshot(bytes);
    if (snapshot?.size !== reference.size || snapshot.origin !== origin) continue;
    const tail = LogTail.fromSnapshot(snapshot);
    const kept = { reference, voucher, isOld: path === places.oldSnapshot };
    return tail === undefined ? undefined : { kept, tail };
  }
  return undefined;
}

/**
 * Keeps the state at the end of `tail`. The one before stays, with its voucher, for as long as no
 * checkpoint vouches for the new one, and after that in case the new one is lost.
 */
export async function keepState(
  places: AuditPlaces,
  origin: string,
  tail: LogTail,
  before: KeptState | undefined,
): Promise<SnapshotReference> {
  const bytes = formatSnapshot(tail.snapshot(origin));
  if (before?.isOld === false) {
    await writePrivateFile(places.oldSnapshotVoucher, before.voucher, { replace: true });
    await rename(places.snapshot, places.oldSnapshot).catch(ignoreMissing);
  }
  await writePrivateFile(places.snapshot, bytes, { replace: true });
  return { size: tail.size, digest: sha256(bytes) };
}

function ignoreMissing(error: unknown): void {
  if (!hasCode(error, "ENOENT")) throw error;
}
