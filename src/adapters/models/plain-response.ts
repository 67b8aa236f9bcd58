import { Blob } from "node:buffer";
import { ReadableStream } from "node:stream/web";

/** What an answer says of itself. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

/**
 * The standard's headers without Node's own, which bring its whole fetch along: names in small
 * letters, values of one name joined by a comma, cookies each for itself.
 */
export function plainHeaders(pairs: Iterable<readonly [string, string]>): Headers {
  const headers = new PlainHeaders();
  for (const [name, value] of pairs) headers.append(name, value);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- has the standard's whole shape, and nobody here asks which class made it
  return headers;
}

/**
 * The standard's response for whoever reads it once, without Node's own, which brings its whole
 * fetch along: 8 MB, most of it to take answers apart that have been taken apart already.
 */
export function plainResponse(
  body: string | ReadableStream<Uint8Array> | null,
  head: ResponseHead,
): Response {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the same
  return new PlainResponse(typeof body === "string" ? streamOf(body) : body, head);
}

class PlainHeaders implements Headers {
  readonly #values = new Map<string, string[]>();

  append(name: string, value: string): void {
    const known = this.#values.get(name.toLowerCase()) ?? [];
    this.#values.set(name.toLowerCase(), [...known, value.trim()]);
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase())?.join(", ") ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), [value.trim()]);
  }

  getSetCookie(): string[] {
    return [...(this.#values.get("set-cookie") ?? [])];
  }

  forEach(each: (value: string, key: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) each.call(self, value, name, this);
  }

  *keys(): Generator<string, undefined, undefined> {
    for (const [name] of this) yield name;
    return undefined;
  }

  *values(): Generator<string, undefined, undefined> {
    for (const [, value] of this) yield value;
    return undefined;
  }

  entries(): Generator<[string, string], undefined, undefined> {
    return this[Symbol.iterator]();
  }

  *[Symbol.iterator](): Generator<[string, string], undefined, undefined> {
    for (const [name, values] of this.#values)
      for (const value of name === "set-cookie" ? values : [values.join(", ")]) yield [name, value];
    return undefined;
  }
}

class PlainResponse implements Response {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly headers: Headers;
  readonly status: number;
  readonly ok: boolean;
  readonly statusText = "";
  readonly type = "default";
  readonly url = "";
  readonly redirected = false;
  #isUsed = false;

  constructor(body: ReadableStream<Uint8Array> | null, { status, headers }: ResponseHead) {
    this.body = body;
    this.headers = headers;
    this.status = status;
    this.ok = status >= 200 && status < 300;
  }

  get bodyUsed(): boolean {
    return this.#isUsed;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(await this.#bytes()).buffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.#bytes()]);
  }

  async formData(): Promise<never> {
    throw new TypeError("an answer is no form");
  }

  clone(): never {
    throw new TypeError("an answer is read once");
  }

  async #bytes(): Promise<Uint8Array> {
    if (this.body === null) return new Uint8Array();
    const parts: Uint8Array[] = [];
    // Fails when somebody else reads it or has read it.
    const reader = this.body.getReader();
    this.#isUsed = true;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(parts);
      parts.push(value);
    }
  }
}

function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(text));
      controller.close();
    },
  });
}
