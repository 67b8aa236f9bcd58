import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";

const stampSchema = z.object({
  schema: z.literal("autosd/dependency-store@1"),
  packages: z.number().int().nonnegative(),
  output: z.string(),
  /** Packages beside the root's that have a folder of their own. */
  folders: z.array(z.string()).optional(),
});
/** What lies in a store that is whole; the last file that is written there. */
export type Stamp = z.infer<typeof stampSchema>;

export const stampName = "stamp.json";

/** `undefined`: the store is not there, or not whole. */
export async function readStamp(folder: string): Promise<Stamp | undefined> {
  try {
    const text = await readFile(join(folder, stampName), "utf8");
    const parsed = stampSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const maxDepth = 4;

/** From npm's own list of what it put there; else what lies in the folder. */
export async function countPackages(installed: string): Promise<number> {
  try {
    const listed = z
      .object({ packages: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(join(installed, ".package-lock.json"), "utf8")));
    return Object.keys(listed.packages).length;
  } catch {
    // Each folder there is one package of pnpm's; what it shows beside are links to them.
    const linked = await packagesIn(join(installed, ".pnpm"), 0);
    if (linked > 0) return linked;
    const plain = await packagesIn(installed, 0);
    return plain > 0 ? plain : countDistributions(installed);
  }
}

async function packagesIn(folder: string, depth: number): Promise<number> {
  if (depth > maxDepth) return 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let found = 0;
  for (const entry of entries) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || entry.name === "node_modules")
      continue;
    const path = join(folder, entry.name);
    if (folder.endsWith("node_modules") && entry.name.startsWith("@"))
      found += (await readdir(path)).length;
    else if (folder.endsWith(".pnpm")) found += 1;
    else if (folder.endsWith("node_modules"))
      found += 1 + (await packagesIn(join(path, "node_modules"), depth + 1));
  }
  return found;
}

/** Of a virtual environment the installed distributions. */
async function countDistributions(installed: string): Promise<number> {
  const names = await readdir(installed, { recursive: true }).catch(() => []);
  // lib64 is another name of lib: what is in both is one.
  return new Set(names.filter((name) => name.endsWith(".dist-info")).map((name) => basename(name)))
    .size;
}
