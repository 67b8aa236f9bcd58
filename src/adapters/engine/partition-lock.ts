import { type FileHandle, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type {
  LockAttempt,
  LockHolder,
  LockTaker,
  PartitionLock,
} from "../../engine/ports/partition-lock.port.ts";
import { StateError } from "../../state/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { isLockedNow, openLockedFile, openLockedFileWithin } from "../../machine/locked-file.ts";
import { openPlainFile, readUpTo } from "../../machine/plain-file.ts";

const unknownHolder: LockHolder = { pid: undefined, runId: undefined };
const maxHolderBytes = 512;
const probeGraceMs = 2_000;

interface LockFiles {
  /** Who executes; its content names the holder. */
  readonly executor: string;
  /** Held along with it. Onlookers try this one, so that they never make an executor look busy. */
  readonly alive: string;
}

/**
 * Locks on files in `directory` (created 0700), released by the kernel when the process ends or is
 * killed. Files are opened close-on-exec: a child that outlives autosd holds nothing. They are never
 * deleted and never taken over by age.
 */
export function createPartitionLock(directory: string): PartitionLock {
  return {
    acquire: (partition, taker) =>
      translating(directory, () => acquire(directory, partition, taker)),
    holder: (partition) => translating(directory, () => holderOfPartition(directory, partition)),
  };
}

async function acquire(
  directory: string,
  partition: string,
  taker: LockTaker,
): Promise<LockAttempt> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const files = filesOf(directory, partition);
  const executor = await openLockedFile(files.executor, "exclusive");
  if (executor === undefined) return { kind: "busy", holder: await holderIn(files.executor) };
  try {
    await describeHolder(executor, taker);
    // Onlookers hold this lock for an instant each.
    const alive = await openLockedFileWithin(files.alive, "exclusive", probeGraceMs);
    if (alive !== undefined) return heldBy(executor, alive);
  } catch (error) {
    await executor.close();
    throw error;
  }
  await executor.close();
  return { kind: "busy", holder: unknownHolder };
}

async function holderOfPartition(
  directory: string,
  partition: string,
): Promise<LockHolder | undefined> {
  const files = filesOf(directory, partition);
  const alive = await openPlainFile(files.alive);
  if (alive === undefined) return undefined;
  try {
    return isLockedNow(alive, "shared") ? undefined : await holderIn(files.executor);
  } finally {
    await alive.close();
  }
}

/** What the system refuses is trouble with the machine, not a bug: the run stays resumable. */
async function translating<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = messageOf(error);
    throw new StateError("AUTOSD-STATE-IO", `No lock can be taken in ${directory} (${reason}).`, {
      cause: error,
    });
  }
}

function filesOf(directory: string, partition: string): LockFiles {
  const readable = partition.replaceAll(/[^A-Za-z0-9._-]+/g, "-").slice(-40);
  const name = `${readable}.${sha256(partition).slice("sha256:".length, 24)}`;
  return { executor: join(directory, `${name}.lock`), alive: join(directory, `${name}.alive`) };
}

function heldBy(executor: FileHandle, alive: FileHandle): LockAttempt {
  return {
    kind: "held",
    async release() {
      // Closing releases: first what onlookers see, then what the next executor waits for.
      await alive.close();
      await executor.close();
    },
  };
}

async function describeHolder(executor: FileHandle, taker: LockTaker): Promise<void> {
  const who = typeof taker === "string" ? { runId: taker } : taker;
  await executor.truncate(0);
  await executor.write(JSON.stringify({ pid: process.pid, ...who, sinceMs: Date.now() }), 0);
}

/** What the holder wrote about itself; a cut or missing text is a holder who has not yet said. */
async function holderIn(path: string): Promise<LockHolder> {
  try {
    const file = await openPlainFile(path);
    if (file === undefined) return unknownHolder;
    try {
      return holderOf((await readUpTo(file, maxHolderBytes)).toString("utf8"));
    } finally {
      await file.close();
    }
  } catch {
    return unknownHolder;
  }
}

function holderOf(text: string): LockHolder {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return unknownHolder;
  const pid = "pid" in value && typeof value.pid === "number" ? value.pid : undefined;
  const runId = "runId" in value && typeof value.runId === "string" ? value.runId : undefined;
  const command =
    "command" in value && typeof value.command === "string" ? value.command : undefined;
  const sinceMs =
    "sinceMs" in value && typeof value.sinceMs === "number" ? value.sinceMs : undefined;
  return { pid, runId, command, sinceMs };
}
