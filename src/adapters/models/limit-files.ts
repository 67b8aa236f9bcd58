import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { limitStateSchema, type LimitState } from "../../delivery/agent/limits/limit-records.ts";
import type { LimitStore } from "../../delivery/agent/limits/limit-store.port.ts";
import { createMemoryLimitStore } from "../../delivery/agent/limits/memory-limit-store.ts";
import type { Log } from "../../kernel/log.ts";
import { hasCode } from "../../machine/error-code.ts";
import { lockWithin } from "../../machine/locked-file.ts";
import { readUpTo } from "../../machine/plain-file.ts";

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
/** Each change takes about a millisecond; whoever waits longer goes on alone. */
const lockTimeoutMs = 5_000;
const maxStateBytes = 1_048_576;

export interface LimitFilesOptions {
  /** Made when it is missing, for this user only. */
  readonly folder: string;
  readonly log: Log;
  /** Whether the process of that id, the owner of a request, still runs. */
  readonly isAlive?: (owner: string) => boolean;
}

/**
 * Limits in one small file a key, shared by the processes of this user. Nothing in them is secret:
 * the names are digests. A file that is lost costs a cold start, so nothing is synced; where files
 * cannot be used, this process goes on with what it knows itself.
 */
export function createLimitFiles(options: LimitFilesOptions): LimitStore {
  const isAlive = options.isAlive ?? runs;
  const memory = createMemoryLimitStore();
  return {
    async change(key, change) {
      const file = await openLocked(options, key);
      if (file === undefined) return memory.change(key, change);
      try {
        const [state, made] = change(withoutDead(await read(file), isAlive));
        await memory.change(key, () => [state, undefined]);
        await write(file, state).catch((error: unknown) => {
          options.log.debug("limits could not be kept", { error });
        });
        return made;
      } finally {
        await file.close();
      }
    },
  };
}

async function openLocked(
  options: LimitFilesOptions,
  key: string,
): Promise<FileHandle | undefined> {
  try {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const file = await open(join(options.folder, `${key}.json`), flags, 0o600);
    // The kernel releases the lock of a process that dies.
    if (await lockWithin(file, lockTimeoutMs)) return file;
    await file.close();
    options.log.debug("limits are locked by another process", { key });
  } catch (error) {
    options.log.debug("limits cannot be shared", { error });
  }
  return undefined;
}

/** Undefined for an empty, torn, foreign or newer one. */
async function read(file: FileHandle): Promise<LimitState | undefined> {
  const { size } = await file.stat();
  if (size === 0 || size > maxStateBytes) return undefined;
  const bytes = await readUpTo(file, size);
  try {
    return limitStateSchema.safeParse(JSON.parse(bytes.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

async function write(file: FileHandle, state: LimitState): Promise<void> {
  const bytes = Buffer.from(JSON.stringify(state), "utf8");
  await file.write(bytes, 0, bytes.length, 0);
  await file.truncate(bytes.length);
}

/** Requests of processes that died are no longer under way. */
function withoutDead(
  state: LimitState | undefined,
  isAlive: (owner: string) => boolean,
): LimitState | undefined {
  if (state === undefined) return undefined;
  const owners = new Map(state.flights.map(({ owner }) => [owner, isAlive(owner)]));
  return { ...state, flights: state.flights.filter(({ owner }) => owners.get(owner) === true) };
}

function runs(owner: string): boolean {
  const pid = Number(owner);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one that runs.
    return hasCode(error, "EPERM");
  }
}
