import { chmod, readdir, rm } from "node:fs/promises";
import { codeOf } from "./contained-folder.ts";

const maxFolders = 400_000;

/**
 * Removes a folder with everything in it, also what has taken its own permissions away. Follows no
 * link. Idempotent; throws when something stays.
 */
export async function removeFolder(place: string): Promise<void> {
  try {
    await rm(place, { recursive: true, force: true });
  } catch (error) {
    if (!["EACCES", "EPERM", "ENOTEMPTY"].includes(codeOf(error))) throw error;
    await openUp(Buffer.from(place));
    await rm(place, { recursive: true, force: true });
  }
}

async function openUp(place: Buffer): Promise<void> {
  const waiting = [place];
  let opened = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    opened += 1;
    if (opened > maxFolders) throw new RangeError(`more than ${maxFolders} folders to remove`);
    await chmod(folder, 0o700);
    // Names by their bytes: a name need not be UTF-8.
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" }))
      if (entry.isDirectory()) waiting.push(Buffer.concat([folder, Buffer.from("/"), entry.name]));
  }
}
