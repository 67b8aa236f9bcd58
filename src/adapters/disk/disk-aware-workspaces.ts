import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import type { Workspaces } from "../../engine/ports/workspaces.port.ts";
import { DiskFullError } from "../../kernel/errors.ts";
import { saysFullDisk } from "./explain-full-disk.ts";

/**
 * Workspaces whose attempts are not judged by a full disk. An implementer may take a write that
 * failed for its own failure and go on, or give up: discarding such a workspace throws
 * AUTOSD-DISK-FULL, so that whatever came of the attempt is not remembered.
 */
export function createDiskAwareWorkspaces(workspaces: Workspaces): Workspaces {
  const full = new WeakMap<Workspace, DiskFullError>();
  return {
    async open(options) {
      const inner = await workspaces.open(options);
      const outer = watched(inner, (error) => full.set(outer, error));
      return outer;
    },
    fill: (workspace, from) => workspaces.fill(workspace, from),
    async discard(workspace) {
      await workspaces.discard(workspace);
      const error = full.get(workspace);
      if (error !== undefined) throw error;
    },
  };
}

function watched(inner: Workspace, onFull: (error: DiskFullError) => void): Workspace {
  const watch = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (saysFullDisk(error)) onFull(new DiskFullError(inner.root, { cause: error }));
      throw error;
    }
  };
  return {
    root: inner.root,
    baseTree: inner.baseTree,
    list: () => inner.list(),
    read: (path) => inner.read(path),
    write: (path, content, options) => watch(inner.write(path, content, options)),
    remove: (path) => watch(inner.remove(path)),
  };
}
