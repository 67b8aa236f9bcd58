const maxTrees = 3;
const maxKeptCharacters = 32 * 1024 * 1024;
const maxLearnedCharacters = 8 * 1024 * 1024;

/** Texts by blob; undefined for a blob that is no text. */
export type BlobTexts = ReadonlyMap<string, string | undefined>;

/**
 * Texts of the trees read last: the next tree of a story shares most of its files with them. Blobs
 * are what their ids say, so nothing here is ever out of date.
 */
export class RecentTexts {
  readonly #trees: BlobTexts[] = [];
  #learned = new Map<string, string | undefined>();
  #learnedCharacters = 0;

  has(blob: string): boolean {
    return this.#learned.has(blob) || this.#trees.some((tree) => tree.has(blob));
  }

  get(blob: string): string | undefined {
    const tree = this.#trees.find((one) => one.has(blob)) ?? this.#learned;
    return tree.get(blob);
  }

  /** A text that was seen before any tree with it was read. */
  learn(blob: string, text: string | undefined): void {
    this.#learned.set(blob, text);
    this.#learnedCharacters += text?.length ?? 0;
    if (this.#learnedCharacters <= maxLearnedCharacters) return;
    this.#learned = new Map();
    this.#learnedCharacters = 0;
  }

  remember(texts: BlobTexts): void {
    this.#trees.unshift(texts);
    while (this.#trees.length > maxTrees) this.#trees.pop();
    const characters = [...texts.values()].reduce((sum, text) => sum + (text?.length ?? 0), 0);
    if (characters > maxKeptCharacters) this.#trees.length = 0;
  }
}
