import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import type { HandedFiles } from "../../governance/grants/handed-files.port.ts";
import { readSharedFile } from "./shared-files.ts";

const fileMode = 0o644;

/** Files anywhere on this machine; relative paths start in `cwd`. */
export function createHandedFiles(cwd: string): HandedFiles {
  return {
    read: (path, maxBytes) => readSharedFile(resolve(cwd, path), maxBytes),
    write: (path, bytes) => writeWhole(resolve(cwd, path), bytes),
  };
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.autosd-${randomBytes(8).toString("hex")}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const file = await open(temporary, flags, fileMode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    const reason = error instanceof Error ? error.message : "unknown error";
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", `${path} cannot be written: ${reason}.`, {
      remedy: `ls -ld ${dirname(path)}`,
      cause: error,
    });
  }
}
