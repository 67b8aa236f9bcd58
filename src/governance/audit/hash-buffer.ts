const hashBytes = 32;
const firstCapacity = 64;

/** Consecutive hashes of a tree in the order in which they are stored, without a gap. */
export class HashBuffer {
  /** Where the first of them is stored, counted in hashes. */
  readonly from: number;
  #bytes = Buffer.alloc(0);
  #count = 0;

  constructor(from: number) {
    this.from = from;
  }

  get count(): number {
    return this.#count;
  }

  /** Valid until the next append. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#count * hashBytes);
  }

  append(hash: Uint8Array): void {
    const start = this.#count * hashBytes;
    if (start === this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(firstCapacity * hashBytes, this.#bytes.length * 2));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#bytes.set(hash, start);
    this.#count += 1;
  }

  /** The hash that is stored at `position`; undefined when it is not one of these. */
  at(position: number): Uint8Array | undefined {
    const index = position - this.from;
    if (index < 0 || index >= this.#count) return undefined;
    return this.#bytes.subarray(index * hashBytes, (index + 1) * hashBytes);
  }
}
