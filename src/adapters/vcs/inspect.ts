import { mkdir, readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CheckoutState } from "../../delivery/agent/vcs.port.ts";
import { replaceFile } from "../../machine/whole-file.ts";
import { workTreeCall } from "./checkout.ts";
import { VcsError } from "./errors.ts";
import { runGit, splitNul, type GitOptions } from "./git-command.ts";
import { readHead } from "./head.ts";
import { emptyTree, kindOf, locate, unreadable, type Repository } from "./repository.ts";

const maxEntriesShown = 100;

/** What is at a folder. Throws for repositories that are not supported. */
export async function inspect(options: GitOptions, directory: string): Promise<CheckoutState> {
  const kind = await kindOf(directory);
  if (kind === "absent") return { kind: "absent" };
  if (kind === "file") return { kind: "foreign", entries: [basename(directory)] };
  const repository = await locate(options, directory);
  if (repository === undefined) {
    const entries = (await readdir(directory)).sort();
    if (entries.length === 0) return { kind: "empty" };
    return { kind: "foreign", entries: entries.slice(0, maxEntriesShown) };
  }
  const head = await readHead(options, repository);
  return {
    kind: "repository",
    head: head.commit,
    branch: head.ref.replace(/^refs\/heads\//, ""),
    dirty: await dirtyPaths(options, repository, head.commit),
  };
}

/** Paths that differ from a commit or are not under version control. */
export async function dirtyPaths(
  options: GitOptions,
  repository: Repository,
  commit: string | undefined,
): Promise<readonly string[]> {
  const call = {
    ...workTreeCall(repository),
    config: [["core.excludesFile", join(repository.gitDir, "info", "exclude")]] as const,
  };
  const base = ["diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames"];
  const [changed, untracked] = await Promise.all([
    runGit(options, {
      ...call,
      args: [...base, "--ignore-submodules=all", commit ?? emptyTree, "--"],
    }),
    runGit(options, {
      ...call,
      args: ["ls-files", "-o", "-z", "--exclude-standard", "--directory", "--no-empty-directory"],
    }),
  ]);
  const paths = [...splitNul(changed.stdout), ...splitNul(untracked.stdout)];
  return [...new Set(paths)].sort();
}

/** Creates folder and repository where missing. Idempotent. */
export async function initialise(options: GitOptions, directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw unreadable(directory, error);
  }
  if ((await locate(options, directory)) === undefined) {
    await runGit(options, {
      args: ["init", "-q", "--template=", "-b", "main"],
      gitDir: "",
      cwd: directory,
    });
  }
  await exclude(join(directory, ".git", "info"), ["/.autosd/", "node_modules"]);
}

/** In `.git/info/exclude` and not in `.gitignore`: what autosd leaves beside the project is no part of it. */
export async function exclude(info: string, patterns: readonly string[]): Promise<void> {
  const path = join(info, "exclude");
  try {
    await mkdir(info, { recursive: true });
    const kind = await kindOf(path);
    // Through a link the lines would end up in a file that is not the repository's.
    if ((await kindOf(info)) !== "folder" || (kind !== "file" && kind !== "absent"))
      throw new VcsError("AUTOSD-VCS-UNSUPPORTED", `${path} is not a plain file`);
    const text = kind === "file" ? await readFile(path, "utf8") : "";
    const lines = new Set(text.split(/\r?\n/));
    const missing = patterns.filter((line) => !lines.has(line));
    if (missing.length === 0) return;
    const separator = text === "" || text.endsWith("\n") ? "" : "\n";
    const added = `${separator}${missing.join("\n")}\n`;
    await replaceFile(path, `${text}${added}`, { mode: 0o666, sync: "nothing" });
  } catch (error) {
    if (error instanceof VcsError) throw error;
    throw unreadable(path, error);
  }
}
