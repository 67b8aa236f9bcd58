import { HashBuffer } from "../../governance/audit/hash-buffer.ts";
import type { LogTail } from "../../governance/audit/log-tail.ts";
import { leafHash, MerkleFrontier } from "../../governance/audit/merkle.ts";
import {
  consistencyProof,
  rootOfSize,
  storedHashes,
  storedPosition,
  type SubtreeReader,
} from "../../governance/audit/tree-hashes.ts";
import { verifyConsistency } from "../../governance/audit/verify-proof.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { listSegments, readLines, tampered } from "./audit-segments.ts";
import { openPrivateFile } from "./private-files.ts";

const hashBytes = 32;
const writeOptions = { access: "write", create: true, secrecy: "public" } as const;
const readOptions = { access: "read", create: false, secrecy: "public" } as const;

/**
 * Whether the file holds all hashes that it should hold before those of the tail's buffer. Throws
 * AUTOSD-PREAUTH-STORE, needed or not, for a file that is not safely this user's.
 */
export async function hasStoredHashes(places: AuditPlaces, tail: LogTail): Promise<boolean> {
  const file = await openPrivateFile(places.hashes, readOptions);
  if (file === undefined) return tail.unstored.from === 0;
  try {
    return (await file.stat()).size >= tail.unstored.from * hashBytes;
  } finally {
    await file.close();
  }
}

/** Stores what the tail gathered. Not synced: the file can be made again from the log. */
export async function storeHashes(places: AuditPlaces, tail: LogTail): Promise<void> {
  const { from, bytes } = tail.unstored;
  if (bytes.length === 0) return;
  const file = await openPrivateFile(places.hashes, writeOptions);
  if (file === undefined) return;
  try {
    await file.write(bytes, 0, bytes.length, from * hashBytes);
  } finally {
    await file.close();
  }
  tail.markStored();
}

/**
 * Does `work` with the tree's hashes up to the end of `tail`. They come from a file that nobody
 * signed: what is made of them must be compared with a root that is trusted.
 */
export async function withHashes<T>(
  places: AuditPlaces,
  tail: LogTail,
  work: (read: SubtreeReader) => Promise<T>,
): Promise<T> {
  const file = await openPrivateFile(places.hashes, readOptions);
  try {
    return await work(async (level, index) => {
      const position = storedPosition(level, index);
      const known = tail.unstored.at(position);
      if (known !== undefined) return Uint8Array.from(known);
      const buffer = Buffer.alloc(hashBytes);
      await file?.read(buffer, 0, hashBytes, position * hashBytes);
      return buffer;
    });
  } finally {
    await file?.close();
  }
}

/**
 * Base64 root of the first `size` entries. The stored hashes are believed only as far as they prove
 * that the log of this size continues to the one of `tail`; otherwise the entries are read.
 */
export async function rootAt(places: AuditPlaces, tail: LogTail, size: number): Promise<string> {
  const root = await withHashes(places, tail, (read) => provenRoot(read, tail, size));
  if (root !== undefined) return root;
  await restoreHashes(places, tail);
  const again = await withHashes(places, tail, (read) => provenRoot(read, tail, size));
  if (again !== undefined) return again;
  throw tampered(`its first ${tail.size} entries are not the ones that were recorded`);
}

async function provenRoot(
  read: SubtreeReader,
  tail: LogTail,
  size: number,
): Promise<string | undefined> {
  const oldRoot = await rootOfSize(read, size);
  const isProven = verifyConsistency({
    oldSize: size,
    oldRoot,
    size: tail.size,
    root: Buffer.from(tail.root(), "base64"),
    proof: await consistencyProof(read, size, tail.size),
  });
  return isProven ? Buffer.from(oldRoot).toString("base64") : undefined;
}

/** Reads all entries up to the tail's end and keeps the tree's hashes with it, to be stored anew. */
export async function restoreHashes(places: AuditPlaces, tail: LogTail): Promise<void> {
  const frontier = MerkleFrontier.empty();
  const hashes = new HashBuffer(0);
  const pending = tail.unstored;
  const stop = tail.size;
  await readLines(
    await listSegments(places.log),
    { segment: 0, offset: 0 },
    {
      enter: () => undefined,
      line: (line) => {
        if (frontier.size >= stop) return "enough";
        frontier.append(leafHash(line), (hash) => hashes.append(hash));
        return undefined;
      },
    },
  );
  // Entries that are decided but not written yet stand in the tail only.
  for (let position = storedHashes(frontier.size); ; position += 1) {
    const hash = pending.at(position);
    if (hash === undefined) break;
    hashes.append(hash);
  }
  tail.restoreHashes(hashes);
}
