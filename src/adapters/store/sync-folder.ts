import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** Waits until the names in a folder are on the disk: a new file is durable only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
