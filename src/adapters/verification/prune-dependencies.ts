import { readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../../kernel/clock.ts";
import { depsFolder, leaseOf } from "./cache-places.ts";
import { folderSize } from "./folder-size.ts";
import type { StoreLeases } from "./store-leases.ts";

/** An install that takes longer is dead. */
const abandonedMs = 24 * 60 * 60_000;
const fillPrefix = ".fill-";
const doomedPrefix = ".doomed-";

const sizeSchema = z.object({ bytes: z.number().int().nonnegative() });

/** A dependency store as upkeep sees it. */
export interface StoreUse {
  readonly key: string;
  readonly usedAtMs: number;
  readonly bytes: number;
}

/** Where the stores are and who uses them. */
export interface StoresPlace {
  /** `$AUTOSD_HOME/cache` */
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly leases: StoreLeases;
}

/** What is left after upkeep, and what went. */
export interface PrunedStores {
  readonly removed: number;
  readonly kept: readonly StoreUse[];
}

/**
 * Removes what killed installs and killed removals left, stores that nobody used for `unusedMs`, and
 * then the least recently used until the others take `maxBytes` at most. One that a process has in
 * use stays, whatever its age and size. Stops when `signal` comes; the next upkeep goes on.
 */
export async function pruneDependencyStores(
  place: StoresPlace,
  bounds: { readonly unusedMs: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<PrunedStores> {
  const folder = depsFolder(place);
  let removed = await removeLeftovers(place, bounds.signal);
  const stores = await listStores(place, bounds.signal);
  let bytes = stores.reduce((sum, store) => sum + store.bytes, 0);
  const kept: StoreUse[] = [];
  for (const store of [...stores].sort((one, other) => one.usedAtMs - other.usedAtMs)) {
    const isOld = place.clock.now() - store.usedAtMs >= bounds.unusedMs;
    if (bounds.signal.aborted || !(isOld || bytes > bounds.maxBytes)) kept.push(store);
    else if (await removeStore(place, store)) {
      bytes -= store.bytes;
      removed += 1;
      await rm(join(folder, doomedPrefix + store.key), { recursive: true, force: true });
    } else kept.push(store);
  }
  return { removed, kept };
}

/** Every store with its last use and what it takes; those that `signal` leaves no time for count nothing. */
export async function listStores(
  place: Pick<StoresPlace, "cacheFolder">,
  signal: AbortSignal,
): Promise<readonly StoreUse[]> {
  const folder = depsFolder(place);
  const stores: StoreUse[] = [];
  for (const key of await namesIn(folder)) {
    if (key.startsWith(".")) continue;
    const usedAtMs = await lastUse(join(folder, key));
    if (usedAtMs === undefined) continue;
    stores.push({ key, usedAtMs, bytes: await storeSize(join(folder, key), signal) });
  }
  return stores;
}

async function removeLeftovers(place: StoresPlace, signal: AbortSignal): Promise<number> {
  const folder = depsFolder(place);
  let removed = 0;
  for (const name of await namesIn(folder)) {
    if (signal.aborted) break;
    const path = join(folder, name);
    if (!name.startsWith(doomedPrefix) && !(await isAbandoned(place, name))) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

async function isAbandoned(place: StoresPlace, name: string): Promise<boolean> {
  if (!name.startsWith(fillPrefix)) return false;
  const startedAtMs = await lastUse(join(depsFolder(place), name));
  return startedAtMs !== undefined && place.clock.now() - startedAtMs >= abandonedMs;
}

/** Out of its place, so that nobody opens one that is half gone; false when somebody uses it. */
async function removeStore(place: StoresPlace, store: StoreUse): Promise<boolean> {
  const folder = depsFolder(place);
  const path = join(folder, store.key);
  const lease = await place.leases.exclusive(leaseOf(store.key));
  if (lease === undefined) return false;
  let isGone = false;
  try {
    // Somebody may have used it since it was looked at, and ended.
    if ((await lastUse(path)) !== store.usedAtMs) return false;
    await rename(path, join(folder, doomedPrefix + store.key));
    isGone = true;
    return true;
  } finally {
    await (isGone ? lease.retire() : lease.release());
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

async function lastUse(store: string): Promise<number | undefined> {
  for (const path of [join(store, "stamp.json"), store]) {
    const stats = await stat(path).catch(() => undefined);
    if (stats !== undefined) return stats.mtimeMs;
  }
  return undefined;
}

/** A store never changes: it is measured once. */
async function storeSize(store: string, signal: AbortSignal): Promise<number> {
  const note = join(store, "size.json");
  try {
    return sizeSchema.parse(JSON.parse(await readFile(note, "utf8"))).bytes;
  } catch {
    const { bytes, isWhole } = await folderSize(store, signal);
    if (isWhole) await writeFile(note, JSON.stringify({ bytes })).catch(() => undefined);
    return bytes;
  }
}
