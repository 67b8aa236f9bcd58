import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import { DiskFullError } from "../../kernel/errors.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { fullestBelow } from "../../machine/free-space.ts";

/** A command that failed with less room than this says nothing about what it was run on. */
const hardlyAnyRoomBytes = 4 * 1024 ** 2;
/** With less than this, a command that says itself that there was no room is believed. */
const littleRoomBytes = 256 * 1024 ** 2;
const fullWords = /\bENOSPC\b|\bEDQUOT\b|No space left on device|Disk quota exceeded|SQLITE_FULL/;

/**
 * A sandbox whose commands are not judged by a full disk: one that fails while `folder` has no room
 * throws AUTOSD-DISK-FULL instead of looking like the failure of what was run.
 */
export function createDiskAwareSandbox(sandbox: Sandbox, folder: string): Sandbox {
  return {
    backend: sandbox.backend,
    adopt: (hostPath) => sandbox.adopt(hostPath),
    async run(command) {
      const result = await sandbox.run(command);
      if (result.end.kind === "exited" && result.end.exitCode === 0) return result;
      const folders = [folder, ...writableFolders(command.mounts)];
      const enough = saysFull(result) ? littleRoomBytes : hardlyAnyRoomBytes;
      const full = fullestBelow(folders, enough);
      if (full !== undefined) throw new DiskFullError(full);
      return result;
    },
  };
}

function writableFolders(
  mounts: readonly { readonly hostPath: string; readonly mode: string }[],
): readonly string[] {
  return mounts.filter((mount) => mount.mode === "read-write").map((mount) => mount.hostPath);
}

function saysFull(result: ProcessResult): boolean {
  return fullWords.test(result.stderr) || fullWords.test(result.stdout);
}
