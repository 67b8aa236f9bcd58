import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
const maxReplacements = 20;

/** A file by its descriptor. */
export interface OpenFile {
  readonly fd: number;
}

/** Shared with others who share it, or alone. */
export type LockKind = "shared" | "exclusive";

/**
 * Opens a file (made 0600 when it is missing) and locks it; closing it releases the lock, and the
 * kernel does so for a process that ends, however it ends. Undefined while somebody else's lock is in
 * the way. Files are opened close-on-exec: a child that outlives this process holds nothing.
 */
export async function openLockedFile(
  path: string,
  kind: LockKind,
): Promise<FileHandle | undefined> {
  for (let attempt = 0; attempt < maxReplacements; attempt += 1) {
    const file = await open(path, flags, 0o600);
    let outcome: "held" | "busy" | "replaced" = "busy";
    try {
      outcome = await lockNamed(file, path, kind);
    } finally {
      if (outcome !== "held") await file.close();
    }
    if (outcome === "held") return file;
    if (outcome === "busy") return undefined;
  }
  return undefined;
}

/** Tries again for that long. */
export async function openLockedFileWithin(
  path: string,
  kind: LockKind,
  timeoutMs: number,
): Promise<FileHandle | undefined> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const file = await openLockedFile(path, kind);
    if (file !== undefined || performance.now() >= deadlineMs) return file;
    await pause(1 + Math.random() * 3);
  }
}

/**
 * Locks an open file that bears the name `path`. `replaced`: it bears it no more, and a lock on a file
 * that was deleted and made anew would exclude nobody.
 */
export async function lockNamed(
  file: FileHandle,
  path: string,
  kind: LockKind,
): Promise<"held" | "busy" | "replaced"> {
  if (!isLockedNow(file, kind)) return "busy";
  const [held, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return named !== undefined && held.ino === named.ino && held.dev === named.dev
    ? "held"
    : "replaced";
}

/** Locks an open file that is never deleted; false when it was not free within that time. */
export async function lockWithin(file: OpenFile, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!isLockedNow(file, "exclusive")) {
    if (performance.now() >= deadlineMs) return false;
    await pause(1 + Math.random() * 3);
  }
  return true;
}

/** Whether the file is locked by this call. */
export function isLockedNow(file: OpenFile, kind: LockKind): boolean {
  return tryLock(file.fd, 0, 0, { shared: kind === "shared" });
}
