import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";

const maxEntries = 200_000;
/** What tools keep for themselves; never a part of the project. */
const skipped = new Set(["node_modules", ".autosd"]);

/**
 * A folder's files by what the system says of them, without reading any: path -> kind, size, times
 * and inode. Equal stamps are equal files; a command cannot set a change time back.
 * Undefined: too many files to tell.
 */
export async function stampOf(root: string): Promise<string | undefined> {
  const lines: string[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const files: string[] = [];
    for await (const entry of await opendir(join(root, folder))) {
      if (skipped.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else {
        // Of a folder only that it is there: its times change when a file is replaced by an equal one.
        waiting.push(path);
        lines.push(path);
      }
    }
    lines.push(...(await Promise.all(files.map((path) => lineOf(root, path)))));
    if (lines.length > maxEntries) return undefined;
  }
  return lines.sort().join("\n");
}

async function lineOf(root: string, path: string): Promise<string> {
  const { mode, size, ino, mtimeNs, ctimeNs } = await lstat(join(root, path), { bigint: true });
  return [path, mode, size, ino, mtimeNs, ctimeNs].join("\0");
}
