import { closeSync, constants, lstatSync, mkdirSync, openSync, type Stats } from "node:fs";
import { join } from "node:path";
import { refusalOfPath } from "../../delivery/agent/workspace-path.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { codeOf, hasCode } from "../../machine/error-code.ts";
import { WorkspaceError } from "./errors.ts";

/** A folder held open below a root, and the name of one entry in it. */
export interface HeldEntry {
  /** Path of the entry that cannot be redirected while it is held, where the system allows that. */
  readonly path: string;
  release(): void;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const canHold = process.platform === "linux";

/**
 * Walks from the root to the folder of a relative path, one name at a time and never through a link.
 * On Linux each step is taken from the open folder before it, so that nothing swapped in meanwhile
 * is followed. `undefined`: a folder on the way does not exist and `create` is false. At once: each
 * step takes microseconds, by way of a thread many times that, and every call of a model has some.
 */
export function holdEntry(root: string, path: string, create: boolean): HeldEntry | undefined {
  const refusal = refusalOfPath(path);
  if (refusal !== undefined) throw refused(path, refusal);
  const names = path.split("/");
  const name = names.pop() ?? "";
  let handle = openSync(root, folderFlags);
  let folder = placeOf(handle, root);
  try {
    for (const step of names) {
      const next = enter(folder, step, { create, path });
      if (next === undefined) {
        closeSync(handle);
        return undefined;
      }
      closeSync(handle);
      handle = next;
      folder = placeOf(handle, join(folder, step));
    }
  } catch (error) {
    closeSync(handle);
    throw error;
  }
  const held = handle;
  return { path: join(folder, name), release: () => closeSync(held) };
}

function placeOf(handle: number, path: string): string {
  return canHold ? `/proc/self/fd/${handle}` : path;
}

function enter(
  folder: string,
  name: string,
  options: { readonly create: boolean; readonly path: string },
): number | undefined {
  const place = join(folder, name);
  if (options.create) {
    try {
      mkdirSync(place);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw unusable(options.path, error);
    }
  }
  try {
    return openSync(place, folderFlags);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && !options.create) return undefined;
    if (code === "ELOOP" || code === "ENOTDIR") {
      if (entryAt(place)?.isSymbolicLink() === true)
        throw refused(options.path, `${name} is a symbolic link`);
      if (!options.create) return undefined;
      throw refused(options.path, `${name} is a file`);
    }
    throw unusable(options.path, error);
  }
}

/** What is at a place, links not followed. */
export function entryAt(place: string): Stats | undefined {
  try {
    return lstatSync(place);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

export function refused(path: string, reason: string): WorkspaceError {
  return new WorkspaceError("AUTOSD-WORKSPACE-PATH", `${JSON.stringify(path)}: ${reason}`);
}

export function unusable(path: string, error: unknown): WorkspaceError {
  const reason = messageOf(error);
  return new WorkspaceError("AUTOSD-WORKSPACE-UNWRITABLE", `${path} cannot be used: ${reason}`, {
    cause: error,
  });
}
