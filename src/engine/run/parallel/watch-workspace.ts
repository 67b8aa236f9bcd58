import type { Read } from "../../../delivery/agent/read-set.ts";
import type { Workspace } from "../../../delivery/agent/workspace.port.ts";
import { canonicalJson } from "../../../kernel/canonical-json.ts";

/** A workspace that keeps what was read of it. */
export interface WatchedWorkspace {
  readonly workspace: Workspace;
  /** Each once, in the order in which they first came. */
  reads(): readonly Read[];
}

/** More than this is as good as everything. */
const maxReads = 10_000;
const everything: Read = { kind: "command", inputs: undefined };

/** Keeps what an attempt reads: by its own word when it gives it, else by what it is given. */
export function watchWorkspace(inner: Workspace): WatchedWorkspace {
  const reads = new Map<string, Read>();
  const saw = (read: Read): void => {
    const kept = reads.size < maxReads ? read : everything;
    reads.set(canonicalJson(asJson(kept)), kept);
  };
  const write: Workspace["write"] = (path, content, options) => {
    // Merged with another change of the file it would be something that nobody wrote.
    saw({ kind: "file", path, isWritten: true });
    return inner.write(path, content, options);
  };
  const files: Workspace = {
    root: inner.root,
    baseTree: inner.baseTree,
    list: () => inner.list(),
    read: (path) => inner.read(path),
    remove: (path) => inner.remove(path),
    write,
  };
  return {
    reads: () => [...reads.values()],
    workspace: {
      root: inner.root,
      baseTree: inner.baseTree,
      witness: { files, saw },
      list() {
        saw({ kind: "listing", folder: undefined });
        return inner.list();
      },
      read(path) {
        saw({ kind: "file", path });
        return inner.read(path);
      },
      write,
      remove(path) {
        saw({ kind: "file", path });
        return inner.remove(path);
      },
    },
  };
}

/** JSON knows no undefined. */
function asJson(read: Read): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(read).filter((entry: readonly [string, unknown]) => entry[1] !== undefined),
  );
}
