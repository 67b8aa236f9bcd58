import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../kernel/hash.ts";
import { fileContentOf, type FileChange } from "../../delivery/agent/session-recording.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";

/** Larger files are no part of a tree. */
const maxFileBytes = 32 * 1024 * 1024;

/** A workspace that remembers how it looked, so that what an implementer changed can be told. */
export interface ObservedWorkspace {
  readonly workspace: Workspace;
  /** What differs from the beginning, in the order of the paths; also what was changed past the port. */
  changes(): Promise<readonly FileChange[]>;
}

interface FileLook {
  /** Of the content, or of where a link leads. */
  readonly digest: string;
  readonly isExecutable: boolean;
  /** Of a symbolic link only. */
  readonly target?: string;
}

async function looksOf(workspace: Workspace): Promise<ReadonlyMap<string, FileLook>> {
  const looks = new Map<string, FileLook>();
  for (const path of await workspace.list()) {
    const look = await lookAt(workspace, path);
    if (look !== undefined) looks.set(path, look);
  }
  return looks;
}

/** Undefined for what git keeps no file of: a pipe, a file over its bound, one that went away meanwhile. */
async function lookAt(workspace: Workspace, path: string): Promise<FileLook | undefined> {
  const place = join(workspace.root, path);
  const found = await lstat(place).catch(() => undefined);
  if (found?.isSymbolicLink() === true) {
    const target = await readlink(place);
    return { digest: `link ${sha256(target)}`, isExecutable: false, target };
  }
  if (found?.isFile() !== true || found.size > maxFileBytes) return undefined;
  const bytes = await workspace.read(path);
  if (bytes === undefined) return undefined;
  return { digest: sha256(bytes), isExecutable: (found.mode & 0o100) !== 0 };
}

/** Reads every file of the workspace once, now. */
export async function observeWorkspace(inner: Workspace): Promise<ObservedWorkspace> {
  const before = await looksOf(inner);
  const modes = new Set<string>();
  const written = new Set<string>();
  const workspace: Workspace = {
    root: inner.root,
    baseTree: inner.baseTree,
    list: () => inner.list(),
    read: (path) => inner.read(path),
    async write(path, content, options) {
      await inner.write(path, content, options);
      written.add(path);
      if (options?.executable !== undefined) modes.add(path);
    },
    async remove(path) {
      await inner.remove(path);
      modes.delete(path);
    },
  };
  return {
    workspace,
    async changes() {
      const after = await looksOf(inner);
      const touched = new Set([...before.keys(), ...after.keys(), ...written]);
      const changes: FileChange[] = [];
      for (const path of [...touched].sort()) {
        const [was, is] = [before.get(path), after.get(path)];
        const sameMode = (was?.isExecutable ?? false) === (is?.isExecutable ?? false);
        const isSame = was?.digest === is?.digest && sameMode;
        if (isSame && !(written.has(path) && is !== undefined)) continue;
        if (is?.target !== undefined) {
          changes.push({ kind: "link", path, target: is.target });
          continue;
        }
        const bytes = is === undefined ? undefined : await inner.read(path);
        // Commands change modes past the port: what is there counts, not what was asked for.
        const mode = sameMode && !modes.has(path) ? {} : { executable: is?.isExecutable ?? false };
        changes.push(
          bytes === undefined
            ? { kind: "remove", path }
            : { kind: "write", path, content: fileContentOf(bytes), ...mode },
        );
      }
      return changes;
    },
  };
}
