import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import { looseCommitTree } from "./commit-object.ts";
import { runGit, splitNul } from "./git-command.ts";
import type { GitParts } from "./git-parts.ts";
import { emptyTree, objectCall, requireRepository, type Repository } from "./repository.ts";
import { compareListings, parseTree, type TreeChange, type TreeListing } from "./tree-listings.ts";

/** The tree of a commit; of no commit the empty tree. */
export async function treeOf(
  parts: GitParts,
  directory: string,
  commit: string | undefined,
): Promise<string> {
  if (commit === undefined) return emptyTree;
  const repository = await requireRepository(parts, directory);
  const loose = await looseCommitTree(repository, commit);
  if (loose !== undefined) return loose;
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`],
  });
  return answer.stdout.trim();
}

/** Every file of a tree; asked of git once. */
export async function listingOf(
  parts: GitParts,
  repository: Repository,
  tree: string,
): Promise<TreeListing> {
  const known = parts.listings.recall(repository, tree);
  if (known !== undefined) return known;
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: ["ls-tree", "-r", "-z", tree],
  });
  const listing = parseTree(answer.stdout);
  parts.listings.remember(repository, tree, listing);
  return listing;
}

const changeKinds: Readonly<Record<string, TreeChange["kind"]>> = { A: "added", D: "deleted" };

/** Where two trees differ. One git when a listing is not known, none when both are. */
export async function changesBetween(
  parts: GitParts,
  repository: Repository,
  trees: { readonly from: string; readonly to: string },
): Promise<readonly TreeChange[]> {
  const from = parts.listings.recall(repository, trees.from);
  const to = parts.listings.recall(repository, trees.to);
  if (from !== undefined && to !== undefined) return compareListings(from, to);
  const answer = await runGit(parts, {
    ...objectCall(repository),
    args: ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", trees.from, trees.to],
  });
  const fields = splitNul(answer.stdout);
  const changes: TreeChange[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, mode = "", , blob = "", status = ""] = (fields[index] ?? "").slice(1).split(" ");
    const kind = changeKinds[status] ?? "modified";
    changes.push({ path: fields[index + 1] ?? "", kind, mode, blob });
  }
  return changes;
}

/** The port's answer: paths and kinds alone. */
export async function changedPaths(
  parts: GitParts,
  directory: string,
  trees: { readonly from: string; readonly to: string },
): ReturnType<Vcs["changes"]> {
  const repository = await requireRepository(parts, directory);
  const changes = await changesBetween(parts, repository, trees);
  return changes.map(({ path, kind }) => ({ path, kind }));
}

/** All paths of a tree, sorted. */
export async function listFiles(
  parts: GitParts,
  directory: string,
  tree: string,
): Promise<readonly string[]> {
  const repository = await requireRepository(parts, directory);
  return [...(await listingOf(parts, repository, tree)).keys()].sort();
}
