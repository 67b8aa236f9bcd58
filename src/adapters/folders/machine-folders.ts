import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Folders } from "../../engine/ports/folders.port.ts";
import { DiskFullError } from "../../kernel/errors.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { codeOf, hasCode, isOutOfRoom } from "../../machine/error-code.ts";

/** Folders of this machine's file system. */
export function createMachineFolders(cwd: string): Folders {
  return {
    resolve: (path) => resolveExisting(resolve(cwd, path)),
    mayBeFolder,
    async makeWritable(path) {
      const folder = join(path, ".autosd");
      // A name that nobody can have planted a link under, and the folder itself no link.
      const probe = join(folder, `.write-probe-${randomBytes(6).toString("hex")}`);
      const there = await lstat(folder).catch(() => undefined);
      if (there?.isSymbolicLink() === true)
        return { kind: "unwritable", reason: "its .autosd is a symbolic link" };
      try {
        await makeFolder(folder);
        const handle = await open(probe, "wx");
        // A full disk shows when bytes are written, not when the file is created.
        await handle.write("probe");
        await handle.sync();
        await handle.close();
        return { kind: "writable" };
      } catch (error) {
        if (isOutOfRoom(error)) throw new DiskFullError(path, { cause: error });
        return { kind: "unwritable", reason: reasonOf(error) };
      } finally {
        await rm(probe, { force: true }).catch(() => undefined);
      }
    },
  };
}

/**
 * With those above it; one that is there stays. Step by step: Node's recursive call hides why a step
 * failed, and never returns where nothing can be made (`/proc/app`).
 */
export async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  const isMade = await mkdir(path).then(
    () => true,
    async (error: unknown) => {
      if (hasCode(error, "ENOENT") && parent !== path) return false;
      if (hasCode(error, "EEXIST") && (await stat(path)).isDirectory()) return true;
      throw error;
    },
  );
  if (isMade) return;
  await makeFolder(parent);
  await mkdir(path);
}

async function mayBeFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) return found.isDirectory();
  const parent = dirname(path);
  return parent === path || mayBeFolder(parent);
}

/** Two names of one folder must be one partition: the part that exists is followed through its links. */
async function resolveExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await resolveExisting(parent), basename(path));
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "it is on a read-only file system",
  ENOTDIR: "it is not a folder",
  EEXIST: "it is not a folder",
};

function reasonOf(error: unknown): string {
  return reasons[codeOf(error) ?? ""] ?? messageOf(error);
}
