import { lstat, mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clearFolder, emptyFolder, type NewEntries } from "./clear-folder.ts";
import { runGit } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { formatIndexFile, readIndexFile } from "./index-file.ts";
import { requireRepository, unreadable, unsupported, type Repository } from "./repository.ts";
import type { TreeListing } from "./tree-listings.ts";
import { listingOf } from "./tree-reads.ts";
import { checkOut, withScratch } from "./trees.ts";

/** The files of a tree in an empty folder. */
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
    const index = join(scratch, "index");
    await checkOut(parts, repository, { tree, into, index });
    const files = await readIndexFile(index);
    if (files !== undefined)
      await parts.folders.remember(into, { files, takenNs: await timeOf(index) });
  });
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

async function fillFrom(
  parts: GitParts,
  from: {
    readonly repository: Repository;
    readonly wanted: TreeListing;
    readonly index: Buffer;
  },
  { into, scratch }: { readonly into: string; readonly scratch: string },
): Promise<void> {
  const { repository, wanted, index } = from;
  const stamps = await parts.folders.recall(into);
  const fresh = await newEntries(scratch);
  const kept = await clearFolder({ root: into, wanted, stamps, fresh });
  const missing = [...wanted.keys()].filter((path) => !kept.has(path));
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
  const files = new Map(kept);
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
