import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VcsError } from "./errors.ts";
import { runGit, type GitOptions } from "./git-command.ts";
import { requireRepository, unreadable, type Repository } from "./repository.ts";

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

/** Writes the files of a tree into a folder that has none of them, and an index of them. */
export async function checkOut(
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

/** Hands `work` a folder of its own, gone afterwards. */
export async function withScratch<T>(
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
