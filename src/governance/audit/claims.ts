import type { Claim } from "../grants/log-facts.ts";
import type { Entry } from "./entry.ts";

/** Entries that are remembered about one thing: a forged one must not push out the operator's. */
const maxClaims = 16;
/** Things about which something is claimed, newest last. What is forgotten was not claimed. */
const maxKeys = 1_024;
/** No operator's statement is longer; a forged one must not fill the state. */
const maxDetailsLength = 16 * 1024;

/** What one claim more makes of those so far; the newest are kept. */
export function withClaim(before: readonly Claim[], entry: Entry): readonly Claim[] {
  const { seq } = entry;
  const details = entry.details ?? null;
  if (JSON.stringify(details).length > maxDetailsLength) return before;
  return [...before, { seq, details }].slice(-maxClaims);
}

/** Claims by what they are about, of a bounded number of things. */
export class Claims<Key extends string | number> {
  readonly #byKey: Map<Key, readonly Claim[]>;

  constructor(record: readonly { readonly key: Key; readonly claims: readonly Claim[] }[]) {
    this.#byKey = new Map(record.map(({ key, claims }) => [key, claims]));
  }

  /** As data. */
  toRecord(): { key: Key; claims: { seq: number; details: unknown }[] }[] {
    return [...this.#byKey].map(([key, claims]) => ({
      key,
      claims: claims.map(({ seq, details }) => ({ seq, details })),
    }));
  }

  add(key: Key, entry: Entry): void {
    const claims = withClaim(this.#byKey.get(key) ?? [], entry);
    this.#byKey.delete(key);
    this.#byKey.set(key, claims);
    for (const oldest of this.#byKey.keys()) {
      if (this.#byKey.size <= maxKeys) return;
      this.#byKey.delete(oldest);
    }
  }

  /** Whatever was claimed about it is of no account any more. */
  forget(key: Key): void {
    this.#byKey.delete(key);
  }

  all(): readonly { readonly key: Key; readonly claims: readonly Claim[] }[] {
    return [...this.#byKey].map(([key, claims]) => ({ key, claims }));
  }
}
