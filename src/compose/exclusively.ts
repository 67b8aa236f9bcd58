import type { Exclusively } from "../engine/backlog/backlog-calls.ts";
import type { Folders } from "../engine/ports/folders.port.ts";
import type { PartitionLock } from "../engine/ports/partition-lock.port.ts";
import { partitionOf } from "../engine/projects/partition.ts";

/** What working alone in a folder needs. */
export interface ExclusiveParts {
  readonly lock: () => Promise<PartitionLock>;
  readonly folders: () => Promise<Folders>;
  /** Before a command changes what is in a project's folder. */
  refuseHalted(directory: string): Promise<void>;
}

/** A project's records change under its lock: never while a run works on them. */
export function exclusivelyOn(parts: ExclusiveParts): Exclusively {
  return async (directory, work, command) => {
    const lock = await parts.lock();
    const resolved = await (await parts.folders()).resolve(directory);
    await parts.refuseHalted(resolved);
    const partition = partitionOf(resolved);
    const attempt = await lock.acquire(partition, { command });
    if (attempt.kind === "busy") {
      const { busyWith } = await import("../engine/ports/busy.ts");
      throw busyWith(attempt.holder, partition);
    }
    try {
      return await work();
    } finally {
      await attempt.release();
    }
  };
}
