import { lstatSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { strictUtf8 } from "../../kernel/strict-utf8.ts";
import { hasCode } from "../../machine/error-code.ts";
import { openPlainFile, readPlainFile } from "../../machine/plain-file.ts";
import { isTemporaryName, replaceFile, syncFolder } from "../../machine/whole-file.ts";
import { StateError } from "../../state/errors.ts";
import type { FilePart, ProjectFiles } from "../../state/project-files.port.ts";
import { projectPathParts, refuseLineBreaks } from "../../state/project-path.ts";
import { appendLine } from "./append-line.ts";
import { fileError } from "./file-errors.ts";

const folderName = ".autosd";
const maxFileBytes = 256 * 1024 * 1024;

/** Files of projects on this machine. */
export function createProjectFiles(): ProjectFiles {
  return machineProjectFiles;
}

const machineProjectFiles: ProjectFiles = {
  async read(project, path) {
    const place = placeOf(project, path);
    if (!place.hasFolder) return undefined;
    return translating(place.file, () => readText(place.file));
  },

  async readPart(project, path, offset, maxBytes) {
    const place = placeOf(project, path);
    if (!place.hasFolder) return undefined;
    return translating(place.file, () => readPart(place.file, offset, maxBytes));
  },

  async write(project, path, content) {
    const place = placeOf(project, path);
    await translating(place.file, async () => {
      await makeFolders(place);
      refuseLink(place.file);
      await replaceFile(place.file, content, { mode: 0o666, sync: "content-and-name" });
    });
  },

  async append(project, path, line) {
    refuseLineBreaks(line, path);
    const place = placeOf(project, path);
    await translating(place.file, async () => {
      await makeFolders(place);
      if (await appendLine(place.file, line)) await syncFolder(place.folder);
    });
  },

  async list(project, folder) {
    const parts = projectPathParts(folder);
    const folders = foldersOf(project, parts);
    if (!allPresent(folders)) return [];
    const path = folders.at(-1) ?? project;
    const names = await translating(path, () => readdir(path));
    return names.filter((name) => !isTemporaryName(name)).sort();
  },
};

interface Place {
  readonly project: string;
  /** From `.autosd` down to the one that holds the file. */
  readonly folders: readonly string[];
  readonly folder: string;
  readonly name: string;
  readonly file: string;
  /** Whether all of `folders` exist. */
  readonly hasFolder: boolean;
}

function placeOf(project: string, path: string): Place {
  const parts = projectPathParts(path);
  const name = parts.at(-1);
  if (name === undefined)
    throw new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is the .autosd folder, not a file.`);
  const folders = foldersOf(project, parts.slice(0, -1));
  const folder = folders.at(-1) ?? join(project, folderName);
  const hasFolder = allPresent(folders);
  return { project, folders, folder, name, file: join(folder, name), hasFolder };
}

function foldersOf(project: string, parts: readonly string[]): readonly string[] {
  const root = join(project, folderName);
  return [root, ...parts.map((_, index) => join(root, ...parts.slice(0, index + 1)))];
}

/** False at the first folder that is missing. A link among them is refused before it is followed. */
function allPresent(folders: readonly string[]): boolean {
  for (const folder of folders) if (!refuseLink(folder)) return false;
  return true;
}

/** Whether something is there; throws when it is a symbolic link. */
function refuseLink(path: string): boolean {
  try {
    if (lstatSync(path).isSymbolicLink())
      throw new StateError("AUTOSD-STATE-PATH-REFUSED", `${path} is a symbolic link.`);
    return true;
  } catch (error) {
    // A project that is a file has no folder in it.
    if (hasCode(error, "ENOENT", "ENOTDIR")) return false;
    throw fileError(error, path);
  }
}

async function makeFolders(place: Place): Promise<void> {
  if (place.hasFolder) return;
  let parent = place.project;
  for (const folder of place.folders) {
    try {
      await mkdir(folder);
      await syncFolder(parent);
    } catch (error) {
      // Somebody else may have made it meanwhile, as a folder or as a trap.
      if (!hasCode(error, "EEXIST")) throw error;
      refuseLink(folder);
    }
    parent = folder;
  }
}

async function readPart(
  path: string,
  offset: number,
  maxBytes: number,
): Promise<FilePart | undefined> {
  const file = await openPlainFile(path);
  if (file === undefined) return undefined;
  try {
    const { size, dev, ino } = await file.stat();
    const length = Math.max(0, Math.min(maxBytes, size - offset));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return { bytes: buffer.subarray(0, bytesRead), size, identity: `${dev}:${ino}` };
  } finally {
    await file.close();
  }
}

async function readText(path: string): Promise<string | undefined> {
  const file = await readPlainFile(path, maxFileBytes);
  switch (file.kind) {
    case "read": {
      const text = strictUtf8(file.bytes, "kept");
      if (text === undefined) throw new StateError("AUTOSD-STATE-IO", `${path} is not UTF-8 text.`);
      return text;
    }
    case "absent":
      return undefined;
    case "too-large":
      throw new StateError(
        "AUTOSD-STATE-IO",
        `${path} is too large to be read (${file.sizeBytes} bytes).`,
      );
    case "folder":
    case "other":
      throw new StateError("AUTOSD-STATE-IO", `${path} is not a file.`);
  }
}

async function translating<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, path);
  }
}
