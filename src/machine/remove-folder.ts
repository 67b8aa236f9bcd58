import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { hasCode } from "./error-code.ts";

const maxFolders = 400_000;

/**
 * Removes a folder with everything in it, also what has taken its own permissions away; a file or a
 * link is removed as well. A path in bytes, for names that are no UTF-8. Follows no link. Idempotent;
 * throws when something stays.
 */
export async function removeFolder(place: string | Buffer): Promise<void> {
  try {
    await rm(place, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, "EACCES", "EPERM", "ENOTEMPTY", "EBUSY")) throw error;
    await openUp(Buffer.from(place));
    // Once more for what a process that is just ending still writes.
    await rm(place, { recursive: true, force: true, maxRetries: 2 });
  }
}

async function openUp(place: Buffer): Promise<void> {
  const waiting = [place];
  let opened = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    opened += 1;
    if (opened > maxFolders) throw new RangeError(`more than ${maxFolders} folders to remove`);
    if (!(await isFolder(folder))) continue;
    await chmod(folder, 0o700);
    // Names by their bytes: a name need not be UTF-8.
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" }))
      if (entry.isDirectory()) waiting.push(Buffer.concat([folder, Buffer.from("/"), entry.name]));
  }
}

async function isFolder(place: Buffer): Promise<boolean> {
  return (await lstat(place).catch(() => undefined))?.isDirectory() === true;
}
