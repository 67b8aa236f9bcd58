import { readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { messageOf } from "../../kernel/thrown.ts";
import { removeFolder } from "../../machine/remove-folder.ts";
import { npmLease } from "./cache-places.ts";
import { folderSize } from "./folder-size.ts";
import { listStores, pruneDependencyStores } from "./prune-dependencies.ts";
import { pruneEvidence } from "./prune-evidence.ts";
import type { StoreLeases } from "./store-leases.ts";

/** Between two upkeeps: looking at everything after every run would cost more than it frees. */
const restMs = 10 * 60_000;
/** Of the whole, for what lets gates be skipped. */
const evidenceShare = 0.1;
/** Of the whole, for what the package manager keeps to fill stores from. */
const npmShare = 0.5;
/** No verification takes longer: a killed process has left the folder. */
const abandonedMs = 24 * 60 * 60_000;

const upkeepLease = "upkeep";

/** What upkeep works on. */
export interface CachesPlace {
  /** `$AUTOSD_HOME/cache` */
  readonly cacheFolder: string;
  /** Where trees are checked out for gates. */
  readonly checkoutsFolder: string;
  readonly clock: Clock;
  readonly leases: StoreLeases;
  readonly log?: Log;
}

/**
 * Keeps dependency stores, the package manager's cache and remembered gates within `maxBytes`
 * together, and removes what nobody used for `unusedMs` and what killed processes left. Does nothing
 * when another process is at it or has just been. Never rejects, never removes what a process uses,
 * and stops when `signal` comes.
 */
export async function tendCaches(
  place: CachesPlace,
  bounds: { readonly unusedMs: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<void> {
  const lease = await place.leases.exclusive(upkeepLease);
  if (lease === undefined) return;
  try {
    if (await isRecent(place)) return;
    await tend(place, bounds);
    if (!bounds.signal.aborted) await noteUpkeep(place);
  } catch (error) {
    const reason = messageOf(error);
    place.log?.warn("the caches could not be tended", { reason });
  } finally {
    await lease.release();
  }
}

/** What the caches take. `isWhole: false`: `signal` came before everything was seen. */
export async function measureCaches(
  cacheFolder: string,
  signal: AbortSignal,
): Promise<{
  readonly stores: { readonly count: number; readonly bytes: number };
  readonly npmBytes: number;
  readonly evidence: { readonly count: number; readonly bytes: number };
  readonly isWhole: boolean;
}> {
  const stores = await listStores({ cacheFolder }, signal);
  const evidence = await folderSize(join(cacheFolder, "evidence"), signal);
  const npm = await folderSize(join(cacheFolder, "npm"), signal);
  return {
    stores: { count: stores.length, bytes: stores.reduce((sum, one) => sum + one.bytes, 0) },
    npmBytes: npm.bytes,
    evidence: { count: evidence.files, bytes: evidence.bytes },
    isWhole: !signal.aborted && npm.isWhole,
  };
}

async function tend(
  place: CachesPlace,
  bounds: { readonly unusedMs: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<void> {
  const { unusedMs, maxBytes, signal } = bounds;
  const checkouts = await removeAbandoned(place, signal);
  const evidence = await pruneEvidence(
    { cacheFolder: join(place.cacheFolder, "evidence"), clock: place.clock },
    { unusedMs, maxBytes: maxBytes * evidenceShare, signal },
  );
  const npmBytes = await pruneNpm(place, { maxBytes: maxBytes * npmShare, signal });
  const stores = await pruneDependencyStores(place, {
    unusedMs,
    maxBytes: maxBytes - evidence.keptBytes - npmBytes,
    signal,
  });
  place.log?.info("tended the caches", {
    checkouts,
    forgottenGates: evidence.removed,
    npmBytes,
    removedStores: stores.removed,
    keptStores: stores.kept.length,
    isWhole: !signal.aborted,
  });
}

/** All or nothing: which of its entries are worth keeping, the package manager does not say. */
async function pruneNpm(
  place: CachesPlace,
  bounds: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<number> {
  const folder = join(place.cacheFolder, "npm");
  const doomed = join(place.cacheFolder, ".doomed-npm");
  await rm(doomed, { recursive: true, force: true });
  const { bytes } = await folderSize(folder, bounds.signal);
  if (bytes <= bounds.maxBytes) return bytes;
  const lease = await place.leases.exclusive(npmLease);
  if (lease === undefined) return bytes;
  try {
    await rename(folder, doomed);
  } finally {
    await lease.release();
  }
  await rm(doomed, { recursive: true, force: true });
  return 0;
}

async function removeAbandoned(place: CachesPlace, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (const name of await readdir(place.checkoutsFolder).catch(() => [])) {
    if (signal.aborted) break;
    const path = join(place.checkoutsFolder, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined || place.clock.now() - stats.mtimeMs < abandonedMs) continue;
    await removeFolder(path).catch(() => undefined);
    removed += 1;
  }
  return removed;
}

async function isRecent(place: CachesPlace): Promise<boolean> {
  const stats = await stat(noteOf(place)).catch(() => undefined);
  const ageMs = stats === undefined ? restMs : place.clock.now() - stats.mtimeMs;
  // A clock that was set back must not stop upkeep until it has caught up.
  return ageMs >= 0 && ageMs < restMs;
}

async function noteUpkeep(place: CachesPlace): Promise<void> {
  const nowSeconds = place.clock.now() / 1_000;
  await writeFile(noteOf(place), "");
  await utimes(noteOf(place), nowSeconds, nowSeconds);
}

function noteOf(place: CachesPlace): string {
  return join(place.cacheFolder, "tended");
}
