import { readdirSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ignoredNames } from "../../delivery/agent/ignored-names.ts";
import { isGitName } from "../../delivery/agent/workspace-path.ts";
import type { Workspace } from "../../delivery/agent/workspace.port.ts";
import { hasCode } from "../../machine/error-code.ts";
import { readPlainFile } from "../../machine/plain-file.ts";
import { replaceFile } from "../../machine/whole-file.ts";
import { entryAt, holdEntry, refused, unusable, type HeldEntry } from "./contained-folder.ts";
import { WorkspaceError } from "./errors.ts";

const maxFiles = 100_000;
/** A folder is read in microseconds, by way of a thread in many times that; others get their turn in between. */
const foldersAtOnce = 64;
const maxFileBytes = 32 * 1024 * 1024;
/** What tools leave behind; never a part of a project. */
const alwaysHidden = new Set(["node_modules", ".autosd", ".venv", "__pycache__"]);

/** Opens an existing folder as the files of one attempt. `root` is an absolute path of a real folder. */
export function openWorkspace(options: {
  readonly root: string;
  readonly baseTree: string;
}): Workspace {
  const { root, baseTree } = options;
  return {
    root,
    baseTree,
    list: () => listFiles(root),
    read: (path) => withEntry(root, path, false, (entry) => readEntry(entry, path)),
    async write(path, content, settings) {
      await withEntry(root, path, true, (entry) =>
        writeEntry(entry, { path, content, executable: settings?.executable }),
      );
    },
    async remove(path) {
      await withEntry(root, path, false, (entry) => removeEntry(entry, path));
      await removeEmptyParents(root, path);
    },
  };
}

async function withEntry<T>(
  root: string,
  path: string,
  create: boolean,
  work: (entry: HeldEntry) => Promise<T>,
): Promise<T | undefined> {
  let entry: HeldEntry | undefined;
  try {
    entry = holdEntry(root, path, create);
    return entry === undefined ? undefined : await work(entry);
  } catch (error) {
    throw error instanceof WorkspaceError ? error : unusable(path, error);
  } finally {
    entry?.release();
  }
}

async function readEntry(entry: HeldEntry, path: string): Promise<Uint8Array | undefined> {
  const file = await readPlainFile(entry.path, maxFileBytes).catch((error: unknown) => {
    if (hasCode(error, "ELOOP")) throw refused(path, "it is a symbolic link");
    throw error;
  });
  switch (file.kind) {
    case "read":
      return file.bytes;
    case "absent":
    case "folder":
      return undefined;
    case "other":
      throw refused(path, "it is not a regular file");
    case "too-large":
      throw refused(path, "the file is too large");
  }
}

/** Beside, then renamed: a reader sees the old or the new file, and a hard link elsewhere keeps its content. */
async function writeEntry(
  entry: HeldEntry,
  file: {
    readonly path: string;
    readonly content: string | Uint8Array;
    readonly executable: boolean | undefined;
  },
): Promise<void> {
  if (Buffer.byteLength(file.content) > maxFileBytes)
    throw refused(file.path, "the file is too large");
  const existing = entryAt(entry.path);
  if (existing?.isSymbolicLink() === true) throw refused(file.path, "it is a symbolic link");
  if (existing?.isDirectory() === true) throw refused(file.path, "it is a folder");
  const executable = file.executable ?? (existing !== undefined && (existing.mode & 0o100) !== 0);
  const mode = executable ? 0o755 : 0o644;
  await replaceFile(entry.path, file.content, { mode, sync: "nothing", isExactMode: true });
}

async function removeEntry(entry: HeldEntry, path: string): Promise<void> {
  const existing = entryAt(entry.path);
  if (existing === undefined) return;
  if (existing.isDirectory()) throw refused(path, "it is a folder; remove its files");
  // A link itself may be removed: that follows nothing.
  await rm(entry.path);
}

/** git knows no empty folders; neither does a workspace. */
async function removeEmptyParents(root: string, path: string): Promise<void> {
  for (let parent = dirname(path); parent !== "."; parent = dirname(parent)) {
    const removed = await withEntry(root, parent, false, (entry) =>
      rmdir(entry.path).then(
        () => true,
        () => false,
      ),
    );
    if (removed !== true) return;
  }
}

async function listFiles(root: string): Promise<readonly string[]> {
  const ignored = await plainIgnores(root);
  const found: string[] = [];
  const waiting = [""];
  let read = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    read += 1;
    if (read % foldersAtOnce === 0) await setImmediate();
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isGitName(entry.name) || alwaysHidden.has(entry.name) || ignored.has(entry.name))
        continue;
      if (entry.isDirectory()) waiting.push(path);
      else found.push(path);
      if (found.length > maxFiles) throw refused(path, `more than ${String(maxFiles)} files`);
    }
  }
  return found.sort();
}

/** By the root's .gitignore; one that cannot be read hides nothing. */
async function plainIgnores(root: string): Promise<ReadonlySet<string>> {
  const bytes = await withEntry(root, ".gitignore", false, (entry) =>
    readEntry(entry, ".gitignore"),
  ).catch(() => undefined);
  return ignoredNames(bytes === undefined ? "" : new TextDecoder().decode(bytes));
}
