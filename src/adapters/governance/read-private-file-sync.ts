import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { hasCode } from "../../machine/error-code.ts";
import { translate } from "./private-file-errors.ts";
import { refuseUnfit, type Secrecy } from "./private-files.ts";

/**
 * `readPrivateFile` without waiting, for listings: of a thousand small files nearly all of the time
 * goes into handing each step to another thread. Nothing else may be going on meanwhile.
 */
export function readPrivateFileSync(
  path: string,
  limits: { readonly maxBytes: number; readonly secrecy: Secrecy },
): Uint8Array | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      refuseUnfit(path, stats, limits);
      // What is written meanwhile is not read: the size that was checked is the bound.
      const bytes = new Uint8Array(stats.size);
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw translate(error, path);
  }
}
