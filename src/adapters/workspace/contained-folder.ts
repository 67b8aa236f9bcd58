import { constants, type Stats } from "node:fs";
import { lstat, mkdir, open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { refusalOfPath } from "../../delivery/agent/workspace-path.ts";
import { codeOf, hasCode } from "../../machine/error-code.ts";
import { WorkspaceError } from "./errors.ts";

/** A folder held open below a root, and the name of one entry in it. */
export interface HeldEntry {
  /** Path of the entry that cannot be redirected while it is held, where the system allows that. */
  readonly path: string;
  release(): Promise<void>;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const canHold = process.platform === "linux";

/**
 * Walks from the root to the folder of a relative path, one name at a time and never through a link.
 * On Linux each step is taken from the open folder before it, so that nothing swapped in meanwhile
 * is followed. `undefined`: a folder on the way does not exist and `create` is false.
 */
export async function holdEntry(
  root: string,
  path: string,
  create: boolean,
): Promise<HeldEntry | undefined> {
  const refusal = refusalOfPath(path);
  if (refusal !== undefined) throw refused(path, refusal);
  const names = path.split("/");
  const name = names.pop() ?? "";
  let handle = await open(root, folderFlags);
  let folder = placeOf(handle, root);
  try {
    for (const step of names) {
      const next = await enter(folder, step, { create, path });
      if (next === undefined) {
        await handle.close();
        return undefined;
      }
      await handle.close();
      handle = next;
      folder = placeOf(handle, join(folder, step));
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  const held = handle;
  return { path: join(folder, name), release: () => held.close() };
}

function placeOf(handle: FileHandle, path: string): string {
  return canHold ? `/proc/self/fd/${handle.fd}` : path;
}

async function enter(
  folder: string,
  name: string,
  options: { readonly create: boolean; readonly path: string },
): Promise<FileHandle | undefined> {
  const place = join(folder, name);
  if (options.create) {
    await mkdir(place).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw unusable(options.path, error);
    });
  }
  try {
    return await open(place, folderFlags);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && !options.create) return undefined;
    if (code === "ELOOP" || code === "ENOTDIR") {
      if ((await entryAt(place))?.isSymbolicLink() === true)
        throw refused(options.path, `${name} is a symbolic link`);
      if (!options.create) return undefined;
      throw refused(options.path, `${name} is a file`);
    }
    throw unusable(options.path, error);
  }
}

/** What is at a place, links not followed. */
export async function entryAt(place: string): Promise<Stats | undefined> {
  try {
    return await lstat(place);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

export function refused(path: string, reason: string): WorkspaceError {
  return new WorkspaceError("AUTOSD-WORKSPACE-PATH", `${JSON.stringify(path)}: ${reason}`);
}

export function unusable(path: string, error: unknown): WorkspaceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new WorkspaceError("AUTOSD-WORKSPACE-UNWRITABLE", `${path} cannot be used: ${reason}`, {
    cause: error,
  });
}
