import type { Rule } from "./drafts.ts";
import { choicePhrases, defaultAfter, flagPhrases } from "./phrases/rule-phrases.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";
import { type Taken, boundAt } from "./read-bound.ts";
import { maxValueTokens, defaultAt } from "./read-default.ts";

const listMarks = new Set([",", "/", "|", "or", "and", "and/or"]);

/** `one of: new, used`: two values at least. */
export function choiceAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const phrase = choicePhrases.at(tokens, at);
  if (phrase === undefined) return undefined;
  const from = at + phrase.length + (/^[:(=]$/.test(wordAt(tokens, at + phrase.length)) ? 1 : 0);
  const list = readChoices(tokens, from);
  if (list.value.length < 2) return undefined;
  return {
    value: [{ kind: "choice", values: list.value }, ...list.defaults],
    length: from + list.length - at,
  };
}

interface ChoiceList extends Taken<readonly string[]> {
  readonly defaults: readonly Rule[];
}

/** Values up to the first part of the list that is a rule, or the closing mark. */
export function readChoices(tokens: Tokens, from: number): ChoiceList {
  const values: string[] = [];
  const defaults: Rule[] = [];
  let at = from;
  while (at < tokens.length) {
    const start = skipListMarks(tokens, at);
    if (ruleAfterList(tokens, start, values.length)) break;
    let end = start;
    while (end < tokens.length && !listMarks.has(wordAt(tokens, end)) && !endsChoice(tokens, end))
      end += 1;
    if (end === start || end - start > maxValueTokens) break;
    const afterValue = wordAt(tokens, end) === "(" ? defaultAfter.at(tokens, end) : undefined;
    const value = choiceText(tokens.slice(start, end));
    if (afterValue !== undefined) {
      defaults.push({ kind: "default", value });
      end += afterValue.length;
    }
    values.push(value);
    at = end;
    if (!listMarks.has(wordAt(tokens, at))) break;
  }
  return { value: values, defaults, length: at - from };
}

function skipListMarks(tokens: Tokens, from: number): number {
  let at = from;
  while (listMarks.has(wordAt(tokens, at)) && tokens[at]?.kind !== "quoted") at += 1;
  return at;
}

function ruleAfterList(tokens: Tokens, at: number, values: number): boolean {
  if (values === 0) return false;
  return (
    flagPhrases.at(tokens, at) !== undefined ||
    defaultAt(tokens, at) !== undefined ||
    boundAt(tokens, at) !== undefined ||
    /^(a|an|it|which|is|optional)$/.test(wordAt(tokens, at))
  );
}

function endsChoice(tokens: Tokens, at: number): boolean {
  const token = tokens[at];
  if (token?.kind === "mark") return token.word !== "-" && token.word !== "+";
  return token?.kind === "word" && /^(with|which|where|whereby|unless|by|is|but)$/.test(token.word);
}

/** As written when all in capitals or quoted, else in lower case. */
export function choiceText(tokens: Tokens): string {
  const text = textOf(tokens);
  const asWritten = tokens.every((one) => one.kind === "quoted") || /^[A-Z0-9+-]{1,4}$/.test(text);
  return asWritten ? text : text.toLowerCase();
}
