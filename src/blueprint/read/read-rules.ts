import type { Rule } from "./drafts.ts";
import {
  boundAfter,
  boundBefore,
  choicePhrases,
  defaultAfter,
  defaultPhrases,
  flagPhrases,
  measures,
  nowPhrases,
  ruleFillers,
  type BoundEnd,
} from "./phrases/rule-phrases.ts";
import { typePhrases } from "./phrases/type-phrases.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";

/** Something understood at a token, and how many tokens it took. */
export interface Taken<T> {
  readonly value: T;
  readonly length: number;
}

/** What a stretch of text says about a field. `rest`: the parts that were not understood. */
export interface RulesRead {
  readonly rules: readonly Rule[];
  readonly rest: readonly string[];
}

/** Reads rules from `from` to the end of `tokens`. A rule after a `not` that no phrase took is left unread: it means the opposite. */
export function readRules(tokens: Tokens, from: number): RulesRead {
  const rules: Rule[] = [];
  const rest: string[] = [];
  let unread = -1;
  let negated = false;
  const flush = (at: number): void => {
    if (unread >= 0) rest.push(textOf(tokens, unread, at));
    unread = -1;
  };
  for (let at = from; at < tokens.length;) {
    const taken = ruleAt(tokens, at);
    if (taken !== undefined && negated) {
      unread = unread < 0 ? at : unread;
      at += taken.length;
      negated = false;
    } else if (taken !== undefined) {
      flush(at);
      rules.push(...taken.value);
      at += taken.length;
    } else {
      negated = negates(tokens, at, negated);
      if (isFiller(tokens, at) && !negated) flush(at);
      else if (unread < 0) unread = at;
      at += 1;
    }
  }
  flush(tokens.length);
  return { rules, rest };
}

function negates(tokens: Tokens, at: number, before: boolean): boolean {
  const word = wordAt(tokens, at);
  if (/^(not|never|without)$/.test(word)) return true;
  return before && !/^(,|;|but|\))$/.test(word);
}

function isFiller(tokens: Tokens, at: number): boolean {
  const token = tokens[at];
  return token === undefined || (token.kind !== "quoted" && ruleFillers.has(token.word));
}

/** The rule that starts at a token, if one does. */
export function ruleAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  return (
    choiceAt(tokens, at) ??
    defaultAt(tokens, at) ??
    boundAt(tokens, at) ??
    flagAt(tokens, at) ??
    typeAt(tokens, at)
  );
}

function flagAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const match = flagPhrases.at(tokens, at);
  if (match === undefined) return undefined;
  return { value: [{ kind: "flag", flag: match.value }], length: match.length };
}

function typeAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const valid = wordAt(tokens, at) === "valid" ? 1 : 0;
  const match = typePhrases.at(tokens, at + valid);
  if (match === undefined) return undefined;
  return { value: [{ kind: "type", type: match.value }], length: match.length + valid };
}

function numberAt(tokens: Tokens, at: number): Taken<number> | undefined {
  const currency = /^[€$£]$/.test(wordAt(tokens, at)) ? 1 : 0;
  const value = tokens[at + currency]?.value;
  return value === undefined ? undefined : { value, length: currency + 1 };
}

function boundAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  return rangeAt(tokens, at) ?? oneBoundAt(tokens, at) ?? trailingBoundAt(tokens, at);
}

const rangeStart = new Set(["between", "from"]);
const rangeMiddle = new Set(["and", "to", "-", "up", "until", "through"]);

function rangeAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  let next = at + (rangeStart.has(wordAt(tokens, at)) ? 1 : 0);
  const low = numberAt(tokens, next);
  if (low === undefined) return undefined;
  next += low.length;
  const lowMeasure = measures.at(tokens, next);
  if (lowMeasure !== undefined && rangeMiddle.has(wordAt(tokens, next + lowMeasure.length)))
    next += lowMeasure.length;
  if (!rangeMiddle.has(wordAt(tokens, next))) return undefined;
  next += wordAt(tokens, next) === "up" && wordAt(tokens, next + 1) === "to" ? 2 : 1;
  const high = numberAt(tokens, next);
  if (high === undefined) return undefined;
  next += high.length;
  const measure = measures.at(tokens, next);
  return {
    value: [
      { kind: "bound", of: measure?.value ?? "value", minimum: low.value, maximum: high.value },
    ],
    length: next + (measure?.length ?? 0) - at,
  };
}

function oneBoundAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const end = boundBefore.at(tokens, at);
  if (end === undefined) return undefined;
  const skip = wordAt(tokens, at + end.length) === ":" ? 1 : 0;
  const number = numberAt(tokens, at + end.length + skip);
  if (number === undefined) return undefined;
  const next = at + end.length + skip + number.length;
  const measure = measures.at(tokens, next);
  return {
    value: [bound(end.value, number.value, measure?.value ?? "value")],
    length: next + (measure?.length ?? 0) - at,
  };
}

/** `5 or more`, `200 characters at most`, `1 to 5` being a range already. */
function trailingBoundAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const number = numberAt(tokens, at);
  if (number === undefined) return undefined;
  const next = at + number.length;
  const before = measures.at(tokens, next);
  const end = boundAfter.at(tokens, next + (before?.length ?? 0));
  if (end === undefined) {
    if (before?.value !== "characters") return undefined;
    return {
      value: [bound("exact", number.value, "characters")],
      length: next + before.length - at,
    };
  }
  const afterEnd = next + (before?.length ?? 0) + end.length;
  const after = before === undefined ? measures.at(tokens, afterEnd) : undefined;
  return {
    value: [bound(end.value, number.value, before?.value ?? after?.value ?? "value")],
    length: afterEnd + (after?.length ?? 0) - at,
  };
}

function bound(end: BoundEnd, value: number, of: "characters" | "items" | "value"): Rule {
  switch (end) {
    case "minimum":
      return { kind: "bound", of, minimum: value };
    case "maximum":
      return { kind: "bound", of, maximum: value };
    case "exact":
      return { kind: "bound", of, minimum: value, maximum: value };
    case "below":
      return { kind: "bound", of, maximum: value, exclusive: true };
    case "above":
      return { kind: "bound", of, minimum: value, exclusive: true };
  }
}

const maxValueTokens = 4;

function isValueEnd(tokens: Tokens, at: number): boolean {
  const token = tokens[at];
  return token === undefined || (token.kind === "mark" && token.word !== "-");
}

function defaultAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
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

const listMarks = new Set([",", "/", "|", "or", "and", "and/or"]);

function choiceAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
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
