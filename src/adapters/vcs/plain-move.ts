import { constants, type Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { readIndexFile, type IndexEntries } from "./index-file.ts";
import { hasCode } from "../../machine/error-code.ts";
import { plainBytes } from "../../machine/plain-file.ts";
import { blobId } from "./blob-id.ts";
import { kindOf, type Repository } from "./repository.ts";
import { maxFileBytes } from "./scan-folder.ts";
import type { TreeChange, TreeEntry, TreeListing } from "./tree-listings.ts";

const maxChanges = 500;

/**
 * Whether the work tree can follow a move, without starting git: everything that the move concerns
 * is in the index and on the disk exactly as in the tree that it starts from. False means only that
 * git has to be asked, also for the words of a refusal.
 */
export async function isPlainMove(
  repository: Repository,
  from: TreeListing,
  changes: readonly TreeChange[],
): Promise<boolean> {
  if (changes.length > maxChanges) return false;
  if ((await kindOf(join(repository.gitDir, "index.lock"))) !== "absent") return false;
  const index = await readIndexFile(join(repository.gitDir, "index"));
  if (index === undefined) return false;
  for (const change of changes)
    if (!(await isAsBefore(repository, change, { from, index }))) return false;
  return true;
}

async function isAsBefore(
  repository: Repository,
  { path, kind }: TreeChange,
  listed: { readonly from: TreeListing; readonly index: IndexEntries },
): Promise<boolean> {
  const before = listed.from.get(path);
  const entered = listed.index.get(path);
  if (before?.mode !== entered?.mode || before?.blob !== entered?.blob) return false;
  if ((before === undefined) !== (kind === "added")) return false;
  if (!(await isBelowFolders(repository.directory, path))) return false;
  const place = join(repository.directory, path);
  const found = await entryAt(place);
  if (before === undefined) return found === "absent";
  return found !== "absent" && holds(place, found, before);
}

/** A file or a link in the place of a folder is git's to judge. */
async function isBelowFolders(root: string, path: string): Promise<boolean> {
  for (let end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) {
    const found = await entryAt(join(root, path.slice(0, end)));
    if (found === "absent") return true;
    if (!found.isDirectory()) return false;
  }
  return true;
}

async function entryAt(place: string): Promise<Stats | "absent"> {
  try {
    return await lstat(place);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "absent";
    throw error;
  }
}

async function holds(place: string, found: Stats, { mode, blob }: TreeEntry): Promise<boolean> {
  const isExecutable = (found.mode & constants.S_IXUSR) !== 0;
  if (!found.isFile() || mode !== (isExecutable ? "100755" : "100644")) return false;
  const bytes = await plainBytes(place, maxFileBytes);
  return bytes !== undefined && blobId(bytes) === blob;
}
