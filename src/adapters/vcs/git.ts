import { resolve } from "node:path";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import { adoptWrittenFiles, applyMove, forgetMove, recallMove } from "./checkout.ts";
import { commitTree, findCommitByKey } from "./commit.ts";
import { KnownFolders } from "./folder-stamps.ts";
import type { GitOptions } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { readHead } from "./head.ts";
import { initialise, inspect } from "./inspect.ts";
import { joinTrees } from "./join-trees.ts";
import { RecentTexts } from "./recent-texts.ts";
import { materialise, refill } from "./refill.ts";
import { locate, requireRepository } from "./repository.ts";
import { snapshot } from "./snapshot.ts";
import { TreeListings } from "./tree-listings.ts";
import { changedPaths, listFiles, treeOf } from "./tree-reads.ts";
import { readTexts } from "./tree-texts.ts";
import { readBlob } from "./trees.ts";

/**
 * git of this machine behind the Vcs port. Commands that look at files run on a git folder of
 * autosd's own that only borrows the repository's objects and index, so that no configuration,
 * attribute driver or hook of the repository has a say; the repository's own folder is used for
 * references alone.
 */
export function createGit(options: GitOptions): Vcs {
  const parts: GitParts = {
    ...options,
    listings: new TreeListings(),
    texts: new RecentTexts(),
    folders: new KnownFolders(),
  };
  return {
    inspect: (directory) => inspect(parts, resolve(directory)),
    headOf: (directory) => headOf(parts, resolve(directory)),
    initialise: (directory) => initialise(parts, resolve(directory)),
    treeOf: (directory, commit) => treeOf(parts, resolve(directory), commit),
    materialise: (directory, tree, into) =>
      materialise(parts, { directory: resolve(directory), tree, into: resolve(into) }),
    refill: (directory, tree, into) =>
      refill(parts, { directory: resolve(directory), tree, into: resolve(into) }),
    snapshot: (directory, from) => snapshot(parts, resolve(directory), resolve(from)),
    changes: (directory, from, to) => changedPaths(parts, resolve(directory), { from, to }),
    joinTrees: (directory, trees) => joinTrees(parts, resolve(directory), trees),
    readFile: (directory, tree, path) => readBlob(parts, { directory, tree, path }),
    readTexts: async (directory, tree) =>
      readTexts(parts, await requireRepository(parts, resolve(directory)), tree),
    listFiles: (directory, tree) => listFiles(parts, resolve(directory), tree),
    commit: (authorization, directory, request) =>
      commitTree(parts, authorization, resolve(directory), request),
    findByKey: (directory, key) => findCommitByKey(parts, resolve(directory), key),
    repairCheckout: (directory) => repairCheckout(parts, resolve(directory)),
  };
}

async function headOf(parts: GitParts, directory: string): Promise<string | undefined> {
  const repository = await locate(parts, directory);
  return repository === undefined ? undefined : (await readHead(parts, repository)).commit;
}

async function repairCheckout(parts: GitParts, directory: string): Promise<void> {
  const repository = await locate(parts, directory);
  if (repository === undefined) return;
  const move = await recallMove(repository);
  if (move === undefined) return;
  const head = await readHead(parts, repository);
  // The branch never moved, or somebody moved it on or left it: then the work tree is theirs.
  const isOurs = head.isCheckedOut && (await treeOf(parts, directory, head.commit)) === move.to;
  if (isOurs) {
    await adoptWrittenFiles(parts, repository, move);
    await applyMove(parts, repository, move);
  }
  await forgetMove(repository);
}
