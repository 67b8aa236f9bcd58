import { freeBytes } from "../../machine/free-space.ts";

/** git removes its own temporary files before it ends, so a full disk has a little room again. */
const leastRoomBytes = 1024 ** 2;
const fullWords = /No space left on device|Disk quota exceeded|File too large|out of disk ?space/i;
const unwrittenWords =
  /unable to (write|create|append|flush|fsync|sync)|could not (write|create|flush|fsync)|cannot (write|create|fsync)|failed to (write|flush)|write (error|failure)|error while writing/i;

/**
 * The folder that had no room when git failed with these words, undefined when room was not the
 * matter. git often says only what it could not write, so the disks are asked.
 */
export function fullFolder(stderr: string, folders: readonly string[]): string | undefined {
  const saysFull = fullWords.test(stderr);
  if (!saysFull && !unwrittenWords.test(stderr)) return undefined;
  const rooms = folders
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => ({ folder, bytes: freeBytes(folder) ?? Infinity }));
  const [least] = rooms.sort((one, other) => one.bytes - other.bytes);
  if (least === undefined) return undefined;
  return saysFull || least.bytes < leastRoomBytes ? least.folder : undefined;
}
