import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";

const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The bytes of a regular file of at most so many; undefined for anything else. No link is followed at its end. */
export async function readPlainFile(path: string, maxBytes: number): Promise<Buffer | undefined> {
  try {
    const file = await open(path, readFlags);
    try {
      const stats = await file.stat();
      return stats.isFile() && stats.size <= maxBytes ? await file.readFile() : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** The same at once: a walk over thousands of files would spend its time between threads. */
export function readPlainFileNow(path: string, maxBytes: number): Buffer | undefined {
  try {
    const file = openSync(path, readFlags);
    try {
      const stats = fstatSync(file);
      return stats.isFile() && stats.size <= maxBytes ? readFileSync(file) : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** The id that git gives these bytes as a file. */
export function blobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
