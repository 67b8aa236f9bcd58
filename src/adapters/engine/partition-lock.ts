import { constants } from "node:fs";
import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";
import type {
  LockAttempt,
  LockHolder,
  LockTaker,
  PartitionLock,
} from "../../engine/ports/partition-lock.port.ts";
import { StateError } from "../../state/errors.ts";
import { sha256 } from "../../kernel/hash.ts";

const lockFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const unknownHolder: LockHolder = { pid: undefined, runId: undefined };
const maxHolderBytes = 512;
const maxReplacements = 20;
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
  const executor = await openLocked(files.executor);
  if (executor === undefined) return { kind: "busy", holder: await holderIn(files.executor) };
  try {
    await describeHolder(executor, taker);
    const alive = await openLockedWithin(files.alive, probeGraceMs);
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
  const alive = await openExisting(files.alive);
  if (alive === undefined) return undefined;
  try {
    return tryLock(alive.fd, 0, 0, { shared: true }) ? undefined : await holderIn(files.executor);
  } finally {
    await alive.close();
  }
}

/** What the system refuses is trouble with the machine, not a bug: the run stays resumable. */
async function translating<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
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

/** Undefined when somebody else holds the lock. */
async function openLocked(path: string): Promise<FileHandle | undefined> {
  for (let attempt = 0; attempt < maxReplacements; attempt += 1) {
    const file = await open(path, lockFlags, 0o600);
    let outcome: "held" | "busy" | "replaced" = "busy";
    try {
      outcome = await lockOutcome(file, path);
    } finally {
      if (outcome !== "held") await file.close();
    }
    if (outcome === "held") return file;
    if (outcome === "busy") return undefined;
  }
  return undefined;
}

async function lockOutcome(file: FileHandle, path: string): Promise<"held" | "busy" | "replaced"> {
  if (!tryLock(file.fd, 0, 0, { shared: false })) return "busy";
  // A lock on a file that was deleted and made anew would exclude nobody.
  const [held, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return named !== undefined && held.ino === named.ino && held.dev === named.dev
    ? "held"
    : "replaced";
}

/** Waits for onlookers, who hold the lock for an instant each. */
async function openLockedWithin(path: string, timeoutMs: number): Promise<FileHandle | undefined> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const file = await openLocked(path);
    if (file !== undefined || performance.now() >= deadlineMs) return file;
    await pause(1 + Math.random() * 4);
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function describeHolder(executor: FileHandle, taker: LockTaker): Promise<void> {
  const who = typeof taker === "string" ? { runId: taker } : taker;
  await executor.truncate(0);
  await executor.write(JSON.stringify({ pid: process.pid, ...who, sinceMs: Date.now() }), 0);
}

/** What the holder wrote about itself; a cut or missing text is a holder who has not yet said. */
async function holderIn(path: string): Promise<LockHolder> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(maxHolderBytes),
        0,
        maxHolderBytes,
        0,
      );
      return holderOf(buffer.toString("utf8", 0, bytesRead));
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
