import { statSync, statfsSync } from "node:fs";
import { dirname } from "node:path";

/** Bytes that this user may still write where `path` is or will be; undefined when nobody can say. */
export function freeBytes(path: string): number | undefined {
  return ofNearest(path, (place) => {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  });
}

/** Tells one disk from another; undefined when nobody can say. */
export function diskOf(path: string): number | undefined {
  return ofNearest(path, (place) => statSync(place).dev);
}

/** A path that does not exist yet will be on the disk of its nearest folder. */
function ofNearest(path: string, ask: (place: string) => number): number | undefined {
  for (let place = path; ; place = dirname(place)) {
    try {
      return ask(place);
    } catch {
      if (dirname(place) === place) return undefined;
    }
  }
}

/** The one of `folders` with the least room, when that is less than `bytes`. */
export function fullestBelow(folders: readonly string[], bytes: number): string | undefined {
  const rooms = folders.map((folder) => ({ folder, free: freeBytes(folder) ?? Infinity }));
  const [least] = rooms.sort((one, other) => one.free - other.free);
  return least !== undefined && least.free < bytes ? least.folder : undefined;
}
