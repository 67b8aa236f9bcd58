import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VcsError } from "./errors.ts";
import { runGit, splitNul, type GitOptions, type GitPlace } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { readCommit } from "./head.ts";
import { requireRepository, unreadable, unsupported, type Repository } from "./repository.ts";
import { checkTree, maxFileBytes, scanFolder, unsafe } from "./scan-folder.ts";
import { parseIndex } from "./tree-listings.ts";

/** The files of a tree in an empty folder. */
export async function materialise(
  options: GitOptions,
  request: { readonly directory: string; readonly tree: string; readonly into: string },
): Promise<void> {
  const { directory, tree, into } = request;
  const repository = await requireRepository(options, directory);
  await mkdir(into, { recursive: true });
  if ((await readdir(into)).length > 0)
    throw unsupported(into, "not empty, so no clean checkout can be made in it");
  await withScratch(options, (scratch) =>
    checkOut(options, repository, { tree, into, index: join(scratch, "index") }),
  );
}

/** Hands `use` a folder that holds the files of a tree until it is done. */
export async function withCheckout<T>(
  options: GitOptions,
  repository: Repository,
  tree: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  return withScratch(options, async (scratch) => {
    const into = join(scratch, "tree");
    await mkdir(into);
    await checkOut(options, repository, { tree, into, index: join(scratch, "index") });
    return use(into);
  });
}

async function checkOut(
  options: GitOptions,
  repository: Repository,
  request: { readonly tree: string; readonly into: string; readonly index: string },
): Promise<void> {
  const { tree, into, index } = request;
  await runGit(options, {
    gitDir: repository.view,
    cwd: into,
    workTree: into,
    env: { ...repository.objectsEnv, GIT_INDEX_FILE: index },
    args: ["read-tree", "-m", "-u", tree],
  });
}

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
    const [large] = await Promise.all([scanned, readCommitted(options, repository, call)]);
    await refuseLarge(options, call, large);
    await runGit(options, { ...call, pathspecs: "magic", args: addEverything });
    const [written, listing] = await Promise.all([
      runGit(options, { ...call, args: ["write-tree"] }),
      runGit(options, { ...call, args: ["ls-files", "--stage", "-z"] }),
    ]);
    await checkTree(from, listing.stdout);
    const tree = written.stdout.trim();
    options.listings.remember(repository, tree, parseIndex(listing.stdout));
    return tree;
  });
}

const addEverything = [
  ...["add", "-A", "--", "."],
  ...[":(exclude,glob)**/node_modules/**", ":(exclude,literal).autosd"],
];

/** Files that are tracked although they are ignored stay tracked. */
async function readCommitted(
  options: GitOptions,
  repository: Repository,
  call: GitPlace,
): Promise<void> {
  const commit = await readCommit(options, repository);
  if (commit !== undefined) await runGit(options, { ...call, args: ["read-tree", commit] });
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

/** `unpack-file` writes the blob itself to disk: text pipes would change bytes that are not UTF-8. */
export async function readBlob(
  options: GitOptions,
  request: { readonly directory: string; readonly tree: string; readonly path: string },
): Promise<Uint8Array | undefined> {
  const repository = await requireRepository(options, resolve(request.directory));
  return withScratch(options, async (scratch) => {
    const answer = await runGit(options, {
      gitDir: repository.view,
      cwd: scratch,
      workTree: scratch,
      env: repository.objectsEnv,
      args: ["unpack-file", `${request.tree}:${request.path}`],
      answers: [0, 128],
    });
    if (answer.exitCode === 0) return readFile(join(scratch, answer.stdout.trim()));
    if (/Not a valid object name|does not exist in|unable to read blob/.test(answer.stderr))
      return undefined;
    throw new VcsError("AUTOSD-VCS-FAILED", `git cannot read ${request.path}: ${answer.stderr}`);
  });
}

async function withScratch<T>(
  options: GitOptions,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  let folder: string;
  try {
    await mkdir(options.scratch, { recursive: true, mode: 0o700 });
    folder = await mkdtemp(join(options.scratch, "git-"));
  } catch (error) {
    throw unreadable(options.scratch, error);
  }
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
