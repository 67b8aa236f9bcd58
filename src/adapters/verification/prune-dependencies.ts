import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { depsFolder } from "./dependency-store.ts";

/** An install that takes longer is dead. */
const abandonedMs = 24 * 60 * 60_000;

/**
 * Removes stores that nobody used for `unusedMs`, at most `limit`, and what killed installs left.
 * Returns how many folders went.
 */
export async function pruneDependencyStores(
  options: { readonly cacheFolder: string; readonly clock: Clock },
  bounds: { readonly unusedMs: number; readonly limit: number },
): Promise<number> {
  const folder = depsFolder(options);
  const names = await readdir(folder).catch(() => []);
  let removed = 0;
  for (const name of names.sort()) {
    if (removed >= bounds.limit) break;
    const path = join(folder, name);
    const unusedMs = name.startsWith(".fill-") ? abandonedMs : bounds.unusedMs;
    const usedAtMs = await lastUse(path);
    if (usedAtMs === undefined || options.clock.now() - usedAtMs < unusedMs) continue;
    // Renamed first: nobody opens a store that is half gone.
    const doomed = join(folder, `.doomed-${name}`);
    await rename(path, doomed).catch(() => undefined);
    await rm(doomed, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function lastUse(store: string): Promise<number | undefined> {
  for (const path of [join(store, "stamp.json"), store]) {
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined) return stats.mtimeMs;
  }
  return undefined;
}
