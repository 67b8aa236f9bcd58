import { chmod, mkdir } from "node:fs/promises";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Workspaces } from "../../engine/ports/workspaces.port.ts";
import { unusable } from "./contained-folder.ts";
import { FolderPool } from "./folder-pool.ts";
import { openWorkspace } from "./folder-workspace.ts";
import { removeFolder } from "../../machine/remove-folder.ts";

/** Workspaces whose folders are used again. */
export interface ScratchWorkspaces extends Workspaces {
  /** Removes every folder, discarded or not. Idempotent. */
  close(): Promise<void>;
}

interface Content {
  readonly repository: string;
  readonly tree: string;
}

/**
 * Workspaces below a folder of this process in `scratch`, which is a 0700 folder below AUTOSD_HOME,
 * so that nobody else plants a link where an attempt is about to be written. The folder of an attempt
 * that has ended is used by a later one, which finds in it the files of its tree and nothing else.
 *
 * `outlives`: a process that an attempt started may live on when the attempt has ended (no sandbox
 * ends it). It would write into a folder that is used again, so each attempt gets one made anew.
 */
export function createScratchWorkspaces(options: {
  readonly scratch: string;
  readonly vcs: Vcs;
  readonly outlives?: boolean;
}): ScratchWorkspaces {
  const pool = new FolderPool(options.scratch, options.outlives !== true);
  // By folder: whoever lies over a workspace hands back another object.
  const open = new Map<string, Leased>();
  const end = async (root: string): Promise<void> => {
    const leased = open.get(root);
    open.delete(root);
    await leased?.end();
  };
  return {
    async open({ repository, tree, name }) {
      const root = await pool.placeOf(name.replaceAll(/[^A-Za-z0-9_-]/g, "_"));
      await end(root);
      await removeFolder(root);
      await fillOf(pool, options.vcs, root, { repository, tree });
      const leased = leasedOf(openWorkspace({ root, baseTree: tree }));
      open.set(root, leased);
      return leased.workspace;
    },
    fill: ({ root }, from) => options.vcs.refill(from.repository, from.tree, root),
    async discard({ root }) {
      await end(root);
      await pool.putIn(root);
    },
    close: () => pool.close(),
  };
}

async function fillOf(pool: FolderPool, vcs: Vcs, root: string, from: Content): Promise<void> {
  if (await pool.takeOut(root)) {
    if (await isRefilled(vcs, root, from)) return;
    // Whatever it was, perhaps a full disk: one folder made anew in place of all that are kept.
    await removeFolder(root);
    await pool.empty();
  }
  await mkdir(root, { recursive: true, mode: 0o700 });
  await vcs.materialise(from.repository, from.tree, root);
}

async function isRefilled(vcs: Vcs, root: string, from: Content): Promise<boolean> {
  try {
    await vcs.refill(from.repository, from.tree, root);
    await chmod(root, 0o700);
    return true;
  } catch {
    return false;
  }
}

/** A workspace until its attempt has ended. */
interface Leased {
  readonly workspace: Workspace;
  /** Waits for what is under way; from now on the workspace reads and writes nothing. */
  end(): Promise<void>;
}

/** What is still writing when its attempt is cut must not write into the next one's files. */
function leasedOf(inner: Workspace): Leased {
  const underWay = new Set<Promise<unknown>>();
  let hasEnded = false;
  const during = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    if (hasEnded) throw unusable(path, new Error("the attempt has ended"));
    const working = work();
    underWay.add(working);
    try {
      return await working;
    } finally {
      underWay.delete(working);
    }
  };
  return {
    workspace: {
      root: inner.root,
      baseTree: inner.baseTree,
      list: () => during("the workspace", () => inner.list()),
      read: (path) => during(path, () => inner.read(path)),
      write: (path, content, settings) => during(path, () => inner.write(path, content, settings)),
      remove: (path) => during(path, () => inner.remove(path)),
    },
    async end() {
      hasEnded = true;
      await Promise.allSettled(underWay);
    },
  };
}
