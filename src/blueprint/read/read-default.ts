import type { Rule } from "./drafts.ts";
import { defaultAfter, defaultPhrases, nowPhrases } from "./phrases/rule-phrases.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";
import { type Taken, numberAt } from "./read-bound.ts";

/** Words that a value may have. */
export const maxValueTokens = 4;

function isValueEnd(tokens: Tokens, at: number): boolean {
  const token = tokens[at];
  return token === undefined || (token.kind === "mark" && token.word !== "-");
}

/** `by default open`, `open (default)`. */
export function defaultAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const before = defaultPhrases.at(tokens, at);
  if (before !== undefined) {
    const from = skipArticle(tokens, at + before.length);
    const value = defaultValueAt(tokens, from);
    if (value !== undefined)
      return {
        value: [{ kind: "default", value: value.value }],
        length: from + value.length - at,
      };
  }
  for (
    let length = 1;
    length <= maxValueTokens && !isValueEnd(tokens, at + length - 1);
    length += 1
  ) {
    const open = wordAt(tokens, at + length) === "," ? 1 : 0;
    const after = defaultAfter.at(tokens, at + length + open);
    if (after === undefined) continue;
    const from = skipArticle(tokens, at);
    const value = defaultValueAt(tokens.slice(0, at + length), from);
    if (value === undefined) return undefined;
    return {
      value: [{ kind: "default", value: value.value }],
      length: length + open + after.length,
    };
  }
  return undefined;
}

function skipArticle(tokens: Tokens, at: number): number {
  return /^(a|an|the|as|:|=|is|value|status)$/.test(wordAt(tokens, at))
    ? skipArticle(tokens, at + 1)
    : at;
}

function defaultValueAt(
  tokens: Tokens,
  at: number,
): Taken<string | { readonly now: true }> | undefined {
  const now = nowPhrases.at(tokens, at);
  if (now !== undefined) return { value: { now: true }, length: now.length };
  const first = tokens[at];
  if (first === undefined || first.kind === "mark") return undefined;
  if (first.kind === "quoted") return { value: first.text, length: 1 };
  const number = numberAt(tokens, at);
  if (number !== undefined) return { value: `${number.value}`, length: number.length };
  let length = 0;
  while (
    length < maxValueTokens &&
    !isValueEnd(tokens, at + length) &&
    !endsValue(tokens, at + length)
  )
    length += 1;
  return length === 0 ? undefined : { value: textOf(tokens, at, at + length), length };
}

function endsValue(tokens: Tokens, at: number): boolean {
  return /^(and|or|but|if|when|unless|which|that|with)$/.test(wordAt(tokens, at));
}
