import type { Workspace } from "../../delivery/agent/workspace.port.ts";

/** Scratch folders for attempts, outside the user's checkout. */
export interface Workspaces {
  /**
   * A folder with the files of `tree`, and nothing else: an earlier folder of the same `name`
   * (a cut attempt) is emptied first.
   */
  open(options: {
    readonly repository: string;
    readonly tree: string;
    readonly name: string;
  }): Promise<Workspace>;
  /** Makes the files of an open workspace those of another tree. */
  fill(
    workspace: Workspace,
    from: { readonly repository: string; readonly tree: string },
  ): Promise<void>;
  /** Removes the folder. Idempotent. */
  discard(workspace: Workspace): Promise<void>;
}
