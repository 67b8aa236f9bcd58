import { createHash } from "node:crypto";
import { readPlainFile } from "../../machine/plain-file.ts";
import { isGitName } from "../../delivery/agent/workspace-path.ts";
import type { TreeEntry, TreeListing } from "./tree-listings.ts";

/** What git saw of a file when it entered it into an index; the inode's lower half. */
export interface FileStamp {
  readonly changedNs: bigint;
  readonly modifiedNs: bigint;
  readonly inode: number;
  readonly size: number;
}

export interface IndexEntry extends TreeEntry {
  readonly stamp: FileStamp;
}

export type IndexEntries = ReadonlyMap<string, IndexEntry>;

const signature = "DIRC";
const headerBytes = 12;
const statBytes = 40;
const idBytes = 20;
const fixedBytes = statBytes + idBytes + 2;
const maxNameInFlags = 0xfff;
const maxIndexBytes = 256 * 1024 * 1024;
const nsPerSecond = 1_000_000_000n;

/**
 * Reads a git index without starting git. `undefined`: it is anything but the plainest kind (another
 * version, a merge under way, flags, a split index, names that are no UTF-8), and git has to be asked.
 */
export function parseIndexFile(bytes: Buffer): IndexEntries | undefined {
  if (bytes.length < headerBytes + idBytes || bytes.toString("latin1", 0, 4) !== signature)
    return undefined;
  if (bytes.readUInt32BE(4) !== 2 || !isWhole(bytes)) return undefined;
  const count = bytes.readUInt32BE(8);
  const end = bytes.length - idBytes;
  const entries = new Map<string, IndexEntry>();
  let at = headerBytes;
  for (let index = 0; index < count; index += 1) {
    const nameEnd = at + fixedBytes > end ? -1 : bytes.indexOf(0, at + fixedBytes);
    if (nameEnd < 0 || nameEnd >= end) return undefined;
    const path = bytes.toString("utf8", at + fixedBytes, nameEnd);
    const length = Math.min(nameEnd - at - fixedBytes, maxNameInFlags);
    // Any other bit is a stage of a merge or a promise about the file.
    if (bytes.readUInt16BE(at + statBytes + idBytes) !== length || path.includes("\ufffd"))
      return undefined;
    entries.set(path, entryAt(bytes, at));
    at += paddedBytes(nameEnd - at - fixedBytes);
  }
  return hasPlainExtensions(bytes, at, end) ? entries : undefined;
}

/** The last bytes are the hash of the others. */
function isWhole(bytes: Buffer): boolean {
  const content = bytes.subarray(0, bytes.length - idBytes);
  return createHash("sha1").update(content).digest().equals(bytes.subarray(-idBytes));
}

function entryAt(bytes: Buffer, at: number): IndexEntry {
  const timeAt = (place: number): bigint =>
    BigInt(bytes.readUInt32BE(place)) * nsPerSecond + BigInt(bytes.readUInt32BE(place + 4));
  return {
    mode: bytes
      .readUInt32BE(at + 24)
      .toString(8)
      .padStart(6, "0"),
    blob: bytes.toString("hex", at + statBytes, at + statBytes + idBytes),
    stamp: {
      changedNs: timeAt(at),
      modifiedNs: timeAt(at + 8),
      inode: bytes.readUInt32BE(at + 20),
      size: bytes.readUInt32BE(at + 36),
    },
  };
}

/** Entries end with one to eight NULs, at a multiple of eight. */
function paddedBytes(nameBytes: number): number {
  return (fixedBytes + nameBytes + 8) & ~7;
}

/** Those with a capital may be passed over; the others change what the entries mean. */
function hasPlainExtensions(bytes: Buffer, from: number, end: number): boolean {
  let at = from;
  while (at + 8 <= end) {
    if (!/^[A-Z]/.test(bytes.toString("latin1", at, at + 1))) return false;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return at === end;
}

/**
 * An index of these files that knows nothing about the disk, so that git looks at every file itself.
 * `undefined`: a name is one that git might refuse, which is git's to say.
 */
export function formatIndexFile(listing: TreeListing): Buffer | undefined {
  const names = [...listing].map(([path, entry]) => ({ name: Buffer.from(path), path, entry }));
  if (names.some(({ path }) => !isPlainName(path))) return undefined;
  const header = Buffer.alloc(headerBytes);
  header.write(signature, "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(names.length, 8);
  const entries = names
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map(({ name, entry }) => {
      const bytes = Buffer.alloc(paddedBytes(name.length));
      bytes.writeUInt32BE(Number.parseInt(entry.mode, 8), 24);
      bytes.write(entry.blob, statBytes, "hex");
      bytes.writeUInt16BE(Math.min(name.length, maxNameInFlags), statBytes + idBytes);
      name.copy(bytes, fixedBytes);
      return bytes;
    });
  const content = Buffer.concat([header, ...entries]);
  return Buffer.concat([content, createHash("sha1").update(content).digest()]);
}

function isPlainName(path: string): boolean {
  if (path.includes("\ufffd") || path.includes("\0")) return false;
  return path
    .split("/")
    .every((name) => name !== "" && name !== "." && name !== ".." && !isGitName(name));
}

/** Reads and parses; an index that does not exist has no entries. Follows no link. */
export async function readIndexFile(path: string): Promise<IndexEntries | undefined> {
  const file = await readPlainFile(path, maxIndexBytes).catch(() => undefined);
  if (file?.kind === "absent") return new Map();
  return file?.kind === "read" ? parseIndexFile(file.bytes) : undefined;
}
