import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { hasCode } from "./error-code.ts";

/** O_NONBLOCK: a pipe that was put in the file's place must not keep anybody waiting. */
const plainFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** What is at a path that should be a file. */
export type PlainFile =
  | { readonly kind: "read"; readonly bytes: Buffer }
  | { readonly kind: "absent" }
  | { readonly kind: "folder" }
  /** A pipe, a device. */
  | { readonly kind: "other" }
  | { readonly kind: "too-large"; readonly sizeBytes: number };

/**
 * Opens what is at a path; undefined when nothing is. No link is followed at its end (ELOOP). `access`
 * is how it is opened, reading unless told; with `O_CREAT` a missing file is made, 0600.
 */
export async function openPlainFile(
  path: string,
  access: number = constants.O_RDONLY,
): Promise<FileHandle | undefined> {
  try {
    return await open(path, access | plainFlags, 0o600);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/**
 * The bytes of a regular file of at most so many. What is written to it meanwhile is not read. A link
 * (ELOOP), and whatever else the system refuses, is the system's error.
 */
export async function readPlainFile(path: string, maxBytes: number): Promise<PlainFile> {
  const file = await openPlainFile(path);
  if (file === undefined) return { kind: "absent" };
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return { kind: stats.isDirectory() ? "folder" : "other" };
    if (stats.size > maxBytes) return { kind: "too-large", sizeBytes: stats.size };
    return { kind: "read", bytes: await readUpTo(file, stats.size) };
  } finally {
    await file.close();
  }
}

/** From the beginning, as many bytes as there are, and no more than `maxBytes`. */
export async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(maxBytes);
  let filled = 0;
  while (filled < maxBytes) {
    const { bytesRead } = await file.read(buffer, filled, maxBytes - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The same, with no distinction: undefined for whatever has no bytes to give. Never rejects. */
export async function plainBytes(path: string, maxBytes: number): Promise<Buffer | undefined> {
  const file = await readPlainFile(path, maxBytes).catch(() => undefined);
  return file?.kind === "read" ? file.bytes : undefined;
}

/** `plainBytes` at once: a walk over thousands of files would spend its time between threads. */
export function plainBytesNow(path: string, maxBytes: number): Buffer | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | plainFlags);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > maxBytes) return undefined;
      const buffer = Buffer.alloc(stats.size);
      let filled = 0;
      while (filled < buffer.length) {
        const bytesRead = readSync(file, buffer, filled, buffer.length - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
