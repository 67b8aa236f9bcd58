/** One word, number, quotation or punctuation mark of a sentence. */
export interface Token {
  /** As written. */
  readonly text: string;
  /** Lower case, contractions and spelling variants resolved: what phrases are compared with. */
  readonly word: string;
  readonly kind: "word" | "number" | "quoted" | "mark";
  /** For numbers. */
  readonly value?: number;
}

/** A sentence or a part of one. */
export type Tokens = readonly Token[];

/** Sentences beyond this are no requirements; reading stops there and the reader reports them. */
export const maxTokensPerSentence = 400;

const lexeme =
  /["“„«](?<quoted>[^"“”„«»]{1,60})["”“»]|(?<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\p{L}\d])|(?<word>[\p{L}\p{M}\p{N}_]+(?:['’.\-/][\p{L}\p{M}\p{N}_]+)*)|(?<mark>[,;:()[\]–—\-=<>≤≥%€$£/&+*|?!…])/gu;

/** Single words that are written differently but mean the same here. */
const spellings: ReadonlyMap<string, string> = new Map([
  ["favourite", "favorite"],
  ["favourites", "favorites"],
  ["favourited", "favorited"],
  ["colour", "color"],
  ["colours", "colors"],
  ["catalogue", "catalog"],
  ["organise", "organize"],
  ["categorise", "categorize"],
  ["cancelled", "canceled"],
  ["cancelling", "canceling"],
  ["labelled", "labeled"],
  ["e-mail", "email"],
  ["e-mails", "emails"],
  ["e-mailed", "emailed"],
  ["lowercase", "lower-case"],
  ["mandatory", "required"],
  ["compulsory", "required"],
  ["obligatory", "required"],
  ["chars", "characters"],
  ["char", "characters"],
  ["character", "characters"],
  ["letters", "characters"],
  ["symbols", "characters"],
  ["max", "maximum"],
  ["min", "minimum"],
  ["shall", "must"],
  ["ought", "should"],
  ["wants", "want"],
  ["needs", "need"],
  ["likes", "like"],
  ["≤", "<="],
  ["≥", ">="],
  ["can't", "cannot"],
  ["won't", "will not"],
  ["&", "and"],
]);

const numberWords: ReadonlyMap<string, number> = new Map(
  "zero one two three four five six seven eight nine ten eleven twelve"
    .split(" ")
    .map((word, value) => [word, value] as const)
    .concat([
      ["fifteen", 15],
      ["twenty", 20],
      ["thirty", 30],
      ["fifty", 50],
      ["hundred", 100],
      ["thousand", 1000],
    ]),
);

/** Words with a slash that belong together. */
const slashed = new Set(["yes/no", "true/false", "and/or", "on/off", "y/n"]);

/** Splits a sentence into tokens, at most `maxTokensPerSentence`; sentence-final points are dropped. */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  for (const match of text.matchAll(lexeme)) {
    if (tokens.length >= maxTokensPerSentence) break;
    tokens.push(...tokensOf(match));
  }
  return tokens;
}

function tokensOf(match: RegExpExecArray): Token[] {
  const groups = match.groups ?? {};
  const quoted = groups["quoted"]?.trim();
  if (quoted !== undefined && quoted !== "")
    return [{ text: quoted, word: quoted.toLowerCase(), kind: "quoted" }];
  const number = groups["number"];
  if (number !== undefined)
    return [
      { text: number, word: number, kind: "number", value: Number(number.replaceAll(",", "")) },
    ];
  const mark = groups["mark"];
  if (mark !== undefined) return mark === "&" ? wordTokens("and") : [markToken(mark)];
  return wordTokens(groups["word"] ?? "");
}

function markToken(mark: string): Token {
  const same: Readonly<Record<string, string>> = {
    "–": "-",
    "—": "-",
    "[": "(",
    "]": ")",
    "≤": "<=",
    "≥": ">=",
  };
  return { text: mark, word: same[mark] ?? mark, kind: "mark" };
}

function wordTokens(raw: string): Token[] {
  const lower = raw.toLowerCase().replaceAll("’", "'");
  if (lower.includes("/") && !slashed.has(lower) && !lower.includes("://"))
    return raw
      .split("/")
      .flatMap((part, index) => [...(index > 0 ? [markToken("/")] : []), ...wordTokens(part)]);
  if (/^[a-z]+(?:[A-Z][a-z0-9]+)+$/.test(raw))
    return raw.split(/(?=[A-Z])/).flatMap((part) => wordTokens(part));
  const range = /^(\d+)-(\d+)$/.exec(lower);
  if (range !== null)
    return [numberToken(range[1] ?? ""), markToken("-"), numberToken(range[2] ?? "")];
  return contraction(raw, lower) ?? [simpleToken(raw, spellings.get(lower) ?? lower)];
}

function numberToken(text: string): Token {
  return { text, word: text, kind: "number", value: Number(text) };
}

function simpleToken(text: string, word: string): Token {
  const value = numberWords.get(word);
  return value === undefined ? { text, word, kind: "word" } : { text, word, kind: "word", value };
}

function contraction(raw: string, lower: string): Token[] | undefined {
  if (lower === "cannot" || lower === "can't")
    return [simpleToken(raw, "can"), simpleToken("", "not")];
  if (lower.endsWith("n't"))
    return [
      simpleToken(raw, lower === "won't" ? "will" : lower.slice(0, -3)),
      simpleToken("", "not"),
    ];
  const short = /^(it|they|we|you|there|that|i)'(re|s|ll|ve|m|d)$/.exec(lower);
  if (short === null) return undefined;
  const verbs: Readonly<Record<string, string>> = {
    re: "are",
    s: "is",
    ll: "will",
    ve: "have",
    m: "am",
    d: "would",
  };
  return [simpleToken(raw, short[1] ?? lower), simpleToken("", verbs[short[2] ?? ""] ?? "")];
}

/** The word at an index; empty beyond the ends. */
export function wordAt(tokens: Tokens, at: number): string {
  return tokens[at]?.word ?? "";
}

/** The words of tokens from `from` to `to`, as written, for reports and labels. */
export function textOf(tokens: Tokens, from = 0, to = tokens.length): string {
  return tokens
    .slice(from, to)
    .map((token) => token.text)
    .filter((text) => text !== "")
    .join(" ")
    .replaceAll(/ ([,;:)?!%])/g, "$1")
    .replaceAll(/\( /g, "(");
}
