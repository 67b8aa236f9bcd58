import { constants } from "node:fs";
import { lstat, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { AutosdError } from "../../kernel/errors.ts";
import { errorOf } from "../../kernel/thrown.ts";
import { hasCode } from "../../machine/error-code.ts";
import { VcsError } from "./errors.ts";
import { gitFailure, runGit, type GitAnswer } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { kindOf, unreadable, type Repository } from "./repository.ts";
import { isPlainMove } from "./plain-move.ts";
import { compareListings, type TreeChange } from "./tree-listings.ts";
import { changesBetween } from "./tree-reads.ts";
import { readBlob } from "./trees.ts";

/** A move of the work tree from tree to tree. */
export interface CheckoutMove {
  readonly from: string;
  readonly to: string;
}

const markerSchema = z.object({
  schema: z.literal("autosd/checkout@1"),
  from: z.string().regex(/^[0-9a-f]{40}$/),
  to: z.string().regex(/^[0-9a-f]{40}$/),
});

/** Files of an operation that the user has begun and not ended; a commit of ours would end up in it. */
const operationsInProgress = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge"];

/** Throws AUTOSD-VCS-LOCAL-CHANGES when the move would touch what is not committed; changes nothing. */
export async function checkMove(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
): Promise<void> {
  for (const name of operationsInProgress) {
    if ((await kindOf(join(repository.gitDir, name))) !== "absent")
      throw new VcsError(
        "AUTOSD-VCS-LOCAL-CHANGES",
        `${repository.directory} is in the middle of another git operation (${name})`,
        { remedy: `git -C '${repository.directory}' status` },
      );
  }
  if (await isPlain(options, repository, move)) return;
  const [blocked, checked] = await Promise.allSettled([
    untrackedInTheWay(options, repository, move),
    readTree(options, repository, move, "check"),
  ]);
  if (blocked.status === "rejected") throw errorOf(blocked.reason);
  if (blocked.value.length > 0) throw localChanges(repository, blocked.value);
  if (checked.status === "rejected") throw errorOf(checked.reason);
}

async function isPlain(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
): Promise<boolean> {
  const from = options.listings.recall(repository, move.from);
  const to = options.listings.recall(repository, move.to);
  if (from === undefined || to === undefined) return false;
  // What cannot be looked at is not plain.
  return isPlainMove(repository, from, compareListings(from, to)).catch(() => false);
}

/** Updates index and work tree; whatever the move does not concern stays as it is. */
export async function applyMove(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
): Promise<void> {
  await readTree(options, repository, move, "apply");
}

/** Remembers the move on disk before the branch moves, so that a crash in between can be repaired. */
export async function rememberMove(repository: Repository, move: CheckoutMove): Promise<void> {
  const path = markerPath(repository);
  try {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    const handle = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      await handle.writeFile(JSON.stringify({ schema: "autosd/checkout@1", ...move }));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The move that a crash cut, if any. A damaged record is no record. */
export async function recallMove(repository: Repository): Promise<CheckoutMove | undefined> {
  try {
    const parsed = markerSchema.safeParse(
      JSON.parse(await readFile(markerPath(repository), "utf8")),
    );
    return parsed.success ? { from: parsed.data.from, to: parsed.data.to } : undefined;
  } catch (error) {
    if (hasCode(error, "ENOENT") || error instanceof SyntaxError) return undefined;
    throw unreadable(markerPath(repository), error);
  }
}

export async function forgetMove(repository: Repository): Promise<void> {
  await rm(markerPath(repository), { force: true });
}

function markerPath(repository: Repository): string {
  return join(repository.gitDir, "autosd-checkout.json");
}

/**
 * Files that a cut move had already written look like local changes to git. Those that hold exactly
 * the new content are entered into the index as such, then the move can be made again.
 */
export async function adoptWrittenFiles(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
): Promise<void> {
  const changed = await changesBetween(options, repository, move);
  const present: TreeChange[] = [];
  const updates: string[] = [];
  for (const change of changed) {
    const entry = await lstat(join(repository.directory, change.path)).catch(() => undefined);
    if (change.mode === "000000") {
      if (entry === undefined) updates.push(`0 ${"0".repeat(40)}\t${change.path}`);
    } else if (entry?.isFile() === true && !change.path.includes("\n")) {
      const mode = (entry.mode & 0o100) === 0 ? "100644" : "100755";
      if (mode === change.mode) present.push(change);
    }
  }
  const hashes = await hashFiles(
    options,
    repository,
    present.map((change) => change.path),
  );
  for (const [index, change] of present.entries()) {
    if (hashes[index] === change.blob)
      updates.push(`${change.mode} ${change.blob}\t${change.path}`);
    else await removeCutFile(options, repository, { tree: move.to, path: change.path });
  }
  if (updates.length === 0) return;
  await runGit(options, {
    ...workTreeCall(repository),
    args: ["update-index", "-z", "--index-info"],
    stdin: `${updates.join("\0")}\0`,
  });
}

/**
 * A file that a full disk cut short holds the beginning of the new content: it looks like a local
 * change, and nothing is lost with it. git writes a missing file anew.
 */
async function removeCutFile(
  options: GitParts,
  repository: Repository,
  file: { readonly tree: string; readonly path: string },
): Promise<void> {
  const place = join(repository.directory, file.path);
  const found = await readFile(place);
  const whole = await readBlob(options, { directory: repository.directory, ...file });
  if (whole === undefined || found.length >= whole.length) return;
  if (Buffer.compare(found, whole.subarray(0, found.length)) === 0) await rm(place);
}

async function hashFiles(
  options: GitParts,
  repository: Repository,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const answer = await runGit(options, {
    ...workTreeCall(repository),
    args: ["hash-object", "--no-filters", "--stdin-paths"],
    stdin: `${paths.join("\n")}\n`,
  });
  return answer.stdout.trim().split("\n");
}

/** git itself would overwrite an untracked file that is ignored; to its owner it is a file all the same. */
async function untrackedInTheWay(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
): Promise<readonly string[]> {
  const places = new Set<string>();
  for (const change of await changesBetween(options, repository, move)) {
    if (change.kind !== "added") continue;
    // A file where a folder is to be is in the way as well.
    const names = change.path.split("/");
    names.forEach((_, index) => places.add(names.slice(0, index + 1).join("/")));
  }
  const blocked: string[] = [];
  for (const place of places) {
    const kind = await kindOf(join(repository.directory, place));
    if (kind === "file" || kind === "other") blocked.push(place);
  }
  if (blocked.length === 0) return [];
  const tracked = await runGit(options, {
    ...workTreeCall(repository),
    args: ["ls-files", "-z", "--", ...blocked.slice(0, 1_000)],
  });
  const known = new Set(tracked.stdout.split("\0"));
  return blocked.filter((path) => !known.has(path));
}

async function readTree(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
  mode: "check" | "apply",
): Promise<void> {
  const call = {
    ...workTreeCall(repository),
    args: ["read-tree", ...(mode === "check" ? ["-n"] : []), "-m", "-u", move.from, move.to],
    answers: [0, 128],
  };
  const first = await runGit(options, call);
  if (first.exitCode === 0) return;
  // The index may only be out of date about times: look at contents once, then ask again.
  await runGit(options, {
    ...workTreeCall(repository),
    args: ["update-index", "-q", "--refresh"],
    answers: [0, 1, 128],
  });
  const second = await runGit(options, call);
  if (second.exitCode !== 0) throw await conflictOf(options, repository, move, second);
}

const conflictWords =
  /would be overwritten|not uptodate|would lose untracked|would be removed|resolve your current index/;

async function conflictOf(
  options: GitParts,
  repository: Repository,
  move: CheckoutMove,
  answer: GitAnswer,
): Promise<AutosdError> {
  if (!conflictWords.test(answer.stderr))
    return gitFailure(
      { ...workTreeCall(repository), args: ["read-tree"] },
      answer.exitCode,
      answer.stderr,
    );
  const named = /'([^']+)'/.exec(answer.stderr)?.[1];
  const local = new Set(await localPaths(options, repository));
  const changed = await changesBetween(options, repository, move);
  const paths = new Set(changed.map((one) => one.path).filter((path) => local.has(path)));
  if (named !== undefined) paths.add(named);
  return localChanges(repository, [...paths].sort());
}

/** Paths that differ from the index or are not in it. */
async function localPaths(options: GitParts, repository: Repository): Promise<readonly string[]> {
  const call = workTreeCall(repository);
  const [changed, untracked] = await Promise.all([
    runGit(options, { ...call, args: ["diff-files", "--name-only", "-z"] }),
    runGit(options, { ...call, args: ["ls-files", "-o", "-z", "--exclude-standard"] }),
  ]);
  return `${changed.stdout}${untracked.stdout}`.split("\0").filter((path) => path !== "");
}

function localChanges(repository: Repository, paths: readonly string[]): VcsError {
  const shown = paths.slice(0, 5).join(", ");
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : "";
  return new VcsError(
    "AUTOSD-VCS-LOCAL-CHANGES",
    `${repository.directory} has local changes in files that the commit changes: ${shown}${more}; nothing of yours was changed`,
    {
      remedy: `git -C '${repository.directory}' stash push --include-untracked`,
      details: { paths: paths.slice(0, 1_000) },
    },
  );
}

/** A command on the user's files: their index and objects, our configuration. */
export function workTreeCall(repository: Repository): {
  readonly gitDir: string;
  readonly cwd: string;
  readonly workTree: string;
  readonly env: Readonly<Record<string, string>>;
} {
  return {
    gitDir: repository.view,
    cwd: repository.directory,
    workTree: repository.directory,
    env: { ...repository.objectsEnv, GIT_INDEX_FILE: join(repository.gitDir, "index") },
  };
}
