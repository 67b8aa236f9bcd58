import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const blockBytes = 512;
const filesAtOnce = 64;

/** What a folder takes on the disk. */
export interface FolderSize {
  readonly bytes: number;
  readonly files: number;
  /** False: `signal` came first, and there is more than this. */
  readonly isWhole: boolean;
}

/**
 * Space that is taken by everything below `folder`, links not followed. Never rejects; what cannot
 * be read, and a folder that is not there, count nothing.
 */
export async function folderSize(folder: string, signal: AbortSignal): Promise<FolderSize> {
  let bytes = 0;
  let files = 0;
  const left = [folder];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (signal.aborted) return { bytes, files, isWhole: false };
    const parent = next;
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    left.push(...entries.filter((one) => one.isDirectory()).map(({ name }) => join(parent, name)));
    for (let at = 0; at < entries.length; at += filesAtOnce) {
      const sizes = await Promise.all(
        entries.slice(at, at + filesAtOnce).map((entry) => sizeOf(parent, entry)),
      );
      bytes += sizes.reduce((sum, size) => sum + size, 0);
    }
    files += entries.filter((one) => !one.isDirectory()).length;
  }
  return { bytes, files, isWhole: true };
}

async function sizeOf(folder: string, entry: Dirent): Promise<number> {
  const stats = await lstat(join(folder, entry.name)).catch(() => undefined);
  return stats === undefined ? 0 : stats.blocks * blockBytes;
}
