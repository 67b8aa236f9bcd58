import type { Authorization } from "../../governance/policy/authorization.ts";

export interface CommitRequest {
  /** Tree to commit (already in the object store). */
  readonly tree: string;
  /** The commit that the branch must point at; `undefined` for the first commit. Compare and set. */
  readonly parent: string | undefined;
  readonly message: string;
  /** Last paragraph, `Key: value` each. `Autosd-Key` makes the commit findable after a crash. */
  readonly trailers: readonly (readonly [key: string, value: string])[];
  /** Epoch milliseconds of author and committer; equal input gives an equal commit id. */
  readonly timeMs: number;
}

export type CheckoutState =
  | { readonly kind: "absent" }
  | { readonly kind: "empty" }
  /** A git repository; `head` undefined before its first commit. `dirty` lists changed or untracked paths. */
  | {
      readonly kind: "repository";
      readonly head: string | undefined;
      readonly branch: string;
      readonly dirty: readonly string[];
    }
  | { readonly kind: "foreign"; readonly entries: readonly string[] };

/** Two trees that were made from one. */
export interface TreesToMerge {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

export type TreeMerge =
  | { readonly kind: "merged"; readonly tree: string }
  /** Both changed these paths, and not to the same. Sorted, at least one. */
  | { readonly kind: "conflict"; readonly paths: readonly string[] };

/** A tree as text. */
export interface TreeTexts {
  /** Sorted, whatever they hold. */
  readonly paths: readonly string[];
  /** By path; without links, files over 32 MiB and what is not UTF-8 text. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * A git repository, driven so that nothing it contains is executed: no hooks, no fsmonitor, no
 * filters, no user or system configuration. Paths are host paths.
 */
export interface Vcs {
  inspect(directory: string): Promise<CheckoutState>;
  /** The commit that the branch points at; undefined before the first one and where no repository is. */
  headOf(directory: string): Promise<string | undefined>;
  /** Creates the repository on branch `main` if there is none; excludes `/.autosd/` and `node_modules`. Idempotent. */
  initialise(directory: string): Promise<void>;
  /** Tree id of a commit; of no commit: the empty tree. */
  treeOf(directory: string, commit: string | undefined): Promise<string>;
  /** Writes the files of a tree into an empty folder, without `.git`. */
  materialise(directory: string, tree: string, into: string): Promise<void>;
  /**
   * The same in a folder that may hold anything: afterwards it holds the files of the tree, as
   * `materialise` writes them into an empty folder, and nothing else. Writes only what differs.
   * Nobody else may be at work in it. What fails leaves it half done: remove it, make it anew.
   */
  refill(directory: string, tree: string, into: string): Promise<void>;
  /**
   * Stores a folder's files as a tree in the repository's object store. Refuses embedded
   * repositories, paths that leave the folder and names git refuses; `.gitignore` of the tree is honoured.
   */
  snapshot(directory: string, from: string): Promise<string>;
  /** Paths that differ between two trees. */
  changes(
    directory: string,
    fromTree: string,
    toTree: string,
  ): Promise<readonly { readonly path: string; readonly kind: "added" | "modified" | "deleted" }[]>;
  /** One tree with the changes of both, stored; changes of one file are merged by lines. Moves nothing. */
  joinTrees(directory: string, trees: TreesToMerge): Promise<TreeMerge>;
  readFile(directory: string, tree: string, path: string): Promise<Uint8Array | undefined>;
  /** The texts of all files of a tree. */
  readTexts(directory: string, tree: string): Promise<TreeTexts>;
  /** All file paths of a tree, sorted. */
  listFiles(directory: string, tree: string): Promise<readonly string[]>;
  /** Commits and moves the current branch by compare and set, then brings the work tree along without touching local changes. Returns the commit id. */
  commit(authorization: Authorization, directory: string, request: CommitRequest): Promise<string>;
  /** The commit reachable from the branch whose trailer `Autosd-Key` is `key`. */
  findByKey(directory: string, key: string): Promise<string | undefined>;
  /** After a crash between moving the branch and updating the work tree: makes them agree again. */
  repairCheckout(directory: string): Promise<void>;
}
