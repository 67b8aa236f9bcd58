import type { Tokens } from "./tokens.ts";

/** A phrase found, with its meaning. */
export interface PhraseMatch<T> {
  readonly value: T;
  /** Number of tokens. */
  readonly length: number;
}

/** Phrases with a meaning each. Lookup takes the longest phrase that starts at a token. */
export class PhraseTable<T> {
  readonly #byFirst = new Map<string, { readonly words: readonly string[]; readonly value: T }[]>();

  /** `phrases`: alternatives of one meaning, separated by ` | `. */
  constructor(entries: readonly (readonly [phrases: string, value: T])[]) {
    for (const [phrases, value] of entries) {
      for (const phrase of phrases.split(" | ")) this.#add(phrase.trim().split(/\s+/), value);
    }
    for (const candidates of this.#byFirst.values())
      candidates.sort((left, right) => right.words.length - left.words.length);
  }

  #add(words: readonly string[], value: T): void {
    const first = words[0] ?? "";
    this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), { words, value }]);
  }

  /** `#` in a phrase stands for any number. */
  at(tokens: Tokens, index: number): PhraseMatch<T> | undefined {
    const token = tokens[index];
    if (token === undefined || token.kind === "quoted") return undefined;
    const candidates = [
      ...(this.#byFirst.get(token.word) ?? []),
      ...(token.value === undefined ? [] : (this.#byFirst.get("#") ?? [])),
    ];
    for (const { words, value } of candidates) {
      if (words.every((word, offset) => fits(word, tokens, index + offset)))
        return { value, length: words.length };
    }
    return undefined;
  }
}

function fits(word: string, tokens: Tokens, index: number): boolean {
  const token = tokens[index];
  if (token === undefined || token.kind === "quoted") return false;
  return word === "#" ? token.value !== undefined : token.word === word;
}

/** A table whose phrases all mean the same. */
export function phrases(alternatives: string): PhraseTable<true> {
  return new PhraseTable([[alternatives, true]]);
}
