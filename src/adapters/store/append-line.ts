import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";
import { StateError } from "../../state/errors.ts";

const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
const lockTimeoutMs = 30_000;
const newline = 0x0a;
const tailBytes = 64 * 1024;

/**
 * Appends one line and syncs it. Returns whether the file was new. A line that a crash or a full
 * disk cut short was never acknowledged: it is taken away before the next one is written, and at
 * once when this write is the one cut short.
 */
export async function appendLine(path: string, line: string): Promise<boolean> {
  const file = await open(path, flags, 0o666);
  try {
    await lock(file, path);
    const { size } = await file.stat();
    const start = await endOfLastLine(file, size);
    if (start < size) await file.truncate(start);
    await writeWhole(file, start, `${line}\n`);
    await file.datasync();
    return size === 0;
  } finally {
    await file.close();
  }
}

/** Writers take turns; the kernel releases the lock of one that dies. */
async function lock(file: FileHandle, path: string): Promise<void> {
  const deadlineMs = performance.now() + lockTimeoutMs;
  while (!tryLock(file.fd, 0, 0, { shared: false })) {
    if (performance.now() >= deadlineMs)
      throw new StateError("AUTOSD-STATE-BUSY", `${path} is locked by another process.`);
    await pause(1 + Math.random() * 4);
  }
}

async function writeWhole(file: FileHandle, start: number, text: string): Promise<void> {
  const bytes = Buffer.from(text, "utf8");
  try {
    const { bytesWritten } = await file.write(bytes, 0, bytes.length);
    if (bytesWritten === bytes.length) return;
    // The rest of a short write fails with the reason: no space, no quota, a limit.
    await file.write(bytes, bytesWritten, bytes.length - bytesWritten);
  } catch (error) {
    await file.truncate(start);
    throw error;
  }
}

/** Where the last whole line ends; bytes after it are the rest of a write that was cut short. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - tailBytes);
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    const found = buffer.lastIndexOf(newline);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}
