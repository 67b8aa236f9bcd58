import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { isLockedNow, lockNamed } from "../../machine/locked-file.ts";
import { removeFolder } from "../../machine/remove-folder.ts";

const lockFlags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const lockName = /^at-[0-9a-f-]{36}\.lock$/;
const lockSuffix = ".lock";
const maxSwept = 1_000;
const maxTries = 20;

/** Referenced as long as the process lives: a handle that is collected gives up its lock. */
const held = new Set<FileHandle>();

/** A folder of this process below a shared one, which nobody else sweeps while the process lives. */
export interface OwnFolder {
  readonly path: string;
  /** Removes it and everything in it. Never rejects: what cannot be removed is swept later. */
  release(): Promise<void>;
}

/**
 * Makes a folder of this process in `scratch` (created 0700), and removes those of processes that
 * are gone. Which these are is told by locks that the kernel releases when a process ends, however it
 * ends: never by age, and never by a process id that somebody else may have by now.
 */
export async function openOwnFolder(scratch: string): Promise<OwnFolder> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  await sweep(scratch);
  const { path, lock } = await lockedPlace(scratch);
  held.add(lock);
  await mkdir(path, { mode: 0o700 });
  return {
    path,
    async release() {
      await removeOwned(path);
      held.delete(lock);
      await lock.close();
    },
  };
}

interface LockedPlace {
  readonly path: string;
  readonly lock: FileHandle;
}

/** The lock comes first: a folder whose lock is not there yet would be anybody's. */
async function lockedPlace(scratch: string): Promise<LockedPlace> {
  for (let tried = 0; tried < maxTries; tried += 1) {
    const path = join(scratch, `at-${randomUUID()}`);
    const file = `${path}${lockSuffix}`;
    const lock = await open(file, lockFlags | constants.O_CREAT | constants.O_EXCL, 0o600);
    // Otherwise somebody swept it before it was locked.
    if ((await lockNamed(lock, file, "exclusive")) === "held") return { path, lock };
    await lock.close();
  }
  throw new Error(`no lock in ${scratch} could be kept`);
}

async function sweep(scratch: string): Promise<void> {
  const names = await readdir(scratch);
  for (const name of names.filter((one) => lockName.test(one)).slice(0, maxSwept))
    await sweepOwned(join(scratch, name));
}

/** Of two that sweep at once, one has the lock. */
async function sweepOwned(file: string): Promise<void> {
  const lock = await open(file, lockFlags).catch(() => undefined);
  if (lock === undefined) return;
  try {
    if (isLockedNow(lock, "exclusive")) await removeOwned(file.slice(0, -lockSuffix.length));
  } finally {
    await lock.close();
  }
}

/** The lock's file goes last, and stays with what cannot be removed: it is tried again later. */
async function removeOwned(path: string): Promise<void> {
  try {
    await removeFolder(path);
    await rm(`${path}${lockSuffix}`, { force: true });
  } catch {
    return;
  }
}
