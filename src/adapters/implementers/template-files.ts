import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Leftovers of working on a template in place. */
const leftovers = new Set(["node_modules", "dist", "coverage"]);

/** The fixed files of a platform: relative path with `/` -> text. */
export async function readTemplate(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const read = async (below: string): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true });
    for (const entry of entries) {
      if (leftovers.has(entry.name)) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await read(path);
      else if (entry.isFile()) files.set(path, await readFile(join(folder, path), "utf8"));
    }
  };
  await read("");
  return files;
}
