import { chmod, lstat, mkdir, open, readdir } from "node:fs/promises";
import type { Stats } from "node:fs";
import { dirname, join } from "node:path";
import { hasCode } from "../../machine/error-code.ts";
import { StateError } from "../../state/errors.ts";
import { fileError } from "./file-errors.ts";

const othersMayWrite = 0o022;
const othersMayAnything = 0o077;

/**
 * Makes sure that `home` is a folder of this user that nobody else can write to; creates it 0700.
 * Throws AUTOSD-STATE-HOME-UNSAFE for a symbolic link, another owner or a shared folder.
 */
export async function prepareHome(home: string, databaseFile: string): Promise<void> {
  try {
    await mkdir(dirname(home), { recursive: true });
    await mkdir(home, { mode: 0o700 });
    return;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw fileError(error, home);
  }
  const stats = await statOf(home);
  refuseUnsafe(home, stats, "folder");
  if ((stats.mode & othersMayWrite) !== 0) {
    throw new StateError(
      "AUTOSD-STATE-HOME-UNSAFE",
      `Others may write to ${home}: autosd keeps no state there.`,
      { remedy: `chmod go-rwx ${home}` },
    );
  }
  // A folder that holds other things than autosd's keeps the permissions its owner gave it.
  if ((stats.mode & othersMayAnything) !== 0 && (await isOurs(home, databaseFile)))
    await chmod(home, 0o700);
}

/** Makes sure that the database file is a plain file of this user with mode 0600; creates it empty. */
export async function prepareDatabaseFile(file: string): Promise<void> {
  try {
    const created = await open(file, "wx", 0o600);
    await created.close();
    return;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw fileError(error, file);
  }
  // By path, not by descriptor: closing any descriptor of a file drops the locks that SQLite
  // holds on it in this process.
  const stats = await statOf(file);
  refuseUnsafe(file, stats, "file");
  if ((stats.mode & othersMayAnything) !== 0) await chmod(file, 0o600);
}

function refuseUnsafe(path: string, stats: Stats, expected: "folder" | "file"): void {
  const unsafe = (finding: string): never => {
    throw new StateError("AUTOSD-STATE-HOME-UNSAFE", `${path} ${finding}.`);
  };
  if (stats.isSymbolicLink()) unsafe("is a symbolic link");
  const isExpected = expected === "folder" ? stats.isDirectory() : stats.isFile();
  if (!isExpected) unsafe(`is not a ${expected}`);
  const user = process.getuid?.();
  if (user !== undefined && stats.uid !== user)
    unsafe(`belongs to another user (uid ${stats.uid}, this is uid ${user})`);
}

async function isOurs(home: string, databaseFile: string): Promise<boolean> {
  const entries = await readdir(home);
  return entries.length === 0 || entries.includes(databaseFile);
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Where the database file of a home is. */
export function databasePath(home: string, file: string): string {
  return join(home, file);
}
