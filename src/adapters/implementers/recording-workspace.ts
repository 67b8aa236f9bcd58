import { sha256 } from "../../kernel/hash.ts";
import { fileContentOf, type FileChange } from "../../delivery/agent/session-recording.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";

/** A workspace that remembers how it looked, so that what an implementer changed can be told. */
export interface ObservedWorkspace {
  readonly workspace: Workspace;
  /** What differs from the beginning, in the order of the paths; also what was changed past the port. */
  changes(): Promise<readonly FileChange[]>;
}

async function digestsOf(workspace: Workspace): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const path of await workspace.list()) {
    const bytes = await workspace.read(path);
    if (bytes !== undefined) digests.set(path, sha256(bytes));
  }
  return digests;
}

/** Reads every file of the workspace once, now. */
export async function observeWorkspace(inner: Workspace): Promise<ObservedWorkspace> {
  const before = await digestsOf(inner);
  // Reading does not tell the mode, so it is remembered as it is set.
  const modes = new Map<string, boolean>();
  const written = new Set<string>();
  const workspace: Workspace = {
    root: inner.root,
    baseTree: inner.baseTree,
    list: () => inner.list(),
    read: (path) => inner.read(path),
    async write(path, content, options) {
      await inner.write(path, content, options);
      written.add(path);
      if (options?.executable !== undefined) modes.set(path, options.executable);
    },
    async remove(path) {
      await inner.remove(path);
      modes.delete(path);
    },
  };
  return {
    workspace,
    async changes() {
      const after = await digestsOf(inner);
      const touched = new Set([...before.keys(), ...after.keys(), ...written]);
      const changes: FileChange[] = [];
      for (const path of [...touched].sort()) {
        const isSame = before.get(path) === after.get(path);
        if (isSame && !(written.has(path) && after.has(path))) continue;
        const bytes = await inner.read(path);
        const executable = modes.get(path);
        changes.push(
          bytes === undefined
            ? { kind: "remove", path }
            : {
                kind: "write",
                path,
                content: fileContentOf(bytes),
                ...(executable === undefined ? {} : { executable }),
              },
        );
      }
      return changes;
    },
  };
}
