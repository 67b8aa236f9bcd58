import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../../kernel/hash.ts";
import { StateError } from "../../state/errors.ts";
import { fileError, systemCode } from "./file-errors.ts";
import { syncFolder } from "./sync-folder.ts";

/** Far more than a prompt may have; what is larger is none. */
const maxTemplateBytes = 64 * 1024;
const versionFile = /^([1-9]\d{0,5})\.md$/;

/** A template's file as it is. */
export interface TemplateFile {
  readonly file: string;
  readonly text: string;
  readonly digest: string;
}

/** Versions of a template in a folder of templates, ascending; none when there is no such folder. */
export async function versionsIn(folder: string, name: string): Promise<readonly number[]> {
  const path = join(folder, name);
  if (!(await isPlainFolder(folder)) || !(await isPlainFolder(path))) return [];
  const names = await translating(path, () => readdir(path));
  return names
    .flatMap((one) => {
      const version = versionFile.exec(one)?.[1];
      return version === undefined ? [] : [Number(version)];
    })
    .sort((a, b) => a - b);
}

/** Undefined when it is not there; a link, a file that is no text or far too long is AUTOSD-STATE-IO. */
export async function readTemplate(
  folder: string,
  name: string,
  version: number,
): Promise<TemplateFile | undefined> {
  const path = join(folder, name, `${version}.md`);
  const bytes = await translating(path, () => contentOf(path));
  if (bytes === undefined) return undefined;
  const text = textOf(bytes);
  if (text === undefined || text.trim() === "")
    throw new StateError("AUTOSD-STATE-IO", `${path} is no prompt template: it holds no text.`, {
      remedy: `Move ${path} away, then run the command again.`,
    });
  return { file: path, text, digest: sha256(bytes) };
}

/**
 * Puts a file there, whole or not at all, and durably. False when one is there already: nothing is
 * ever overwritten.
 */
export async function putTemplate(
  folder: string,
  name: string,
  version: number,
  text: string,
): Promise<boolean> {
  const path = join(folder, name, `${version}.md`);
  return translating(path, async () => {
    await makePlainFolders([folder, dirname(path)]);
    const temporary = join(dirname(path), `.${version}.${randomBytes(6).toString("hex")}.tmp`);
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        await file.writeFile(text, "utf8");
        await file.sync();
      } finally {
        await file.close();
      }
      // A link is made only where nothing is: two writers cannot both have the name.
      await link(temporary, path);
      return true;
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
      await syncFolder(dirname(path));
    }
  });
}

/** Durably; nothing happens when it is not there. */
export async function removeTemplate(folder: string, name: string, version: number): Promise<void> {
  const path = join(folder, name, `${version}.md`);
  await translating(path, async () => {
    await rm(path, { force: true });
    await syncFolder(dirname(path));
  });
}

/** Makes folders, outermost first; one that is a link is refused. */
export async function makePlainFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    if (await isPlainFolder(folder)) continue;
    await translating(folder, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await syncFolder(dirname(folder));
    });
  }
}

/** False when nothing is there; anything but a folder is AUTOSD-STATE-PATH-REFUSED. */
export async function isPlainFolder(path: string): Promise<boolean> {
  try {
    const stats = await lstat(path);
    if (stats.isDirectory()) return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
    throw fileError(error, path);
  }
  throw new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is not a plain folder.`, {
    remedy: `Move ${path} away, then run the command again.`,
  });
}

async function contentOf(path: string): Promise<Uint8Array | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const file = await open(path, flags);
    try {
      const { size } = await file.stat();
      return size > maxTemplateBytes ? new Uint8Array() : await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function translating<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, path);
  }
}
