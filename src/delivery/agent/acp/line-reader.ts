/** Cuts a stream of bytes into lines, of which it holds at most one that is not whole. */
export class LineReader {
  readonly #maxLineBytes: number;
  #pieces: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that end in these bytes, without their ends; undefined: one is too long, nothing can be read any more. */
  push(bytes: Uint8Array): readonly string[] | undefined {
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
      if (!this.#hold(bytes.subarray(from, end))) return undefined;
      lines.push(this.#take());
      from = end + 1;
    }
    return this.#hold(bytes.subarray(from)) ? lines : undefined;
  }

  #hold(piece: Uint8Array): boolean {
    this.#heldBytes += piece.length;
    if (this.#heldBytes > this.#maxLineBytes) {
      this.#pieces = [];
      return false;
    }
    // Copied: who hands it over may use the memory again.
    if (piece.length > 0) this.#pieces.push(Uint8Array.from(piece));
    return true;
  }

  #take(): string {
    const line = Buffer.concat(this.#pieces).toString("utf8");
    this.#pieces = [];
    this.#heldBytes = 0;
    return line;
  }
}
