import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sha256 } from "../../kernel/hash.ts";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { hasCode } from "../../machine/error-code.ts";
import { readPlainFile } from "../../machine/plain-file.ts";
import { placeFile, syncFolder } from "../../machine/whole-file.ts";
import { StateError } from "../../state/errors.ts";
import { fileError } from "./file-errors.ts";

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
    return placeFile(path, text, { mode: 0o600, sync: "content-and-name" });
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
    if (hasCode(error, "ENOENT", "ENOTDIR")) return false;
    throw fileError(error, path);
  }
  throw new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is not a plain folder.`, {
    remedy: `Move ${path} away, then run the command again.`,
  });
}

/** What is no file of that size has no text. */
async function contentOf(path: string): Promise<Uint8Array | undefined> {
  const file = await readPlainFile(path, maxTemplateBytes).catch((error: unknown) => {
    if (hasCode(error, "ENOTDIR")) return { kind: "absent" } as const;
    throw error;
  });
  if (file.kind === "absent") return undefined;
  return file.kind === "read" ? file.bytes : new Uint8Array();
}

function textOf(bytes: Uint8Array): string | undefined {
  return strictUtf8(bytes, "dropped");
}

async function translating<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, path);
  }
}
