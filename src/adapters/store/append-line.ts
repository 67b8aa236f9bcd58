import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { promisify } from "node:util";
import { lockWithin } from "../../machine/locked-file.ts";
import { StateError } from "../../state/errors.ts";

/** A pipe planted under the name is an error, and keeps nobody waiting. */
const flags =
  constants.O_RDWR |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK;
const lockTimeoutMs = 30_000;
const newline = 0x0a;
const tailBytes = 64 * 1024;

const synced = promisify(fdatasync);

/**
 * Appends one line and syncs it. Returns whether the file was new. A line that a crash or a full
 * disk cut short was never acknowledged: it is taken away before the next one is written, and at
 * once when this write is the one cut short.
 *
 * Only the wait for the disk is handed to a thread: the rest takes microseconds, the way to a
 * thread and back many times that, and a model's turn has four lines.
 */
export async function appendLine(path: string, line: string): Promise<boolean> {
  const file = openSync(path, flags, 0o666);
  try {
    // Writers take turns; the kernel releases the lock of one that dies.
    if (!(await lockWithin({ fd: file }, lockTimeoutMs)))
      throw new StateError("AUTOSD-STATE-BUSY", `${path} is locked by another process.`);
    const { size, nlink } = fstatSync(file);
    // Under another name it can be anything of this user's, and every line would go into that.
    if (nlink > 1)
      throw new StateError(
        "AUTOSD-STATE-PATH-REFUSED",
        `${path} is the same file as ${nlink - 1} other (a hard link): nothing is appended to it.`,
        { remedy: "Put a copy of the file in its place (cp, then mv), then run again." },
      );
    const start = endOfLastLine(file, size);
    if (start < size) ftruncateSync(file, start);
    writeWhole(file, start, `${line}\n`);
    await synced(file);
    return size === 0;
  } finally {
    closeSync(file);
  }
}

function writeWhole(file: number, start: number, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  try {
    const written = writeSync(file, bytes, 0, bytes.length);
    if (written === bytes.length) return;
    // The rest of a short write fails with the reason: no space, no quota, a limit.
    writeSync(file, bytes, written, bytes.length - written);
  } catch (error) {
    ftruncateSync(file, start);
    throw error;
  }
}

/** Where the last whole line ends; bytes after it are the rest of a write that was cut short. */
function endOfLastLine(file: number, size: number): number {
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - tailBytes);
    const part = Buffer.allocUnsafe(end - start);
    const bytesRead = readSync(file, part, 0, part.length, start);
    const found = part.subarray(0, bytesRead).lastIndexOf(newline);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}
