import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";

const blockBytes = 512;

interface Memory {
  readonly path: string;
  readonly usedAtMs: number;
  readonly bytes: number;
}

/** What upkeep of the evidence did. */
export interface PrunedEvidence {
  readonly removed: number;
  readonly keptBytes: number;
}

/**
 * Forgets remembered gates that nobody asked for in `unusedMs`, and then the least recently used
 * until the others take `maxBytes` at most. A gate that is forgotten runs again. Stops when `signal`
 * comes.
 */
export async function pruneEvidence(
  options: { readonly cacheFolder: string; readonly clock: Clock },
  bounds: { readonly unusedMs: number; readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<PrunedEvidence> {
  const memories = await memoriesIn(options.cacheFolder, bounds.signal);
  let keptBytes = memories.reduce((sum, one) => sum + one.bytes, 0);
  let removed = 0;
  for (const memory of [...memories].sort((one, other) => one.usedAtMs - other.usedAtMs)) {
    const isOld = options.clock.now() - memory.usedAtMs >= bounds.unusedMs;
    if (bounds.signal.aborted || !(isOld || keptBytes > bounds.maxBytes)) break;
    await rm(memory.path, { force: true });
    keptBytes -= memory.bytes;
    removed += 1;
  }
  return { removed, keptBytes };
}

async function memoriesIn(folder: string, signal: AbortSignal): Promise<readonly Memory[]> {
  const memories: Memory[] = [];
  for (const part of await readdir(folder).catch(() => [])) {
    if (signal.aborted) break;
    const names = await readdir(join(folder, part)).catch(() => []);
    const found = await Promise.all(names.map((name) => memoryAt(join(folder, part, name))));
    memories.push(...found.filter((one) => one !== undefined));
  }
  return memories;
}

async function memoryAt(path: string): Promise<Memory | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return undefined;
  return { path, usedAtMs: stats.mtimeMs, bytes: stats.blocks * blockBytes };
}
