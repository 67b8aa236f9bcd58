import { lstat, opendir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { isGitName, linkStaysInside } from "../../delivery/agent/workspace-path.ts";
import { VcsError } from "./errors.ts";
import type { TreeListing } from "./tree-listings.ts";

const maxEntries = 200_000;
const maxDepth = 100;
/** Larger files do not belong into a repository. */
export const maxFileBytes = 32 * 1024 * 1024;

/** Looks for embedded repositories before git sees the folder. Returns the files over the size bound, relative. */
export async function scanFolder(root: string): Promise<readonly string[]> {
  const large: string[] = [];
  const waiting: { readonly path: string; readonly depth: number }[] = [{ path: "", depth: 0 }];
  let seen = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for await (const entry of await opendir(join(root, folder.path), { bufferSize: 256 })) {
      const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
      seen += 1;
      if (seen > maxEntries) throw unsafe(`${root} holds more than ${maxEntries} entries`);
      if (entry.name.includes("\ufffd")) throw unsafe(`the name of ${path} is not valid UTF-8`);
      if (isGitName(entry.name)) throw unsafe(`${path} would be a repository inside the project`);
      if (entry.isDirectory()) {
        if (isSkipped(path, entry.name)) continue;
        if (folder.depth >= maxDepth) throw unsafe(`${path} is nested too deeply`);
        waiting.push({ path, depth: folder.depth + 1 });
      } else if (entry.isFile() && (await lstat(join(root, path))).size > maxFileBytes) {
        large.push(path);
      }
    }
  }
  return large;
}

/** Filled by tools, never committed; may hold anything. */
function isSkipped(path: string, name: string): boolean {
  return name === "node_modules" || name === ".venv" || path === ".autosd";
}

/** Checks what git made of the folder: no submodule, no link that leads outside, no name that cannot be shown. */
export async function checkTree(root: string, listing: TreeListing): Promise<void> {
  for (const [path, { mode }] of listing) {
    if (mode === "160000") throw unsafe(`${path} is a submodule`);
    if (path.includes("\ufffd")) throw unsafe(`the name ${path} is not valid UTF-8`);
    if (path.split("/").some(isGitName)) throw unsafe(`${path} names git's own folder`);
    if (mode === "120000" && !linkStaysInside(path, await readlink(join(root, path))))
      throw unsafe(`${path} is a link that leads out of the project`);
  }
}

export function unsafe(what: string): VcsError {
  return new VcsError("AUTOSD-VCS-UNSAFE", what);
}
