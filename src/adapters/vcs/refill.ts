import { lstat, mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clearFolder, emptyFolder, type NewEntries } from "./clear-folder.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { runGit } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { formatIndexFile, readIndexFile, type IndexEntries } from "./index-file.ts";
import { requireRepository, unreadable, unsupported, type Repository } from "./repository.ts";
import type { TreeListing } from "./tree-listings.ts";
import { listingOf } from "./tree-reads.ts";
import { checkOut, withScratch } from "./trees.ts";
import { writeKnownFiles } from "./write-known-files.ts";

/** The files of a tree in an empty folder. No git where all of them were seen lately. */
export async function materialise(
  parts: GitParts,
  request: { readonly directory: string; readonly tree: string; readonly into: string },
): Promise<void> {
  const { directory, tree, into } = request;
  const repository = await requireRepository(parts, directory);
  await mkdir(into, { recursive: true });
  if ((await readdir(into)).length > 0)
    throw unsupported(into, "not empty, so no clean checkout can be made in it");
  await withScratch(parts, async (scratch) => {
    if (await isFilledFromMemory(parts, { repository, tree }, { into, scratch })) return;
    const index = join(scratch, "index");
    await checkOut(parts, repository, { tree, into, index });
    const files = await readIndexFile(index);
    if (files !== undefined)
      await parts.folders.remember(into, { files, takenNs: await timeOf(index) });
  });
}

/** False: nothing is in the folder, and git has to fill it. */
async function isFilledFromMemory(
  parts: GitParts,
  from: { readonly repository: Repository; readonly tree: string },
  to: Place,
): Promise<boolean> {
  const wanted = parts.listings.recall(from.repository, from.tree);
  const index = wanted === undefined ? undefined : formatIndexFile(wanted);
  if (wanted === undefined || index === undefined) return false;
  try {
    const written = await writeKnownFiles(parts.texts, wanted, { into: to.into, kept: nothing });
    if (written.size === 0) return wanted.size === 0;
    await complete(parts, { repository: from.repository, wanted, index }, to, written);
    return true;
  } catch {
    // A full disk, most of all: git says in its own words what was in the way.
    for (const name of await readdir(to.into)) await removeFolder(join(to.into, name));
    return false;
  }
}

const nothing: IndexEntries = new Map();

interface Place {
  readonly into: string;
  /** A folder for files of the way. */
  readonly scratch: string;
}

const plainModes: readonly string[] = ["100644", "100755", "120000"];

/**
 * The files of a tree in a folder that may hold anything, with nothing else beside them: as
 * `materialise` makes them, but only what differs is written. At most one git. Where the difference
 * cannot be told the folder is emptied and filled whole.
 */
export async function refill(
  parts: GitParts,
  request: { readonly directory: string; readonly tree: string; readonly into: string },
): Promise<void> {
  const { directory, tree, into } = request;
  const repository = await requireRepository(parts, directory);
  const wanted = await listingOf(parts, repository, tree);
  const index = formatIndexFile(wanted);
  const isPlain = [...wanted.values()].every(({ mode }) => plainModes.includes(mode));
  const isFilled =
    index !== undefined &&
    isPlain &&
    (await withScratch(parts, (scratch) =>
      fillFrom(parts, { repository, wanted, index }, { into, scratch }),
    ).then(
      () => true,
      () => false,
    ));
  if (isFilled) return;
  // Whatever was in the way of the difference: a folder that is filled anew does not have it.
  const fresh = await withScratch(parts, newEntries);
  await emptyFolder(into, fresh).catch((error: unknown) => {
    throw unreadable(into, error);
  });
  await materialise(parts, request);
}

interface Filling {
  readonly repository: Repository;
  readonly wanted: TreeListing;
  /** Of what is wanted. */
  readonly index: Buffer;
}

async function fillFrom(parts: GitParts, from: Filling, to: Place): Promise<void> {
  const { into, scratch } = to;
  const { wanted } = from;
  const stamps = await parts.folders.recall(into);
  const fresh = await newEntries(scratch);
  const kept = await clearFolder({ root: into, wanted, stamps, fresh });
  const written = await writeKnownFiles(parts.texts, wanted, { into, kept });
  await complete(parts, from, to, new Map([...kept, ...written]));
}

/** Has git write what is not there yet, and remembers how all of it was left. */
async function complete(
  parts: GitParts,
  { repository, wanted, index }: Filling,
  { into, scratch }: Place,
  there: IndexEntries,
): Promise<void> {
  const missing = [...wanted.keys()].filter((path) => !there.has(path));
  // Made now: its time is when the files were as they are.
  const file = join(scratch, "index");
  await writeFile(file, index);
  if (missing.length > 0)
    await runGit(parts, {
      gitDir: repository.view,
      cwd: into,
      workTree: into,
      env: { ...repository.objectsEnv, GIT_INDEX_FILE: file },
      args: ["checkout-index", "-q", "-u", "-z", "--stdin"],
      stdin: missing.map((path) => `${path}\0`).join(""),
    });
  const entered = missing.length > 0 ? await readIndexFile(file) : undefined;
  const files = new Map(there);
  for (const path of missing) {
    const entry = entered?.get(path);
    if (entry !== undefined) files.set(path, entry);
  }
  await parts.folders.remember(into, { files, takenNs: await timeOf(file) });
}

async function timeOf(path: string): Promise<bigint> {
  return (await lstat(path, { bigint: true })).mtimeNs;
}

/** What this process makes, found out by making it: the mask of modes is the whole process's. */
async function newEntries(scratch: string): Promise<NewEntries> {
  const folder = join(scratch, "sample");
  await mkdir(folder);
  const file = await open(join(folder, "file"), "wx", 0o777);
  try {
    const { uid, gid, mode } = await file.stat();
    const executableMode = mode & 0o777;
    return {
      ...{ uid, gid, executableMode },
      plainMode: executableMode & 0o666,
      folderMode: (await lstat(folder)).mode & 0o7777,
    };
  } finally {
    await file.close();
  }
}
