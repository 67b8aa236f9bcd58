import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VcsError } from "./errors.ts";
import { runGit, splitNul, type GitOptions, type GitPlace } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { readCommit } from "./head.ts";
import { formatIndexFile, readIndexFile } from "./index-file.ts";
import { requireRepository, unreadable, type Repository } from "./repository.ts";
import { checkTree, maxFileBytes, scanFolder, unsafe } from "./scan-folder.ts";
import { parseIndex, type TreeListing } from "./tree-listings.ts";
import { listingOf, treeOf } from "./tree-reads.ts";
import { learnTexts } from "./tree-texts.ts";
import { withScratch } from "./trees.ts";

/** A folder as a tree. Throws AUTOSD-VCS-UNSAFE for what must not be committed. */
export async function snapshot(
  options: GitParts,
  directory: string,
  from: string,
): Promise<string> {
  const repository = await requireRepository(options, directory);
  return withScratch(options, async (scratch) => {
    const call = {
      gitDir: repository.view,
      cwd: from,
      workTree: from,
      env: { ...repository.objectsEnv, GIT_INDEX_FILE: join(scratch, "index") },
    };
    const scanned = scanFolder(from).catch((error: unknown) => {
      throw error instanceof VcsError ? error : unreadable(from, error);
    });
    const [large] = await Promise.all([scanned, enterCommitted(options, repository, call)]);
    await refuseLarge(options, call, large);
    await runGit(options, { ...call, pathspecs: "magic", args: addEverything });
    const [written, listing] = await Promise.all([
      runGit(options, { ...call, args: ["write-tree"] }),
      enteredFiles(options, call),
    ]);
    await checkTree(from, listing);
    const tree = written.stdout.trim();
    options.listings.remember(repository, tree, listing);
    await learnTexts(options, from, listing);
    return tree;
  });
}

const addEverything = [
  ...["add", "-A", "--", "."],
  ...[":(exclude,glob)**/node_modules/**", ":(exclude,literal).autosd"],
];

type IndexCall = GitPlace & { readonly env: { readonly GIT_INDEX_FILE: string } };

/** Files that are tracked although they are ignored stay tracked. */
async function enterCommitted(
  parts: GitParts,
  repository: Repository,
  call: IndexCall,
): Promise<void> {
  const commit = await readCommit(parts, repository);
  if (commit === undefined) return;
  const tree = await treeOf(parts, repository.directory, commit);
  const index = formatIndexFile(await listingOf(parts, repository, tree));
  if (index === undefined) await runGit(parts, { ...call, args: ["read-tree", commit] });
  else await writeFile(call.env.GIT_INDEX_FILE, index);
}

async function enteredFiles(options: GitOptions, call: IndexCall): Promise<TreeListing> {
  const entries = await readIndexFile(call.env.GIT_INDEX_FILE);
  if (entries !== undefined) return entries;
  const listed = await runGit(options, { ...call, args: ["ls-files", "--stage", "-z"] });
  return parseIndex(listed.stdout);
}

async function refuseLarge(
  options: GitOptions,
  call: GitPlace,
  large: readonly string[],
): Promise<void> {
  if (large.length === 0) return;
  const ignored = await runGit(options, {
    ...call,
    pathspecs: "magic",
    args: ["check-ignore", "-z", "--stdin"],
    // "./" takes a leading colon its meaning.
    stdin: large.map((path) => `./${path}\0`).join(""),
    answers: [0, 1],
  });
  const harmless = new Set(splitNul(ignored.stdout).map((path) => path.replace(/^\.\//, "")));
  const rest = large.filter((path) => !harmless.has(path));
  if (rest.length > 0)
    throw unsafe(`${rest.slice(0, 3).join(", ")}: larger than ${maxFileBytes / 1_048_576} MiB`);
}
