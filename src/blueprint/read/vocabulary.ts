import { isPlural, singularOf } from "./names.ts";
import { tokenize, type Token, type Tokens } from "./tokens.ts";

/** An entity named at a token, and how many tokens name it. */
export interface EntityMention {
  /** Singular words: `loan record`. */
  readonly value: string;
  readonly length: number;
  readonly plural: boolean;
}

const maxEntityWords = 4;

/** Singular of a noun phrase, lower case: `time entries` -> `time entry`. */
export function singularPhrase(tokens: Tokens): string {
  return tokens
    .map((token, index) => {
      const word = token.word.includes("'") ? token.word.replace(/'s?$/, "") : token.word;
      return index === tokens.length - 1 ? singularOf(word) : word;
    })
    .join(" ");
}

/** Tells quickly that no name begins with a word: most words begin none. */
export class FirstWords {
  readonly #words = new Set<string>();

  constructor(names: Iterable<string>) {
    for (const name of names) this.add(name);
  }

  add(name: string): void {
    this.#words.add(name.split(" ")[0] ?? name);
  }

  mayStart(token: Token | undefined): boolean {
    if (token === undefined) return false;
    const { word } = token;
    return (
      this.#words.has(word) ||
      this.#words.has(singularOf(word.includes("'") ? word.replace(/'s?$/, "") : word)) ||
      word.includes(" ")
    );
  }
}

/** The entities that a document speaks of, under all the names that it uses for them. */
export class Vocabulary {
  readonly entities: readonly string[];
  readonly #byName: ReadonlyMap<string, string>;
  readonly #firstWords: FirstWords;

  constructor(entities: readonly string[]) {
    this.entities = [...new Set(entities)];
    const names = new Map<string, string>(this.entities.map((name) => [name, name]));
    const tails = this.entities.map((name) => ({ name, tail: name.split(" ").at(-1) ?? name }));
    for (const { name, tail } of tails) {
      // `entry` stands for `time entry` as long as nothing else is called so.
      const unambiguous = tails.filter((other) => other.tail === tail).length === 1;
      if (unambiguous && !names.has(tail)) names.set(tail, name);
    }
    this.#byName = names;
    this.#firstWords = new FirstWords(names.keys());
  }

  /** The longest entity name, singular or plural, that starts at a token. */
  entityAt(tokens: Tokens, at: number): EntityMention | undefined {
    if (!this.#firstWords.mayStart(tokens[at])) return undefined;
    for (let length = maxEntityWords; length >= 1; length -= 1) {
      const words = tokens.slice(at, at + length);
      if (words.length < length || !words.every(isNoun)) continue;
      const entity = this.#byName.get(singularPhrase(words));
      if (entity !== undefined)
        return { value: entity, length, plural: isPlural(words.at(-1)?.word ?? "") };
    }
    return undefined;
  }

  /** The first entity named anywhere in a text. */
  entityIn(text: string): string | undefined {
    return this.firstIn(tokenize(text));
  }

  firstIn(tokens: Tokens): string | undefined {
    for (let at = 0; at < tokens.length; at += 1) {
      const mention = this.entityAt(tokens, at);
      if (mention !== undefined) return mention.value;
    }
    return undefined;
  }
}

function isNoun(token: Token): boolean {
  return token.kind === "word" || token.kind === "quoted";
}
