import { dirname, join, resolve } from "node:path";
import type {
  BranchState,
  CommitClaim,
  ExistingRepositories,
  RepositorySurvey,
} from "../../delivery/agent/existing-repository.port.ts";
import { createGit } from "./git.ts";
import { runGit, type GitOptions } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { lookAtHead, readRef, refCall } from "./head.ts";
import { dirtyPaths, exclude } from "./inspect.ts";
import { KnownFolders } from "./folder-stamps.ts";
import { RecentTexts } from "./recent-texts.ts";
import {
  kindOf,
  locate,
  objectCall,
  requireRepository,
  type Repository,
  unsupported,
} from "./repository.ts";
import { TreeListings } from "./tree-listings.ts";
import { listingOf, treeOf } from "./tree-reads.ts";
import { missingFolder } from "./missing-folder.ts";
import { workTreeOn } from "./work-trees.ts";

const maxFoldersAbove = 200;
const maxCommitsLookedAt = 1_000;
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Somebody's repositories, by git of this machine, with the same protections as `createGit`. */
export function createExistingRepositories(options: GitOptions): ExistingRepositories {
  const parts: GitParts = {
    ...options,
    listings: new TreeListings(),
    texts: new RecentTexts(),
    folders: new KnownFolders(),
  };
  return {
    survey: (directory, branch) => survey(parts, resolve(directory), branch),
    hideOwnFolder: async (directory) => {
      const { gitDir } = await requireRepository(parts, resolve(directory));
      await exclude(join(gitDir, "info"), ["/.autosd/"]);
    },
    contains: async (directory, { commit, from }) =>
      contains(parts, await requireRepository(parts, resolve(directory)), commit, from),
    claimOf: async (directory, commit) =>
      claimOf(parts, await requireRepository(parts, resolve(directory)), commit),
    onBranch: (branch) => createGit({ ...options, branch }),
  };
}

async function survey(
  parts: GitParts,
  directory: string,
  branch: string,
): Promise<RepositorySurvey> {
  const missing = await missingFolder(directory);
  if (missing !== undefined) return missing;
  const repository = await locate(parts, directory);
  if (repository === undefined)
    return { kind: "none", within: (await repositoryAbove(directory)) ?? null };
  if (await isPartial(parts, repository))
    throw unsupported(directory, "a partial clone, in which files may be missing");
  const head = await lookAtHead(parts, repository);
  return {
    kind: "repository",
    head: head.commit ?? null,
    branch: head.ref?.replace(/^refs\/heads\//, "") ?? null,
    dirty: await dirtyPaths(parts, repository, head.commit),
    obstacles: await obstaclesIn(parts, repository, head.commit),
    target: await branchState(parts, repository, { branch, head: head.commit }),
  };
}

async function repositoryAbove(directory: string): Promise<string | undefined> {
  let folder = dirname(directory);
  for (let step = 0; step < maxFoldersAbove; step += 1) {
    if ((await kindOf(join(folder, ".git"))) !== "absent") return folder;
    if (dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
  return undefined;
}

async function isPartial(parts: GitParts, repository: Repository): Promise<boolean> {
  const answer = await runGit(parts, {
    ...refCall(repository),
    args: ["config", "--local", "--no-includes", "--get-regexp", "^extensions\\.partialclone$"],
  });
  return answer.exitCode === 0;
}

async function obstaclesIn(
  parts: GitParts,
  repository: Repository,
  commit: string | undefined,
): Promise<readonly string[]> {
  if (commit === undefined) return [];
  const tree = await treeOf(parts, repository.directory, commit);
  const listing = await listingOf(parts, repository, tree);
  const found: string[] = [];
  for (const [path, { mode }] of listing) {
    if (mode === "160000") found.push(`${path} is a submodule`);
    if (path === ".autosd" || path.startsWith(".autosd/"))
      found.push(
        `${path} is under version control, in the folder that autosd keeps its records in`,
      );
  }
  return found.slice(0, 10);
}

async function branchState(
  parts: GitParts,
  repository: Repository,
  of: { readonly branch: string; readonly head: string | undefined },
): Promise<BranchState> {
  const ref = `refs/heads/${of.branch}`;
  const commit = await readRef(parts, repository, ref);
  if (commit === undefined) {
    const other = await branchInTheWay(parts, repository, ref);
    return other === undefined ? { kind: "absent" } : { kind: "impossible", other };
  }
  const by = await workTreeOn(repository, ref);
  if (by !== undefined) return { kind: "in-use", commit, by };
  if (of.head !== undefined && (await contains(parts, repository, commit, of.head)))
    return { kind: "contained", commit };
  const own = await hasOwnCommits(parts, repository, { commit, head: of.head });
  return { kind: own ? "own" : "foreign", commit };
}

async function branchInTheWay(
  parts: GitParts,
  repository: Repository,
  ref: string,
): Promise<string | undefined> {
  const answer = await runGit(parts, {
    ...refCall(repository),
    args: ["for-each-ref", "--format=%(refname)", "refs/heads/"],
  });
  return answer.stdout
    .split("\n")
    .find((one) => one !== "" && (ref.startsWith(`${one}/`) || one.startsWith(`${ref}/`)))
    ?.replace(/^refs\/heads\//, "");
}

async function contains(
  parts: GitParts,
  repository: Repository,
  commit: string,
  from: string,
): Promise<boolean> {
  if (commit === from) return true;
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: ["merge-base", "--is-ancestor", "--end-of-options", commit, from],
    answers: [0, 1, 128],
  });
  return answer.exitCode === 0;
}

async function claimOf(
  parts: GitParts,
  repository: Repository,
  commit: string,
): Promise<CommitClaim | undefined> {
  if (!fullCommit.test(commit)) return undefined;
  const story = "%(trailers:key=Story,valueonly,separator=%x00)";
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: [
      ...["log", "--no-show-signature", "--max-count=1", `--format=%P%x00${story}`],
      ...[commit, "--"],
    ],
    answers: [0, 128],
  });
  // A tree has no log, and that is no failure.
  if (answer.exitCode !== 0 || !answer.stdout.includes("\0")) return undefined;
  const [parents = "", ...stories] = answer.stdout.trimEnd().split("\0");
  const parent = parents.split(" ")[0] ?? "";
  return { parent: parent === "" ? null : parent, stories: stories.filter((one) => one !== "") };
}

/** By the trailer that every commit of autosd carries. */
async function hasOwnCommits(
  parts: GitParts,
  repository: Repository,
  range: { readonly commit: string; readonly head: string | undefined },
): Promise<boolean> {
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: [
      ...["log", "--no-show-signature", `--max-count=${maxCommitsLookedAt}`],
      "--format=%(trailers:key=Autosd-Key,valueonly,separator=%x20)",
      range.commit,
      ...(range.head === undefined ? [] : [`^${range.head}`]),
      "--",
    ],
  });
  return answer.stdout.trim() !== "";
}
