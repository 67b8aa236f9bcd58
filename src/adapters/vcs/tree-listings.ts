import { emptyTree, type Repository } from "./repository.ts";

/** One file of a tree. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000` or `160000`. */
  readonly mode: string;
  readonly blob: string;
}

/** Every file of a tree by its path. */
export type TreeListing = ReadonlyMap<string, TreeEntry>;

/** A path at which two trees differ. */
export interface TreeChange {
  readonly path: string;
  readonly kind: "added" | "modified" | "deleted";
  /** In the second tree; `000000` when deleted. */
  readonly mode: string;
  /** In the second tree; zeros when deleted. */
  readonly blob: string;
}

const maxEntries = 50_000;
const noFiles: TreeListing = new Map();
const nothing = "0".repeat(40);

/**
 * Listings of trees seen lately, so that git is not started for them again. A tree's id says what is
 * in it, so a listing is never out of date; the oldest go when there are more than 50,000 entries.
 */
export class TreeListings {
  readonly #known = new Map<string, TreeListing>();
  #entries = 0;

  recall(repository: Repository, tree: string): TreeListing | undefined {
    return tree === emptyTree ? noFiles : this.#known.get(keyOf(repository, tree));
  }

  remember(repository: Repository, tree: string, listing: TreeListing): void {
    const key = keyOf(repository, tree);
    if (this.#known.has(key)) return;
    this.#known.set(key, listing);
    this.#entries += listing.size;
    for (const [oldest, { size }] of this.#known) {
      if (this.#entries <= maxEntries) return;
      this.#known.delete(oldest);
      this.#entries -= size;
    }
  }
}

function keyOf(repository: Repository, tree: string): string {
  return `${repository.gitDir}\0${tree}`;
}

/** Reads `git ls-tree -r -z`. */
export function parseTree(text: string): TreeListing {
  return new Map(
    fieldsOf(text).map(([facts, path]) => {
      const [mode = "", , blob = ""] = facts.split(" ");
      return [path, { mode, blob }];
    }),
  );
}

/** Reads `git ls-files --stage -z`. */
export function parseIndex(text: string): TreeListing {
  return new Map(
    fieldsOf(text).map(([facts, path]) => {
      const [mode = "", blob = ""] = facts.split(" ");
      return [path, { mode, blob }];
    }),
  );
}

function fieldsOf(text: string): readonly (readonly [facts: string, path: string])[] {
  return text
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t");
      return [line.slice(0, tab), line.slice(tab + 1)];
    });
}

/** Where two listings differ, sorted by path. */
export function compareListings(from: TreeListing, to: TreeListing): readonly TreeChange[] {
  const changes: TreeChange[] = [];
  for (const [path, { mode, blob }] of to) {
    const before = from.get(path);
    if (before === undefined) changes.push({ path, kind: "added", mode, blob });
    else if (before.blob !== blob || before.mode !== mode)
      changes.push({ path, kind: "modified", mode, blob });
  }
  for (const path of from.keys())
    if (!to.has(path)) changes.push({ path, kind: "deleted", mode: "000000", blob: nothing });
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}
