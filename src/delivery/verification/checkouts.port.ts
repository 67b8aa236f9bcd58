import type { TreeTexts } from "../agent/vcs.port.ts";

/**
 * A clean checkout of a tree in a scratch folder. Paths are relative, with `/`; reading follows no
 * link, since what ran in the folder may have planted some.
 */
export interface Checkout {
  /** Host path. */
  readonly root: string;
  /** Sorted paths of the tree, as it was checked out. */
  readonly paths: readonly string[];
  /** `undefined`: absent, not a regular file, larger than 32 MiB, or not UTF-8 text. */
  readText(path: string): Promise<string | undefined>;
  write(path: string, text: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Makes `path` a link to a host folder. */
  linkFolder(path: string, hostPath: string): Promise<void>;
  /** An empty host folder beside the checkout, removed together with it. */
  sideFolder(name: string): Promise<string>;
  /** Idempotent. */
  dispose(): Promise<void>;
}

/** Makes clean checkouts. Throws AUTOSD-VERIFY-STORAGE when the machine has no room for one. */
export interface Checkouts {
  /** All texts of a tree, without a checkout of it. */
  readTexts(request: { readonly repository: string; readonly tree: string }): Promise<TreeTexts>;
  open(request: { readonly repository: string; readonly tree: string }): Promise<Checkout>;
}
