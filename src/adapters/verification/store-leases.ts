import { type FileHandle, mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { openLockedFile, openLockedFileWithin } from "../../machine/locked-file.ts";

/** Whoever removes a store holds its lease for as long as a rename takes. */
const shareTimeoutMs = 2_000;

/** A lease that nobody else has. */
export interface ExclusiveLease {
  release(): Promise<void>;
  /** Releases, and leaves no file behind. */
  retire(): Promise<void>;
}

/**
 * Says across processes which stores are in use. The kernel releases the leases of a process that
 * ends, however it ends; none is taken over by age.
 */
export interface StoreLeases {
  /**
   * From now until `close`, nobody gets `name` exclusively. Never rejects: where no lease can be
   * written, nobody can remove a store either.
   */
  share(name: string): Promise<void>;
  /** Undefined while anybody, this process included, shares or has `name`, or when the disk refuses. */
  exclusive(name: string): Promise<ExclusiveLease | undefined>;
  /** Gives back what was shared. */
  close(): Promise<void>;
}

/** Leases in `<folder>/<name>.lease`. */
export function createStoreLeases(folder: string): StoreLeases {
  const shared = new Map<string, Promise<FileHandle | undefined>>();
  const place = (name: string): string => join(folder, `${name}.lease`);
  return {
    async share(name) {
      const known = shared.get(name) ?? shareWithin(folder, place(name)).catch(() => undefined);
      shared.set(name, known);
      // One that could not be had is asked for again the next time.
      if ((await known) === undefined) shared.delete(name);
    },
    async exclusive(name) {
      const path = place(name);
      const file = await leaseAlone(folder, path).catch(() => undefined);
      if (file === undefined) return undefined;
      return {
        release: () => file.close(),
        async retire() {
          // While it is held: whoever waits for it sees that its file is gone, and makes another.
          await unlink(path).catch(() => undefined);
          await file.close();
        },
      };
    },
    async close() {
      const files = await Promise.all(shared.values());
      shared.clear();
      for (const file of files) await file?.close();
    },
  };
}

async function shareWithin(folder: string, path: string): Promise<FileHandle | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return openLockedFileWithin(path, "shared", shareTimeoutMs);
}

async function leaseAlone(folder: string, path: string): Promise<FileHandle | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return openLockedFile(path, "exclusive");
}
