import { lstat } from "node:fs/promises";
import type { IndexEntry } from "./index-file.ts";

/** Files of a folder as they were written, by path. */
export interface FolderStamps {
  readonly files: ReadonlyMap<string, IndexEntry>;
  /** On the clock of the file system: nothing in the folder was changed by others before. */
  readonly takenNs: bigint;
}

const maxFolders = 8;
/** File systems count time in ticks of up to ten milliseconds: what is younger may be changed unseen. */
const tickNs = 20_000_000n;
const nsPerSecond = 1_000_000_000n;

/**
 * What was written into folders lately. A folder is known by its inode, so that it may be renamed. A
 * change time cannot be set back, so a file whose stamp is the same is the same file, unchanged.
 */
export class KnownFolders {
  readonly #known = new Map<string, FolderStamps>();

  async recall(folder: string): Promise<FolderStamps | undefined> {
    return this.#known.get(await keyOf(folder));
  }

  async remember(folder: string, stamps: FolderStamps): Promise<void> {
    const key = await keyOf(folder);
    this.#known.delete(key);
    this.#known.set(key, stamps);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxFolders && oldest !== undefined) this.#known.delete(oldest);
  }
}

async function keyOf(folder: string): Promise<string> {
  const { dev, ino } = await lstat(folder, { bigint: true });
  return `${dev}:${ino}`;
}

/** What the disk says of a file now. */
export interface SeenFile {
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
  readonly size: bigint;
}

/** The stamp of a file in the form of an index: of inode and size the lower halves. */
export function stampOf(seen: SeenFile): IndexEntry["stamp"] {
  return {
    changedNs: seen.ctimeNs,
    modifiedNs: seen.mtimeNs,
    inode: Number(BigInt.asUintN(32, seen.ino)),
    size: Number(BigInt.asUintN(32, seen.size)),
  };
}

/** Whether a file certainly is as it was when its stamp was taken. */
export function isUntouched(
  entry: IndexEntry | undefined,
  seen: SeenFile,
  takenNs: bigint,
): boolean {
  if (entry === undefined) return false;
  const { changedNs, modifiedNs, inode, size } = entry.stamp;
  const now = stampOf(seen);
  const isFine = changedNs % nsPerSecond !== 0n && changedNs + tickNs <= takenNs;
  return (
    isFine &&
    changedNs === now.changedNs &&
    modifiedNs === now.modifiedNs &&
    inode === now.inode &&
    size === now.size
  );
}
