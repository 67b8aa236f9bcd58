import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import { StateError } from "../../state/errors.ts";
import { codeOf, translate, translated } from "./private-file-errors.ts";

const othersMayWrite = 0o022;
const othersMayAnything = 0o077;
const folderMode = 0o700;
const leftoverAgeMs = 3_600_000;
/** Left behind by a process that died between writing and renaming. */
const leftover = /^\.tmp-[0-9a-f]{16}$/;

/** `secret`: nobody else may even read it. */
export type Secrecy = "secret" | "public";

/**
 * Makes sure that `path` is a folder of this user that nobody else can enter, creating it (and its
 * parents) 0700. Throws AUTOSD-PREAUTH-STORE for a link, another owner or a loose mode.
 */
export async function preparePrivateFolder(path: string): Promise<void> {
  const first = await translated(path, () => mkdir(path, { recursive: true, mode: folderMode }));
  if (!(await checkPrivateFolder(path))) throw missing(path);
  if (first === undefined) return;
  // A folder that a crash takes away would take along what was written durably into it.
  for (let folder = path; folder.length >= first.length; folder = dirname(folder))
    await syncParent(folder);
}

async function syncParent(path: string): Promise<void> {
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    // One may make a folder in a folder that one may not open.
    if (!(error instanceof StateError)) throw error;
  }
}

/** Like `preparePrivateFolder`, creating nothing. False when there is no such folder. */
export async function checkPrivateFolder(path: string): Promise<boolean> {
  const stats = await statOf(path);
  if (stats === undefined) return false;
  refuseUnsafe(path, stats, "folder");
  if ((stats.mode & othersMayAnything) !== 0) throw loose(path, stats);
  return true;
}

/**
 * The bytes of a plain file of this user; undefined when there is none. Throws AUTOSD-PREAUTH-STORE
 * for a link, a foreign owner, a mode that lets others write (or read, when it is secret), or more
 * than `maxBytes`.
 */
export async function readPrivateFile(
  path: string,
  limits: { readonly maxBytes: number; readonly secrecy: Secrecy },
): Promise<Uint8Array | undefined> {
  const file = await openExisting(path);
  if (file === undefined) return undefined;
  try {
    // By descriptor: what was checked is what is read.
    const stats = await file.stat();
    refuseUnfit(path, stats, limits);
    return await readBounded(file, path, stats.size);
  } finally {
    await file.close();
  }
}

/**
 * Opens a plain file of this user, for as long as the caller keeps it open; undefined when there is
 * none and it is not to be created (0600). Refuses what `readPrivateFile` refuses.
 */
export async function openPrivateFile(
  path: string,
  options: {
    readonly access: "read" | "write";
    readonly create: boolean;
    readonly secrecy: Secrecy;
  },
): Promise<FileHandle | undefined> {
  const access = options.access === "read" ? constants.O_RDONLY : constants.O_RDWR;
  const file = await openExisting(path, access | (options.create ? constants.O_CREAT : 0));
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    refuseUnsafe(path, stats, "file");
    const forbidden = options.secrecy === "secret" ? othersMayAnything : othersMayWrite;
    if ((stats.mode & forbidden) !== 0) throw loose(path, stats);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Writes a file whole: a new file beside it, synced, renamed, the folder synced. A crash leaves the
 * old content or the new. `replace: false` refuses (returns false) when the file is already there.
 */
export async function writePrivateFile(
  path: string,
  bytes: Uint8Array,
  options: { readonly replace: boolean },
): Promise<boolean> {
  const folder = dirname(path);
  await preparePrivateFolder(folder);
  if (!options.replace) return createPrivateFile(path, bytes);
  const temporary = join(folder, `.tmp-${randomBytes(8).toString("hex")}`);
  try {
    await writeNew(temporary, bytes);
    await translated(path, () => rename(temporary, path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
  return true;
}

/** Durable. False when there was none. */
export async function removePrivateFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw translate(error, path);
  }
  await syncFolder(dirname(path));
  return true;
}

/** Names of the files in a private folder, sorted; none when there is no folder. */
export async function listPrivateFolder(path: string): Promise<readonly string[]> {
  if (!(await checkPrivateFolder(path))) return [];
  const names = await translated(path, () => readdir(path));
  return names.filter((name) => !leftover.test(name)).sort();
}

/**
 * Deletes what processes left in a private folder when they died between writing and renaming. Only
 * what is older than an hour: a younger one may belong to a process that is still at it.
 */
export async function removeLeftovers(path: string): Promise<void> {
  if (!(await checkPrivateFolder(path))) return;
  for (const name of await translated(path, () => readdir(path))) {
    if (!leftover.test(name)) continue;
    const stats = await statOf(join(path, name));
    if (stats !== undefined && Date.now() - stats.mtimeMs > leftoverAgeMs)
      await removePrivateFile(join(path, name));
  }
}

/** As many bytes as there were; a file that grows meanwhile is refused. */
async function readBounded(
  file: FileHandle,
  path: string,
  expectedBytes: number,
): Promise<Uint8Array> {
  // One more than expected, to see that nothing follows.
  const buffer = Buffer.alloc(expectedBytes + 1);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await translated(path, () =>
      file.read(buffer, filled, buffer.length - filled, filled),
    );
    if (bytesRead === 0) return new Uint8Array(buffer.subarray(0, filled));
    filled += bytesRead;
  }
  throw new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} changed while it was read.`, {
    remedy: "Run the command again.",
    details: { path },
  });
}

/** The name appears only when its content is whole: a link to a synced file that has no other name. */
async function createPrivateFile(path: string, bytes: Uint8Array): Promise<boolean> {
  const { link } = await import("node:fs/promises");
  const folder = dirname(path);
  const temporary = join(folder, `.tmp-${randomBytes(8).toString("hex")}`);
  try {
    await writeNew(temporary, bytes);
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw translate(error, path);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  await syncFolder(folder);
  return true;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  await translated(path, async () => {
    const file = await open(path, flags, 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** Makes what was created, renamed or deleted in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  await translated(path, async () => {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  });
}

async function openExisting(
  path: string,
  access: number = constants.O_RDONLY,
): Promise<FileHandle | undefined> {
  try {
    // O_NONBLOCK: a pipe put in the file's place must not make autosd wait.
    return await open(path, access | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw translate(error, path);
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw translate(error, path);
  }
}

/** Throws AUTOSD-PREAUTH-STORE unless an open file is one that may be read. */
export function refuseUnfit(
  path: string,
  stats: Stats,
  limits: { readonly maxBytes: number; readonly secrecy: Secrecy },
): void {
  refuseUnsafe(path, stats, "file");
  const forbidden = limits.secrecy === "secret" ? othersMayAnything : othersMayWrite;
  if ((stats.mode & forbidden) !== 0) throw loose(path, stats);
  if (stats.size > limits.maxBytes) throw tooLarge(path, limits.maxBytes);
}

function refuseUnsafe(path: string, stats: Stats, expected: "folder" | "file"): void {
  const unsafe = (finding: string, remedy: string): never => {
    throw new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} ${finding}.`, {
      remedy,
      details: { path, entry: basename(path) },
    });
  };
  if (stats.isSymbolicLink()) unsafe("is a symbolic link", `ls -l ${path}`);
  const isExpected = expected === "folder" ? stats.isDirectory() : stats.isFile();
  if (!isExpected) unsafe(`is not a ${expected}`, `ls -l ${path}`);
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user)
    unsafe(`belongs to another user (uid ${stats.uid}, this is uid ${user})`, `ls -l ${path}`);
}

function missing(path: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} was removed meanwhile.`, {
    remedy: "Run the command again.",
    details: { path },
  });
}

function tooLarge(path: string, maxBytes: number): GovernanceError {
  return new GovernanceError(
    "AUTOSD-PREAUTH-STORE",
    `${path} has more than the ${maxBytes} bytes that are read.`,
    { remedy: `ls -l ${path}`, details: { path } },
  );
}

function loose(path: string, stats: Stats): GovernanceError {
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  return new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} is open to others (mode ${mode}).`, {
    remedy: `chmod go-rwx ${path}`,
    details: { path, mode },
  });
}
