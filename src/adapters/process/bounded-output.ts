/**
 * Keeps the beginning and the end of a stream of bytes, `maxBytes` in all, in memory of that order
 * however much arrives. Text is cut between characters, never inside one.
 */
export class BoundedOutput {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  readonly #head: Buffer[] = [];
  #headLength = 0;
  #totalLength = 0;
  /** The newest bytes; up to twice `#tailBytes`, so that moving them is rare. */
  #tail: Buffer = Buffer.alloc(0);
  #tailLength = 0;

  constructor(maxBytes: number) {
    const bound = Number.isFinite(maxBytes) ? Math.max(0, Math.floor(maxBytes)) : 2 ** 30;
    this.#headBytes = Math.ceil(bound / 2);
    this.#tailBytes = bound - this.#headBytes;
  }

  push(chunk: Buffer): void {
    this.#totalLength += chunk.length;
    const toHead = chunk.subarray(0, this.#headBytes - this.#headLength);
    if (toHead.length > 0) {
      // Copied: a slice of a pooled chunk would keep the whole pool alive.
      this.#head.push(Buffer.from(toHead));
      this.#headLength += toHead.length;
    }
    const rest = chunk.subarray(toHead.length);
    if (rest.length > 0) this.#pushTail(rest.subarray(-Math.max(1, this.#tailBytes)));
  }

  #pushTail(bytes: Buffer): void {
    if (this.#tailBytes === 0) return;
    const kept = Math.min(this.#tailLength, this.#tailBytes);
    if (this.#tailLength + bytes.length > this.#tail.length) {
      const wanted = Math.min(Math.max(1_024, (kept + bytes.length) * 2), this.#tailBytes * 2);
      const source = this.#tail.subarray(this.#tailLength - kept, this.#tailLength);
      if (wanted > this.#tail.length) {
        const grown = Buffer.allocUnsafe(wanted);
        source.copy(grown);
        this.#tail = grown;
      } else {
        source.copy(this.#tail);
      }
      this.#tailLength = kept;
    }
    bytes.copy(this.#tail, this.#tailLength);
    this.#tailLength += bytes.length;
  }

  /** The text kept; a line between beginning and end says how many bytes are missing. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = this.#tail.subarray(
      Math.max(0, this.#tailLength - this.#tailBytes),
      this.#tailLength,
    );
    if (head.length + tail.length === this.#totalLength)
      return Buffer.concat([head, tail]).toString("utf8");
    const start = withoutSplitEnd(head);
    const end = withoutSplitStart(tail);
    const cutBytes = this.#totalLength - start.length - end.length;
    return `${start.toString("utf8")}\n[... ${cutBytes} bytes cut ...]\n${end.toString("utf8")}`;
  }
}

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;

/** How many bytes a UTF-8 character has that begins with `byte`. */
function characterLength(byte: number): number {
  if (byte >= 0b1111_0000) return 4;
  if (byte >= 0b1110_0000) return 3;
  return byte >= 0b1100_0000 ? 2 : 1;
}

function withoutSplitEnd(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back];
    if (byte === undefined || isContinuation(byte)) continue;
    return characterLength(byte) > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

function withoutSplitStart(bytes: Buffer): Buffer {
  let skipped = 0;
  while (skipped < 3 && isContinuation(bytes[skipped])) skipped += 1;
  return bytes.subarray(skipped);
}
