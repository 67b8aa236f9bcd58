import type { KnownFolders } from "./folder-stamps.ts";
import type { GitOptions } from "./git-command.ts";
import type { RecentTexts } from "./recent-texts.ts";
import type { TreeListings } from "./tree-listings.ts";

/** What the calls of one Vcs share: how to run git, and what it has said about trees, which never change. */
export interface GitParts extends GitOptions {
  readonly listings: TreeListings;
  readonly texts: RecentTexts;
  readonly folders: KnownFolders;
}
