import type { Vcs } from "./vcs.port.ts";

/** The branch of somebody's repository that a run works on. */
export interface BranchPlace {
  /** Without `refs/heads/`. */
  readonly name: string;
  /** What the branch pointed at when the run began; null: it was not there. */
  readonly from: string | null;
  /** The commit that work goes on from while the branch is still as it was. */
  readonly start: string;
}

/** What is under a branch's name. */
export type BranchState =
  | { readonly kind: "absent" }
  /** All of it is in the checked-out commit as well. */
  | { readonly kind: "contained"; readonly commit: string }
  /** Holds commits by autosd that the checked-out commit does not. */
  | { readonly kind: "own"; readonly commit: string }
  /** Holds commits of somebody else only. */
  | { readonly kind: "foreign"; readonly commit: string }
  /** Checked out in another work tree of the repository, whose files would not follow. */
  | { readonly kind: "in-use"; readonly commit: string; readonly by: string }
  /** git keeps branches as paths: with this one there can be none of that name. */
  | { readonly kind: "impossible"; readonly other: string };

export type RepositorySurvey =
  /** No folder at all. `near`: a folder that is there under almost the same name, absolute. */
  | {
      readonly kind: "absent";
      readonly found: "nothing" | "file";
      readonly near: string | null;
    }
  /** `within`: the folder of a repository that this one is a part of. */
  | { readonly kind: "none"; readonly within: string | null }
  | {
      readonly kind: "repository";
      /** Null before the first commit. */
      readonly head: string | null;
      /** Checked out; null when HEAD is detached. */
      readonly branch: string | null;
      /** Changed or untracked paths: no part of any run. */
      readonly dirty: readonly string[];
      /** What a run cannot keep as it is (submodules, `.autosd` under version control), each as a sentence; empty for most. */
      readonly obstacles: readonly string[];
      readonly target: BranchState;
    };

/** What a commit says of itself: anybody can have written it. */
export interface CommitClaim {
  /** The first one; null of a first commit. */
  readonly parent: string | null;
  /** Values of its `Story` trailers. */
  readonly stories: readonly string[];
}

/**
 * Repositories that autosd did not create. Nothing in them is executed; checkout, index and local
 * changes stay as they are.
 */
export interface ExistingRepositories {
  /** Throws AUTOSD-VCS-UNSUPPORTED for kinds that cannot be worked on (bare, linked work tree, partial clone). */
  survey(directory: string, branch: string): Promise<RepositorySurvey>;
  /** Keeps `.autosd` out of the person's `git status`, in the repository's own exclude file. Idempotent. */
  hideOwnFolder(directory: string): Promise<void>;
  /** Whether a commit can be reached from another one. False for a commit that is not there. */
  contains(
    directory: string,
    question: { readonly commit: string; readonly from: string },
  ): Promise<boolean>;
  /** What a commit says of itself; undefined for one that is not there. */
  claimOf(directory: string, commit: string): Promise<CommitClaim | undefined>;
  /**
   * A Vcs whose branch is this one, whatever is checked out. A commit moves the branch alone, by
   * compare and set; files follow only where the branch is checked out.
   */
  onBranch(place: BranchPlace): Vcs;
}
