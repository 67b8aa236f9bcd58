import { rename } from "node:fs/promises";
import { join } from "node:path";
import { openOwnFolder, type OwnFolder } from "./own-folder.ts";
import { removeFolder } from "../../machine/remove-folder.ts";

/** As many as attempts are under way at once as a rule; those of a large repository fill a disk. */
const maxPooled = 8;
/** No workspace is called like this: a dot in its name becomes an underscore. */
const pooledPrefix = ".pooled-";

/** Folders of this process below a shared one, and those among them that nobody works in. */
export class FolderPool {
  readonly #scratch: string;
  readonly #keeps: boolean;
  #own: Promise<OwnFolder> | undefined;
  #pooled: readonly string[] = [];
  #count = 0;
  /** No more than one folder is on its way out while the next one is made. */
  #removal: Promise<void> = Promise.resolve();

  /** `keeps` false: nothing is used again, and every folder is made anew. */
  constructor(scratch: string, keeps: boolean) {
    this.#scratch = scratch;
    this.#keeps = keeps;
  }

  /** Where a folder with this name is to be; the folder above it exists. */
  async placeOf(name: string): Promise<string> {
    // The next one tries again what failed.
    this.#own ??= openOwnFolder(this.#scratch).catch((error: unknown) => {
      this.#own = undefined;
      throw error;
    });
    const { path } = await this.#own;
    await this.#removal;
    return join(path, name);
  }

  /** Gives the folder that was used last another place, whatever it holds; false: there is none. */
  async takeOut(place: string): Promise<boolean> {
    const last = this.#pooled.at(-1);
    if (last === undefined) return false;
    this.#pooled = this.#pooled.slice(0, -1);
    return rename(last, place).then(
      () => true,
      () => false,
    );
  }

  /** The folder is gone from its place. Idempotent. */
  async putIn(place: string): Promise<void> {
    const own = await this.#own;
    if (own === undefined) return;
    this.#count += 1;
    const pooled = join(own.path, `${pooledPrefix}${String(this.#count)}`);
    const isMoved = await rename(place, pooled).then(
      () => true,
      () => false,
    );
    if (!isMoved) await removeFolder(place);
    else if (this.#keeps && this.#pooled.length < maxPooled)
      this.#pooled = [...this.#pooled, pooled];
    else this.#remove(pooled);
  }

  /** Gives the disk back what nobody works in. */
  async empty(): Promise<void> {
    for (const pooled of this.#pooled) this.#remove(pooled);
    this.#pooled = [];
    await this.#removal;
  }

  /** Removes all folders, whoever works in them. Idempotent; a later place is in a new folder. */
  async close(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    this.#pooled = [];
    await this.#removal;
    await (await own?.catch(() => undefined))?.release();
  }

  #remove(place: string): void {
    // What cannot be removed now goes with the folder that it is in.
    this.#removal = this.#removal.then(() => removeFolder(place)).catch(() => undefined);
  }
}
