import { resolve } from "node:path";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import { adoptWrittenFiles, applyMove, forgetMove, recallMove } from "./checkout.ts";
import { commitTree, findCommitByKey } from "./commit.ts";
import { runGit, splitNul, type GitOptions } from "./git-command.ts";
import { initialise, inspect } from "./inspect.ts";
import { emptyTree, locate, objectCall, readHead, requireRepository } from "./repository.ts";
import { materialise, readBlob, snapshot } from "./trees.ts";

/**
 * git of this machine behind the Vcs port. Commands that look at files run on a git folder of
 * autosd's own that only borrows the repository's objects and index, so that no configuration,
 * attribute driver or hook of the repository has a say; the repository's own folder is used for
 * references alone.
 */
export function createGit(options: GitOptions): Vcs {
  return {
    inspect: (directory) => inspect(options, resolve(directory)),
    initialise: (directory) => initialise(options, resolve(directory)),
    treeOf: (directory, commit) => treeOf(options, resolve(directory), commit),
    materialise: (directory, tree, into) =>
      materialise(options, { directory: resolve(directory), tree, into: resolve(into) }),
    snapshot: (directory, from) => snapshot(options, resolve(directory), resolve(from)),
    changes: (directory, fromTree, toTree) =>
      changes(options, resolve(directory), { fromTree, toTree }),
    readFile: (directory, tree, path) => readBlob(options, { directory, tree, path }),
    listFiles: (directory, tree) => listFiles(options, resolve(directory), tree),
    commit: (authorization, directory, request) =>
      commitTree(options, authorization, resolve(directory), request),
    findByKey: (directory, key) => findCommitByKey(options, resolve(directory), key),
    repairCheckout: (directory) => repairCheckout(options, resolve(directory)),
  };
}

async function treeOf(
  options: GitOptions,
  directory: string,
  commit: string | undefined,
): Promise<string> {
  if (commit === undefined) return emptyTree;
  const repository = await requireRepository(options, directory);
  const answer = await runGit(options, {
    ...objectCall(repository),
    args: ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`],
  });
  return answer.stdout.trim();
}

const changeKinds: Readonly<Record<string, "added" | "modified" | "deleted">> = {
  A: "added",
  D: "deleted",
};

async function changes(
  options: GitOptions,
  directory: string,
  trees: { readonly fromTree: string; readonly toTree: string },
): ReturnType<Vcs["changes"]> {
  const repository = await requireRepository(options, directory);
  const answer = await runGit(options, {
    ...objectCall(repository),
    args: ["diff-tree", "-r", "-z", "--no-renames", "--name-status", trees.fromTree, trees.toTree],
  });
  const fields = splitNul(answer.stdout);
  const result: { path: string; kind: "added" | "modified" | "deleted" }[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2)
    result.push({
      path: fields[index + 1] ?? "",
      kind: changeKinds[fields[index] ?? ""] ?? "modified",
    });
  return result;
}

async function listFiles(
  options: GitOptions,
  directory: string,
  tree: string,
): Promise<readonly string[]> {
  const repository = await requireRepository(options, directory);
  const answer = await runGit(options, {
    ...objectCall(repository),
    args: ["ls-tree", "-r", "-z", "--name-only", tree],
  });
  return [...splitNul(answer.stdout)].sort();
}

async function repairCheckout(options: GitOptions, directory: string): Promise<void> {
  const repository = await locate(options, directory);
  if (repository === undefined) return;
  const move = await recallMove(repository);
  if (move === undefined) return;
  const head = await readHead(options, repository);
  // The branch never moved, or somebody moved it on: then the work tree is theirs.
  if ((await treeOf(options, directory, head.commit)) === move.to) {
    await adoptWrittenFiles(options, repository, move);
    await applyMove(options, repository, move);
  }
  await forgetMove(repository);
}
