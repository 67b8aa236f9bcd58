import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { RepositorySurvey } from "../../delivery/agent/existing-repository.port.ts";
import { nearMatch } from "../../kernel/near-match.ts";
import { hasCode } from "../../machine/error-code.ts";

const maxFoldersAbove = 200;
const maxNamesLookedAt = 10_000;

type Missing = Extract<RepositorySurvey, { readonly kind: "absent" }>;

/** Undefined for a folder that is there, or that cannot be looked at. Never throws. */
export async function missingFolder(directory: string): Promise<Missing | undefined> {
  const found = await kindOf(directory);
  if (found === "file") return { kind: "absent", found, near: null };
  if (found !== "nothing") return undefined;
  return { kind: "absent", found, near: (await folderLike(directory)) ?? null };
}

/** The same path with its first missing part spelled as something that is there. */
async function folderLike(directory: string): Promise<string | undefined> {
  let missing = directory;
  for (let step = 0; step < maxFoldersAbove; step += 1) {
    const parent = dirname(missing);
    if (parent === missing) return undefined;
    if ((await kindOf(parent)) !== "nothing") {
      const names = await readdir(parent).catch(() => []);
      const name = nearMatch(basename(missing), names.slice(0, maxNamesLookedAt));
      if (name === undefined) return undefined;
      const meant = join(parent, name, relative(missing, directory));
      return (await kindOf(meant)) === "folder" ? meant : undefined;
    }
    missing = parent;
  }
  return undefined;
}

async function kindOf(path: string): Promise<"folder" | "file" | "nothing" | "unknown"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    return hasCode(error, "ENOENT", "ENOTDIR") ? "nothing" : "unknown";
  }
}
