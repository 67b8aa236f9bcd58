import { lchownSync, lstatSync, readdirSync, readlinkSync, type BigIntStats } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { plainBytesNow } from "../../machine/plain-file.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { blobId } from "./blob-id.ts";
import { isUntouched, stampOf, type FolderStamps } from "./folder-stamps.ts";
import type { IndexEntry } from "./index-file.ts";
import type { TreeEntry, TreeListing } from "./tree-listings.ts";

/** Who and what a new file or folder of this process is. */
export interface NewEntries {
  readonly uid: number;
  readonly gid: number;
  readonly folderMode: number;
  readonly plainMode: number;
  readonly executableMode: number;
}

export interface Clearing {
  readonly root: string;
  readonly wanted: TreeListing;
  readonly stamps: FolderStamps | undefined;
  readonly fresh: NewEntries;
}

const maxEntries = 400_000;
/** Between two breaths of the process: what it looks at is looked at without other threads. */
const entriesAtOnce = 200;
const maxKeptBytes = 32 * 1024 * 1024;

/**
 * Takes everything out of a folder that is not exactly a wanted file, whoever left it: other content,
 * other modes, links, hard links, pipes, folders of nothing. Returns the files that stay. Nobody else
 * may be at work in the folder. Throws when something cannot be removed or there is too much of it.
 */
export async function clearFolder(clearing: Clearing): Promise<ReadonlyMap<string, IndexEntry>> {
  const kept = new Map<string, IndexEntry>();
  const folders = foldersOf(clearing.wanted);
  const waiting = [""];
  let seen = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    await makeOwn(clearing, folder);
    for (const name of readdirSync(join(clearing.root, folder), { encoding: "buffer" })) {
      seen += 1;
      if (seen > maxEntries) throw new RangeError(`more than ${maxEntries} entries to clear`);
      if (seen % entriesAtOnce === 0) await breathe();
      const path = folder === "" ? name.toString() : `${folder}/${name.toString()}`;
      if (path.includes("\ufffd")) {
        // No name of a wanted file: it may be no UTF-8, and is known by its bytes alone.
        await removeFolder(within(Buffer.from(join(clearing.root, folder)), name));
        continue;
      }
      const found = lstatSync(join(clearing.root, path), { bigint: true });
      if (found.isDirectory() && folders.has(path)) waiting.push(path);
      else {
        const entry = keep(clearing, path, found);
        if (entry === undefined) await removeFolder(join(clearing.root, path));
        else kept.set(path, entry);
      }
    }
  }
  return kept;
}

function foldersOf(wanted: TreeListing): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of wanted.keys())
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
}

/** A folder as git would have made it; the root's mode is its owner's business. */
async function makeOwn({ root, fresh }: Clearing, folder: string): Promise<void> {
  const place = join(root, folder);
  const found = lstatSync(place);
  if (found.uid !== fresh.uid || found.gid !== fresh.gid) lchownSync(place, fresh.uid, fresh.gid);
  const mode = found.mode & 0o7777;
  if (folder !== "" && mode !== fresh.folderMode) await chmod(place, fresh.folderMode);
}

/** The entry of a file that may stay, with its stamp; undefined: it has to go. */
function keep(
  { root, wanted, stamps, fresh }: Clearing,
  path: string,
  found: BigIntStats,
): IndexEntry | undefined {
  const entry = wanted.get(path);
  if (entry === undefined || found.nlink !== 1n) return undefined;
  const before = stamps?.files.get(path);
  const isSame = before?.blob === entry.blob && before.mode === entry.mode;
  if (isSame && isUntouched(before, found, stamps?.takenNs ?? 0n)) return before;
  const place = join(root, path);
  if (!holds(place, found, entry, fresh)) return undefined;
  if (Number(found.uid) === fresh.uid && Number(found.gid) === fresh.gid)
    return { ...entry, stamp: stampOf(found) };
  lchownSync(place, fresh.uid, fresh.gid);
  return { ...entry, stamp: stampOf(lstatSync(place, { bigint: true })) };
}

function holds(
  place: string,
  found: BigIntStats,
  { mode, blob }: TreeEntry,
  fresh: NewEntries,
): boolean {
  if (mode === "120000")
    return found.isSymbolicLink() && blobId(readlinkSync(place, "buffer")) === blob;
  const wantedMode = mode === "100755" ? fresh.executableMode : fresh.plainMode;
  if (!found.isFile() || Number(found.mode & 0o7777n) !== wantedMode) return false;
  const bytes = plainBytesNow(place, maxKeptBytes);
  return bytes !== undefined && blobId(bytes) === blob;
}

/** Takes everything out of a folder, whoever left it; the folder stays, as this process's own. Follows no link below it. */
export async function emptyFolder(root: string, fresh: NewEntries): Promise<void> {
  const { mode, uid, gid } = lstatSync(root);
  if (uid !== fresh.uid || gid !== fresh.gid) lchownSync(root, fresh.uid, fresh.gid);
  if ((mode & 0o700) !== 0o700) await chmod(root, (mode & 0o7777) | 0o700);
  for (const name of readdirSync(root, { encoding: "buffer" }))
    await removeFolder(within(Buffer.from(root), name));
}

function within(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from("/"), name]);
}
