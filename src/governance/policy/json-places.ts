/** Where something stands in a text; both count from 1, columns in UTF-16 code units. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Deeper than any policy; keeps hostile input from exhausting the stack. */
const maxDepth = 512;
const white = /[ \t\n\r]*/y;
const literal = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const quoted = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** Where each value of a JSON text begins, and where reading it must stop. */
export interface JsonPlaces {
  /** Place of the value at a path (of its name, for a member); of the nearest ancestor that exists. */
  placeOf(path: readonly PropertyKey[]): TextPlace;
  /** Where the text stops being JSON; undefined when it is JSON. */
  readonly flaw: TextPlace | undefined;
}

/** Reads a JSON text for places only. Throws nothing; duplicate names keep the last place. */
export function jsonPlaces(text: string): JsonPlaces {
  const scanner = new Scanner(text);
  const flawAt = scanner.scan();
  return {
    flaw: flawAt === undefined ? undefined : placeAt(text, flawAt),
    placeOf: (path) => {
      for (let length = path.length; length >= 0; length -= 1) {
        const offset = scanner.offsets.get(keyOf(path.slice(0, length)));
        if (offset !== undefined) return placeAt(text, offset);
      }
      return { line: 1, column: 1 };
    },
  };
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

function placeAt(text: string, offset: number): TextPlace {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

class Scanner {
  readonly offsets = new Map<string, number>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Offset of the first flaw. */
  scan(): number | undefined {
    const isWhole = this.#value([]) && this.#skip() === this.#text.length;
    return isWhole ? undefined : this.#at;
  }

  #skip(): number {
    this.#take(white);
    return this.#at;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #char(wanted: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(wanted, this.#at)) return false;
    this.#at += 1;
    return true;
  }

  #value(path: readonly string[]): boolean {
    const from = this.#skip();
    if (!this.offsets.has(keyOf(path))) this.offsets.set(keyOf(path), from);
    if (path.length >= maxDepth) return false;
    if (this.#char("{")) return this.#members(path);
    if (this.#char("[")) return this.#items(path);
    return this.#take(quoted) !== undefined || this.#take(literal) !== undefined;
  }

  #members(path: readonly string[]): boolean {
    if (this.#char("}")) return true;
    do {
      const from = this.#skip();
      const name = this.#take(quoted);
      if (name === undefined) return false;
      const inside = [...path, String(JSON.parse(name))];
      this.offsets.set(keyOf(inside), from);
      if (!this.#char(":") || !this.#value(inside)) return false;
    } while (this.#char(","));
    return this.#char("}");
  }

  #items(path: readonly string[]): boolean {
    if (this.#char("]")) return true;
    let index = 0;
    do {
      if (!this.#value([...path, String(index)])) return false;
      index += 1;
    } while (this.#char(","));
    return this.#char("]");
  }
}
