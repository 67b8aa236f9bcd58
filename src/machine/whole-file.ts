import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasCode } from "./error-code.ts";

/** How a file is written. */
export interface Writing {
  /** Of the new file, less what the user's mask takes away. */
  readonly mode: number;
  /**
   * What a power failure may take: anything (`nothing` is synced), the new name (`content`), or
   * nothing once the call has returned (`content-and-name`).
   */
  readonly sync: "nothing" | "content" | "content-and-name";
  /** Gives the file exactly `mode`, whatever the mask. */
  readonly isExactMode?: boolean;
}

const temporary = /^\..*\.[0-9a-f]{12}\.tmp$/s;
const maxNameChars = 60;

/** Whether a name is one that a file bears while it is written: a process that died may have left it. */
export function isTemporaryName(name: string): boolean {
  return temporary.test(name);
}

/** A name beside a file that nobody can have planted anything under. */
function temporaryBeside(path: string): string {
  const name = basename(path).slice(0, maxNameChars);
  return join(dirname(path), `.${name}.${randomBytes(6).toString("hex")}.tmp`);
}

/**
 * Writes a file whole: a new one beside it that then takes its name. Readers, and whoever comes after
 * a crash, find the old content or the new; a link that bore the name is replaced, not followed.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  writing: Writing,
): Promise<void> {
  const beside = temporaryBeside(path);
  try {
    // Synced before the rename: a crash must not leave an empty file under the name.
    await writeNewFile(beside, content, contentOnly(writing));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  if (writing.sync === "content-and-name") await syncFolder(dirname(path));
}

/** Like `replaceFile`, replacing nothing: false when there is something of that name already. */
export async function placeFile(
  path: string,
  content: string | Uint8Array,
  writing: Writing,
): Promise<boolean> {
  const beside = temporaryBeside(path);
  try {
    await writeNewFile(beside, content, contentOnly(writing));
    // A link is made only where nothing is: of two writers one has the name.
    await link(beside, path);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
  if (writing.sync === "content-and-name") await syncFolder(dirname(path));
  return true;
}

/** Makes a file where nothing is (EEXIST otherwise, also for a link). Cut short, it stays as it is. */
export async function writeNewFile(
  path: string,
  content: string | Uint8Array,
  { mode, sync, isExactMode }: Writing,
): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(content);
    if (isExactMode === true) await file.chmod(mode);
    if (sync !== "nothing") await file.sync();
  } finally {
    await file.close();
  }
  if (sync === "content-and-name") await syncFolder(dirname(path));
}

/** Waits until the names in a folder are on the disk: a new file is durable only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function contentOnly(writing: Writing): Writing {
  return writing.sync === "content-and-name" ? { ...writing, sync: "content" } : writing;
}
