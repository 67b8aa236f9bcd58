import { closeSync, constants, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { blobId } from "./blob-id.ts";
import { stampOf } from "./folder-stamps.ts";
import type { IndexEntry } from "./index-file.ts";
import type { RecentTexts } from "./recent-texts.ts";
import type { TreeEntry, TreeListing } from "./tree-listings.ts";

/** More are git's to write: it does so in a process of its own. */
const maxFiles = 2_000;
const filesAtOnce = 50;
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Writes those files of a tree that are missing in a folder and whose texts are at hand, as git would
 * make them, and returns them with their stamps: a clean checkout of a small project starts no git. A
 * text counts only when its bytes hash to the blob's id. Nobody else may be at work in the folder, and
 * `wanted` may hold only names that git takes (`formatIndexFile`). Nothing is written of a tree with
 * anything but plain files: no path may lead through a link. Throws the system's errors.
 */
export async function writeKnownFiles(
  texts: RecentTexts,
  wanted: TreeListing,
  to: { readonly into: string; readonly kept: ReadonlyMap<string, IndexEntry> },
): Promise<ReadonlyMap<string, IndexEntry>> {
  const written = new Map<string, IndexEntry>();
  if (wanted.size > maxFiles || !hasPlainFilesAlone(wanted)) return written;
  const folders = new Set<string>();
  for (const [path, entry] of wanted) {
    if (to.kept.has(path)) continue;
    const bytes = bytesOf(texts, entry);
    if (bytes === undefined) continue;
    const place = join(to.into, path);
    const folder = dirname(place);
    if (!folders.has(folder)) mkdirSync(folder, { recursive: true });
    folders.add(folder);
    written.set(path, { ...entry, stamp: writeFile(place, bytes, entry.mode) });
    if (written.size % filesAtOnce === 0) await breathe();
  }
  return written;
}

function hasPlainFilesAlone(wanted: TreeListing): boolean {
  for (const [path, { mode }] of wanted) {
    if (mode !== "100644" && mode !== "100755") return false;
    // A tree may be made by hand, and name a file and a folder alike.
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
      if (wanted.has(path.slice(0, end))) return false;
  }
  return true;
}

function bytesOf(texts: RecentTexts, { blob }: TreeEntry): Buffer | undefined {
  const text = texts.get(blob);
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, "utf8");
  return blobId(bytes) === blob ? bytes : undefined;
}

function writeFile(place: string, bytes: Buffer, mode: string): IndexEntry["stamp"] {
  const file = openSync(place, newFile, mode === "100755" ? 0o777 : 0o666);
  try {
    // A write cut short is followed by one that fails with the reason.
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    return stampOf(fstatSync(file, { bigint: true }));
  } finally {
    closeSync(file);
  }
}
