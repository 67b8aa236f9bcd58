import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TreeMerge, TreesToMerge } from "../../delivery/agent/vcs.port.ts";
import { runGit, type GitPlace } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { formatIndexFile } from "./index-file.ts";
import { objectCall, requireRepository, type Repository } from "./repository.ts";
import type { TreeEntry, TreeListing } from "./tree-listings.ts";
import { listingOf } from "./tree-reads.ts";

interface MergeRoom {
  readonly parts: GitParts;
  readonly repository: Repository;
  /** A folder of this merge alone. */
  readonly scratch: string;
}

/** Undefined: the path is gone. */
type Merged = TreeEntry | "conflict" | undefined;

const noBlob = "0".repeat(40);
const plainModes: readonly string[] = ["100644", "100755"];

/**
 * Three trees into one, path by path, without renames and without any driver that a repository
 * could define; works on every git that has `merge-file`.
 */
export async function joinTrees(
  parts: GitParts,
  directory: string,
  trees: TreesToMerge,
): Promise<TreeMerge> {
  const { base, ours, theirs } = trees;
  if (base === ours || ours === theirs) return { kind: "merged", tree: theirs };
  if (base === theirs) return { kind: "merged", tree: ours };
  const repository = await requireRepository(parts, directory);
  const scratch = await mkdtemp(join(parts.scratch, "merge-"));
  try {
    return await merge({ parts, repository, scratch }, trees);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function merge(room: MergeRoom, trees: TreesToMerge): Promise<TreeMerge> {
  const { parts, repository } = room;
  const [base, ours, theirs] = await Promise.all(
    [trees.base, trees.ours, trees.theirs].map((tree) => listingOf(parts, repository, tree)),
  );
  if (base === undefined || ours === undefined || theirs === undefined)
    throw new RangeError("three trees have three listings");
  const changed = new Map<string, TreeEntry | undefined>();
  const conflicts: string[] = [];
  for (const path of pathsOf(base, theirs)) {
    const sides = { base: base.get(path), ours: ours.get(path), theirs: theirs.get(path) };
    const entry = await mergeEntry(room, sides);
    if (entry === "conflict") conflicts.push(path);
    else if (!isSame(entry, sides.ours)) changed.set(path, entry);
  }
  conflicts.push(...blockedPaths(new Map([...ours, ...changed])));
  if (conflicts.length > 0) return { kind: "conflict", paths: [...new Set(conflicts)].sort() };
  return { kind: "merged", tree: await writeTree(room, trees.ours, changed) };
}

function pathsOf(...listings: readonly TreeListing[]): readonly string[] {
  return [...new Set(listings.flatMap((listing) => [...listing.keys()]))].sort();
}

interface Sides {
  readonly base: TreeEntry | undefined;
  readonly ours: TreeEntry | undefined;
  readonly theirs: TreeEntry | undefined;
}

/** The side that changed; where both did otherwise, both contents in one when they do not meet. */
async function mergeEntry(room: MergeRoom, sides: Sides): Promise<Merged> {
  const { base, ours, theirs } = sides;
  if (isSame(base, theirs) || isSame(ours, theirs)) return ours;
  if (isSame(base, ours)) return theirs;
  if (base === undefined || ours === undefined || theirs === undefined) return "conflict";
  if (![base, ours, theirs].every((one) => plainModes.includes(one.mode))) return "conflict";
  // There are two modes: who changed it made it the other one.
  const mode = base.mode === theirs.mode ? ours.mode : theirs.mode;
  const blob = await mergeContent(room, [ours.blob, base.blob, theirs.blob]);
  return blob === undefined ? "conflict" : { mode, blob };
}

/** The blob of both changes in one file; undefined: they meet, or it is no text. */
async function mergeContent(
  { parts, repository, scratch }: MergeRoom,
  blobs: readonly string[],
): Promise<string | undefined> {
  const call = { ...objectCall(repository), cwd: scratch, workTree: scratch };
  const files: string[] = [];
  for (const blob of blobs) {
    const answer = await runGit(parts, { ...call, args: ["unpack-file", blob] });
    files.push(answer.stdout.trim());
  }
  const answer = await runGit(parts, {
    ...call,
    args: ["merge-file", "-q", ...files],
    // The number of conflicts, or 255 for what is no text.
    answers: Array.from({ length: 256 }, (_, code) => code),
  });
  if (answer.exitCode !== 0) return undefined;
  const [ours = ""] = files;
  const stored = await runGit(parts, {
    ...call,
    args: ["hash-object", "-w", "--no-filters", "--", ours],
  });
  return stored.stdout.trim();
}

/** Files that are where another one needs a folder. */
function blockedPaths(merged: ReadonlyMap<string, TreeEntry | undefined>): readonly string[] {
  const files = new Set(
    [...merged].flatMap(([path, entry]) => (entry === undefined ? [] : [path])),
  );
  return [...files].filter((path) => {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
      if (files.has(path.slice(0, end))) return true;
    return false;
  });
}

async function writeTree(
  { parts, repository, scratch }: MergeRoom,
  ours: string,
  changed: ReadonlyMap<string, TreeEntry | undefined>,
): Promise<string> {
  const plain = objectCall(repository);
  const call = { ...plain, env: { ...plain.env, GIT_INDEX_FILE: join(scratch, "index") } };
  const listing = withChanges(await listingOf(parts, repository, ours), changed);
  const index = formatIndexFile(listing);
  if (index === undefined) await enterByGit(parts, call, ours, changed);
  else await writeFile(call.env.GIT_INDEX_FILE, index);
  const tree = (await runGit(parts, { ...call, args: ["write-tree"] })).stdout.trim();
  parts.listings.remember(repository, tree, listing);
  return tree;
}

function withChanges(
  listing: TreeListing,
  changed: ReadonlyMap<string, TreeEntry | undefined>,
): TreeListing {
  const merged = new Map(listing);
  for (const [path, entry] of changed)
    if (entry === undefined) merged.delete(path);
    else merged.set(path, entry);
  return merged;
}

async function enterByGit(
  parts: GitParts,
  call: GitPlace,
  ours: string,
  changed: ReadonlyMap<string, TreeEntry | undefined>,
): Promise<void> {
  await runGit(parts, { ...call, args: ["read-tree", ours] });
  // What goes first: a folder can only become a file once it is empty.
  const lines = [...changed]
    .sort(([, a], [, b]) => Number(a !== undefined) - Number(b !== undefined))
    .map(([path, entry]) => `${entry?.mode ?? "0"} ${entry?.blob ?? noBlob}\t${path}\0`);
  await runGit(parts, {
    ...call,
    args: ["update-index", "-z", "--index-info"],
    stdin: lines.join(""),
  });
}

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.mode === b?.mode && a?.blob === b?.blob;
}
