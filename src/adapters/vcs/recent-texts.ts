const maxTrees = 3;
const maxKeptCharacters = 32 * 1024 * 1024;

/** Texts by blob; undefined for a blob that is no text. */
export type BlobTexts = ReadonlyMap<string, string | undefined>;

/**
 * Texts of the trees read last: the next tree of a story shares most of its files with them. Blobs
 * are what their ids say, so nothing here is ever out of date.
 */
export class RecentTexts {
  readonly #trees: BlobTexts[] = [];

  has(blob: string): boolean {
    return this.#trees.some((tree) => tree.has(blob));
  }

  get(blob: string): string | undefined {
    return this.#trees.find((tree) => tree.has(blob))?.get(blob);
  }

  remember(texts: BlobTexts): void {
    this.#trees.unshift(texts);
    while (this.#trees.length > maxTrees) this.#trees.pop();
    const characters = [...texts.values()].reduce((sum, text) => sum + (text?.length ?? 0), 0);
    if (characters > maxKeptCharacters) this.#trees.length = 0;
  }
}
