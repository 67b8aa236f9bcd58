import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { GovernanceError } from "../../governance/errors.ts";
import { fileReason } from "../../machine/error-code.ts";

/**
 * The bytes of a file that somebody named and handed over; it is believed for what it is signed
 * for, so links and owners do not matter. Throws AUTOSD-PREAUTH-INPUT when it cannot be read, is no
 * plain file, or has more than `maxBytes`.
 */
export async function readSharedFile(path: string, maxBytes: number): Promise<Uint8Array> {
  let file: FileHandle;
  try {
    // O_NONBLOCK: a pipe must not make autosd wait.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw unreadable(path, fileReason(error), error);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unreadable(path, "it is not a file");
    // It may grow while it is read, so the buffer is the bound.
    const buffer = Buffer.alloc(Math.min(stats.size, maxBytes) + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (stats.size > maxBytes || bytesRead > maxBytes)
      throw unreadable(path, `it has more than ${maxBytes} bytes`);
    return new Uint8Array(buffer.subarray(0, bytesRead));
  } catch (error) {
    if (error instanceof GovernanceError) throw error;
    throw unreadable(path, fileReason(error), error);
  } finally {
    await file.close();
  }
}

function unreadable(path: string, finding: string, cause?: unknown): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-INPUT", `${path} cannot be read: ${finding}.`, {
    remedy: `ls -l ${path}`,
    cause,
  });
}
