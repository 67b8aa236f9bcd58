/** Deeper than any record of autosd; keeps hostile input from exhausting the stack. */
const maxDepth = 512;

/** With the u flag a surrogate matches only where it is not half of a pair. */
const loneSurrogate = /[\uD800-\uDFFF]/u;

/**
 * RFC 8785 (JSON Canonicalization Scheme): the same value always gives the same text, so it can be
 * hashed and signed. Members whose value is undefined are left out. Throws TypeError, naming the
 * path, for whatever JSON cannot say: undefined elsewhere, NaN and infinities, lone surrogates,
 * bigints, functions, symbols, class instances, cycles, nesting beyond 512 levels.
 */
export function canonicalJson(value: unknown): string {
  return write(value, "$", []);
}

function write(value: unknown, path: string, ancestors: readonly object[]): string {
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return writeNumber(value, path);
    case "string":
      return writeString(value, path);
    case "object":
      return value === null ? "null" : writeObject(value, path, ancestors);
    default:
      throw new TypeError(`${path}: ${typeof value} is not a JSON value`);
  }
}

function writeNumber(value: number, path: string): string {
  if (!Number.isFinite(value)) throw new TypeError(`${path}: ${String(value)} is not a JSON value`);
  // RFC 8785 takes its number format from ECMAScript, and JSON.stringify writes -0 as 0 as it asks.
  return JSON.stringify(value);
}

function writeString(value: string, path: string): string {
  if (loneSurrogate.test(value)) throw new TypeError(`${path}: text holds a lone surrogate`);
  return JSON.stringify(value);
}

function writeObject(value: object, path: string, ancestors: readonly object[]): string {
  if (ancestors.length >= maxDepth) throw new TypeError(`${path}: nested too deeply`);
  if (ancestors.includes(value)) throw new TypeError(`${path}: refers to itself`);
  const inside = [...ancestors, value];
  if (Array.isArray(value)) {
    // Array.from visits holes too, as undefined, which `write` refuses.
    const items = Array.from(value, (item: unknown, index) =>
      write(item, `${path}[${index}]`, inside),
    );
    return `[${items.join(",")}]`;
  }
  refuseInstance(value, path);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => byCodeUnits(left, right))
    .map(([key, member]: [string, unknown]) => {
      const at = `${path}.${key}`;
      return `${writeString(key, at)}:${write(member, at, inside)}`;
    });
  return `{${members.join(",")}}`;
}

/** An instance loses its class in JSON (a Date, a Map, a minted value): refused rather than guessed. */
function refuseInstance(value: object, path: string): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype)
    throw new TypeError(`${path}: an instance of a class is not a JSON value`);
  if (Object.getOwnPropertySymbols(value).length > 0)
    throw new TypeError(`${path}: a member named by a symbol is not a JSON value`);
}

/** RFC 8785 section 3.2.3: the order of UTF-16 code units, which is how ECMAScript compares text. */
function byCodeUnits(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
