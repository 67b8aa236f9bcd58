import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

const maxEntries = 200_000;
/** What tools keep for themselves; never a part of the project. */
const skipped = new Set(["node_modules", ".autosd"]);

/**
 * A folder's files by what the system says of them, without reading any: path -> kind, size, times
 * and inode. Equal stamps are equal files; a command cannot set a change time back.
 */
export async function stampOf(root: string): Promise<string> {
  const lines: string[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for await (const entry of await opendir(join(root, folder))) {
      if (skipped.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(path);
      const { mode, size, ino, mtimeNs, ctimeNs } = await lstat(join(root, path), { bigint: true });
      // Of a folder only that it is there: its times change when a file is replaced by an equal one.
      lines.push(
        entry.isDirectory() ? path : `${path}\0${mode}\0${size}\0${ino}\0${mtimeNs}\0${ctimeNs}`,
      );
      if (lines.length > maxEntries) return `more than ${maxEntries} files`;
    }
  }
  return lines.sort().join("\n");
}
