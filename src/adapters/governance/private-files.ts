import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GovernanceError } from "../../governance/errors.ts";
import { hasCode } from "../../machine/error-code.ts";
import { openPlainFile, readUpTo } from "../../machine/plain-file.ts";
import {
  isTemporaryName,
  placeFile,
  replaceFile,
  syncFolder as syncNames,
} from "../../machine/whole-file.ts";
import { StateError } from "../../state/errors.ts";
import { translate, translated } from "./private-file-errors.ts";

const othersMayWrite = 0o022;
const othersMayAnything = 0o077;
const folderMode = 0o700;
const fileWriting = { mode: 0o600, sync: "content-and-name" } as const;
const leftoverAgeMs = 3_600_000;

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
  await preparePrivateFolder(dirname(path));
  if (!options.replace) return translated(path, () => placeFile(path, bytes, fileWriting));
  await translated(path, () => replaceFile(path, bytes, fileWriting));
  return true;
}

/** Durable. False when there was none. */
export async function removePrivateFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw translate(error, path);
  }
  await syncFolder(dirname(path));
  return true;
}

/** Names of the files in a private folder, sorted; none when there is no folder. */
export async function listPrivateFolder(path: string): Promise<readonly string[]> {
  if (!(await checkPrivateFolder(path))) return [];
  const names = await translated(path, () => readdir(path));
  return names.filter((name) => !isTemporaryName(name)).sort();
}

/**
 * Deletes what processes left in a private folder when they died between writing and renaming. Only
 * what is older than an hour: a younger one may belong to a process that is still at it.
 */
export async function removeLeftovers(path: string): Promise<void> {
  if (!(await checkPrivateFolder(path))) return;
  for (const name of await translated(path, () => readdir(path))) {
    if (!isTemporaryName(name)) continue;
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
  const bytes = await translated(path, () => readUpTo(file, expectedBytes + 1));
  if (bytes.length <= expectedBytes) return new Uint8Array(bytes);
  throw new GovernanceError("AUTOSD-PREAUTH-STORE", `${path} changed while it was read.`, {
    remedy: "Run the command again.",
    details: { path },
  });
}

/** Makes what was created, renamed or deleted in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  await translated(path, () => syncNames(path));
}

function openExisting(path: string, access?: number): Promise<FileHandle | undefined> {
  return translated(path, () => openPlainFile(path, access));
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
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
