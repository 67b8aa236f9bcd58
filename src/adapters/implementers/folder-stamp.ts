import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

const maxEntries = 200_000;
/** A look takes microseconds, handing it to a thread many times that; a few milliseconds hold nobody up. */
const looksAtOnce = 512;
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
  let looked = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (skipped.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // Of a folder only that it is there: its times change when a file is replaced by an equal one.
      if (entry.isDirectory()) waiting.push(path);
      lines.push(entry.isDirectory() ? path : lineOf(root, path));
      looked += 1;
      if (looked % looksAtOnce === 0) await setImmediate();
    }
    if (lines.length > maxEntries) return undefined;
  }
  return lines.sort().join("\n");
}

function lineOf(root: string, path: string): string {
  const { mode, size, ino, mtimeNs, ctimeNs } = lstatSync(join(root, path), { bigint: true });
  return [path, mode, size, ino, mtimeNs, ctimeNs].join("\0");
}
