import { lstat, mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../kernel/thrown.ts";
import { hasCode } from "../../machine/error-code.ts";
import { replaceFile } from "../../machine/whole-file.ts";
import { VcsError } from "./errors.ts";
import type { GitOptions } from "./git-command.ts";

/** An ordinary repository: `.git` is a real folder with everything in it. */
export interface Repository {
  readonly directory: string;
  /** Its own `.git`; only commands on references run with it. */
  readonly gitDir: string;
  /**
   * A git folder of autosd's own without configuration of the repository: commands that touch files
   * run with it, on the repository's object store and index. Drivers that a repository defines
   * (filters, textconv, fsmonitor) do not exist there.
   */
  readonly view: string;
  /** What makes the view show this repository's objects. */
  readonly objectsEnv: Readonly<Record<string, string>>;
}

/** The id of the tree without files. */
export const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** No conversion of line ends, encodings or keywords: the bytes of a file are the bytes of its blob. */
const viewAttributes = "* -text !eol -ident -filter -diff -merge !working-tree-encoding\n";
export const alwaysExcluded = ["/.autosd/", "node_modules", ".venv/", "__pycache__/"] as const;

/** Finds the repository at exactly this folder. `undefined`: there is none. Throws for the kinds that are not supported. */
export async function locate(
  options: GitOptions,
  directory: string,
): Promise<Repository | undefined> {
  const gitDir = join(directory, ".git");
  const kind = await kindOf(gitDir);
  if (kind === "absent") {
    if (await looksBare(directory)) throw unsupported(directory, "a bare repository");
    return undefined;
  }
  if (kind !== "folder")
    throw unsupported(directory, "a linked work tree or a submodule (its .git is not a folder)");
  if ((await kindOf(join(gitDir, "commondir"))) !== "absent")
    throw unsupported(directory, "a part of another repository (.git/commondir)");
  await refuseLinks(directory, gitDir, writtenByGit);
  if (await isUnfinished(gitDir)) return undefined;
  if (/^\s*objectformat\s*=\s*"?sha256/im.test(await textOf(join(gitDir, "config"))))
    throw unsupported(directory, "a SHA-256 repository");
  const shallow = join(gitDir, "shallow");
  return {
    directory,
    gitDir,
    view: await openView(options),
    objectsEnv: {
      GIT_OBJECT_DIRECTORY: join(gitDir, "objects"),
      ...((await kindOf(shallow)) === "file" ? { GIT_SHALLOW_FILE: shallow } : {}),
    },
  };
}

/** Like `locate`, but a missing repository is an error. */
export async function requireRepository(
  options: GitOptions,
  directory: string,
): Promise<Repository> {
  const repository = await locate(options, directory);
  if (repository === undefined) throw unsupported(directory, "not a git repository");
  return repository;
}

/**
 * A `git init` that a full disk or a kill cut short: to git it is no repository, and `git init` ends
 * what it began. One that holds objects is somebody's work that was damaged.
 */
async function isUnfinished(gitDir: string): Promise<boolean> {
  const parts = ["HEAD", "objects", "refs"];
  const kinds = await Promise.all(parts.map((name) => kindOf(join(gitDir, name))));
  if (!kinds.includes("absent")) return false;
  const objects = await readdir(join(gitDir, "objects")).catch(() => []);
  const packs = await readdir(join(gitDir, "objects", "pack")).catch(() => []);
  return packs.length === 0 && objects.every((name) => name === "info" || name === "pack");
}

/** Through a link git would write into a file that is not the repository's. */
const writtenByGit = ["HEAD", "index", "objects", "refs", "logs", "logs/HEAD", "packed-refs"];

/** Throws AUTOSD-VCS-UNSUPPORTED when one of the names in the git folder is a link or a device. */
export async function refuseLinks(
  directory: string,
  gitDir: string,
  names: readonly string[],
): Promise<void> {
  const kinds = await Promise.all(names.map((name) => kindOf(join(gitDir, name))));
  const link = names.find((_, index) => kinds[index] === "other");
  if (link !== undefined)
    throw unsupported(directory, `a repository with a link or a device in it (.git/${link})`);
}

export function unsupported(directory: string, what: string): VcsError {
  return new VcsError("AUTOSD-VCS-UNSUPPORTED", `${directory} is ${what}`);
}

/** What is at a path, links not followed. */
export async function kindOf(path: string): Promise<"absent" | "folder" | "file" | "other"> {
  try {
    const entry = await lstat(path);
    if (entry.isDirectory()) return "folder";
    return entry.isFile() ? "file" : "other";
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return "absent";
    throw unreadable(path, error);
  }
}

/** The error of a file operation, in the words of this room. */
export function unreadable(path: string, error: unknown): VcsError {
  const reason = messageOf(error);
  return new VcsError("AUTOSD-VCS-UNWRITABLE", `${path} cannot be used: ${reason}`, {
    cause: error,
  });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw unreadable(path, error);
  }
}

async function looksBare(directory: string): Promise<boolean> {
  if ((await kindOf(directory)) !== "folder") return false;
  const entries = new Set(await readdir(directory));
  return ["HEAD", "objects", "refs"].every((name) => entries.has(name));
}

const views = new Map<string, Promise<string>>();

/** Writes the view once a process; several processes write the same bytes, each in one go. */
async function openView(options: GitOptions): Promise<string> {
  const view = join(options.scratch, "git-view");
  const known = views.get(view);
  // Waited for before it is looked at: a second writer would empty HEAD under the first one's git.
  if (known !== undefined) {
    await known;
    if ((await kindOf(join(view, "HEAD"))) === "file") return known;
    // Somebody else may have begun to write it again in the meantime.
    const again = views.get(view);
    if (again !== undefined && again !== known) return again;
  }
  const written = writeView(view).catch((error: unknown) => {
    views.delete(view);
    throw unreadable(view, error);
  });
  views.set(view, written);
  return written;
}

async function writeView(view: string): Promise<string> {
  for (const folder of ["objects", "refs", "info"])
    await mkdir(join(view, folder), { recursive: true, mode: 0o700 });
  const files: readonly (readonly [string, string])[] = [
    ["config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"],
    ["info/attributes", viewAttributes],
    ["info/exclude", `${alwaysExcluded.join("\n")}\n`],
    // Last: a folder without HEAD is no git folder yet.
    ["HEAD", "ref: refs/heads/none\n"],
  ];
  // By rename: git of another process may read the same file now.
  for (const [path, text] of files)
    await replaceFile(join(view, path), text, { mode: 0o600, sync: "nothing" });
  return view;
}

/** A command on objects alone. */
export function objectCall(repository: Repository): {
  readonly gitDir: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
} {
  return { gitDir: repository.view, cwd: repository.directory, env: repository.objectsEnv };
}
