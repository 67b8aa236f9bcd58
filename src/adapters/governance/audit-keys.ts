import { rename } from "node:fs/promises";
import type { LogKey } from "../../governance/audit/ed25519.ts";
import { logKeyOf } from "../../governance/audit/ed25519.ts";
import {
  type Epoch,
  epochLifetimeMs,
  type Epochs,
  formatEpochs,
  genesisEpoch,
  maxEpochEntries,
  nextEpoch,
  parseEpochs,
} from "../../governance/audit/epochs.ts";
import type { LogTail } from "../../governance/audit/log-tail.ts";
import { emptyRoot } from "../../governance/audit/merkle.ts";
import { fromBase64Url, toBase64Url } from "../../kernel/base64url.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { tampered } from "./audit-segments.ts";
import { readPrivateFile, syncFolder, writePrivateFile } from "./private-files.ts";

export const emptyRootText = Buffer.from(emptyRoot).toString("base64");
const maxEpochsBytes = 64 * 1024 * 1024;
const maxKeyBytes = 256;
const seedBytes = 32;

/** Epochs, and the bytes of the file that says so. */
export interface EpochsFile {
  readonly bytes: Uint8Array;
  readonly epochs: Epochs;
}

/** The epochs of the log; undefined when it has not begun. Throws AUTOSD-AUDIT-TAMPERED. */
export async function readEpochs(places: AuditPlaces): Promise<Epochs | undefined> {
  return (await readEpochsFile(places))?.epochs;
}

/** The same. The certificates of a file that is still the `known` one are not verified again. */
export async function readEpochsFile(
  places: AuditPlaces,
  known?: EpochsFile,
): Promise<EpochsFile | undefined> {
  const limits = { maxBytes: maxEpochsBytes, secrecy: "public" } as const;
  const bytes = await readPrivateFile(places.epochs, limits);
  if (bytes === undefined) return undefined;
  if (known !== undefined && Buffer.from(known.bytes).equals(bytes)) return known;
  const parsed = parseEpochs(Buffer.from(bytes).toString("utf8"), emptyRootText);
  if (parsed.kind === "refused") throw tampered(parsed.message);
  return { bytes, epochs: parsed.epochs };
}

/** Begins a log: a key of its own and a name that no other log has. Only under the lock. */
export async function writeGenesis(
  places: AuditPlaces,
  entropy: Entropy,
  nowMs: number,
): Promise<Epochs> {
  const origin = `autosd/${Buffer.from(entropy.bytes(16)).toString("hex")}`;
  const key = logKeyOf(entropy.bytes(seedBytes));
  // The key first: epochs whose key nobody has could never be continued.
  await writePrivateFile(places.key, keyFile(key), { replace: true });
  const epochs: Epochs = [genesisEpoch(origin, key, Math.max(0, Math.floor(nowMs)), emptyRootText)];
  await writePrivateFile(places.epochs, Buffer.from(formatEpochs(epochs)), { replace: true });
  return epochs;
}

/** The private key of the newest epoch. Finishes a handover that was cut off. Only under the lock. */
export async function readEpochKey(places: AuditPlaces, epochs: Epochs): Promise<LogKey> {
  const newest = epochs[epochs.length - 1] ?? epochs[0];
  const key = await readKey(places.key);
  if (key !== undefined && isKeyOf(key, newest)) return key;
  const next = await readKey(places.nextKey);
  if (next === undefined || !isKeyOf(next, newest))
    throw tampered(`the signing key is not the one of epoch ${newest.number}`);
  await beginWith(places);
  return next;
}

/** Whether a key has reigned long enough. */
export function isHandoverDue(epochs: Epochs, tail: LogTail, nowMs: number): boolean {
  const newest = epochs[epochs.length - 1] ?? epochs[0];
  if (tail.epoch < newest.number) return false;
  // Without an entry of its own an epoch has nothing to hand over.
  if (tail.size <= newest.startSize) return false;
  return nowMs - newest.startedAtMs >= epochLifetimeMs || tail.privileged >= maxEpochEntries;
}

/**
 * Hands over to a new key, which the old one certifies at the log's very end; the old one is deleted.
 * A crash on the way leaves the old epoch, or a handover that `readEpochKey` finishes.
 */
export async function handOver(
  places: AuditPlaces,
  epochs: Epochs,
  current: LogKey,
  at: { readonly tail: LogTail; readonly entropy: Entropy; readonly nowMs: number },
): Promise<{ readonly epochs: Epochs; readonly key: LogKey }> {
  const next = logKeyOf(at.entropy.bytes(seedBytes));
  const newest = epochs[epochs.length - 1] ?? epochs[0];
  const epoch = nextEpoch(
    newest,
    { current, next },
    { size: at.tail.size, root: at.tail.root(), nowMs: Math.floor(at.nowMs) },
  );
  const all: Epochs = [epochs[0], ...epochs.slice(1), epoch];
  await writePrivateFile(places.nextKey, keyFile(next), { replace: true });
  await writePrivateFile(places.epochs, Buffer.from(formatEpochs(all)), { replace: true });
  await beginWith(places);
  return { epochs: all, key: next };
}

/** Replaces the old private key, which nobody can read any more. */
async function beginWith(places: AuditPlaces): Promise<void> {
  await rename(places.nextKey, places.key);
  await syncFolder(places.folder);
}

function isKeyOf(key: LogKey, epoch: Epoch): boolean {
  return Buffer.from(key.publicKey).equals(epoch.key.publicKey);
}

function keyFile(key: LogKey): Uint8Array {
  return Buffer.from(`${toBase64Url(key.seed)}\n`, "utf8");
}

async function readKey(path: string): Promise<LogKey | undefined> {
  const bytes = await readPrivateFile(path, { maxBytes: maxKeyBytes, secrecy: "secret" });
  if (bytes === undefined) return undefined;
  const seed = fromBase64Url(Buffer.from(bytes).toString("utf8").replace(/\n$/, ""));
  return seed?.length === seedBytes ? logKeyOf(seed) : undefined;
}
