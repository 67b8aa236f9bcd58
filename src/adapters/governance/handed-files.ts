import { dirname, resolve } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import type { HandedFiles } from "../../governance/grants/handed-files.port.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { replaceFile } from "../../machine/whole-file.ts";
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
  try {
    await replaceFile(path, bytes, { mode: fileMode, sync: "content" });
  } catch (error) {
    const reason = messageOf(error);
    throw new GovernanceError("AUTOSD-PREAUTH-INPUT", `${path} cannot be written: ${reason}.`, {
      remedy: `ls -ld ${dirname(path)}`,
      cause: error,
    });
  }
}
