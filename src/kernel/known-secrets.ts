import type { SecretRule, Span } from "./secret-rule.ts";

/** Shorter ones (`ollama`, `none`) are words that stand in honest texts too. */
const minSecretCharacters = 12;
/** So many characters in a row give a piece of a secret away. */
const minPieceCharacters = 16;
/** Every piece of 16 characters holds a window that begins at a multiple of eight. */
const windowCharacters = 8;

interface KnownSecret {
  /** The secret itself, and as encodings write it. */
  readonly forms: readonly string[];
}

const known = new Set<KnownSecret>();

/**
 * From now on this text is a secret, whatever it looks like: `findSecrets` finds it and 16 characters
 * in a row of it, also in base64, hexadecimal and URLs. For keys that this process was given. Returns
 * how to take it back. Secrets of fewer than 12 characters are not kept: they are words.
 */
export function keepSecret(secret: string): () => void {
  if (secret.length < minSecretCharacters) return () => undefined;
  const bytes = Buffer.from(secret);
  const forms = new Set([
    secret,
    encodeURIComponent(secret.replaceAll(/\p{Surrogate}/gu, "\uFFFD")),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
  ]);
  const one: KnownSecret = { forms: [...forms] };
  known.add(one);
  return () => void known.delete(one);
}

/** Finds what `keepSecret` was told of. */
export const knownSecretRule: SecretRule = {
  id: "known-secret",
  title: "A key that autosd was given",
  find: (text) => [...known].flatMap(({ forms }) => forms.flatMap((form) => piecesOf(form, text))),
};

function piecesOf(secret: string, text: string): readonly Span[] {
  const found: Span[] = [];
  const needed = Math.min(secret.length, minPieceCharacters);
  for (let at = 0; at + windowCharacters <= secret.length; at += windowCharacters) {
    const window = secret.slice(at, at + windowCharacters);
    for (let hit = text.indexOf(window); hit !== -1; hit = text.indexOf(window, hit + 1)) {
      const span = grown(secret, text, at, hit);
      if (span.end - span.start >= needed) found.push(span);
    }
  }
  return found;
}

/** As far as secret and text agree around a window. */
function grown(secret: string, text: string, at: number, hit: number): Span {
  let before = 0;
  while (before < at && before < hit && secret[at - before - 1] === text[hit - before - 1])
    before += 1;
  let after = windowCharacters;
  while (at + after < secret.length && secret[at + after] === text[hit + after]) after += 1;
  return { start: hit - before, end: hit + after };
}
