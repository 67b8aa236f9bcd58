import type { Rule } from "./drafts.ts";
import { choicePhrases } from "./phrases/rule-phrases.ts";
import { choiceText } from "./read-choice.ts";
import { readRules } from "./read-rules.ts";
import { type Token, type Tokens, wordAt } from "./tokens.ts";

/** `status: open, in progress, done` or `size (S, M or L)`: values without any word that says so. */
export function bareValues(tokens: Tokens, at: number, label: string): readonly Rule[] | undefined {
  if (!/^[(:=-]$/.test(wordAt(tokens, at))) return undefined;
  const close = tokens.findIndex((token, index) => index > at && token.word === ")");
  const end = wordAt(tokens, at) === "(" && close > 0 ? close : tokens.length;
  if (wordAt(tokens, at) === "(" && end < tokens.length - 1) return undefined;
  const whole = readRules(tokens.slice(at + 1, end), 0);
  if (whole.rest.length === 0 && whole.rules.length > 0) return undefined;
  const parts = splitValues(tokens.slice(at + 1, end));
  const closed =
    /(^| )(status|state|type|kind|category|priority|size|severity|format|level|phase|stage|genre|difficulty|unit|season|condition|light|mood)$/.test(
      label,
    );
  if (parts.length < 2 || parts.some((part) => part.length > 3)) return undefined;
  const values: string[] = [];
  const rules: Rule[] = [];
  for (const part of parts) {
    const read = readRules(part, 0);
    const isRule = read.rest.length === 0 && read.rules.length > 0 && !choicePhrases.at(part, 0);
    if (isRule) rules.push(...read.rules);
    else if (read.rules.length > 0) return undefined;
    else values.push(choiceText(part));
  }
  if (values.length < 2 || (!closed && rules.length > 0)) return undefined;
  return [{ kind: "choice", values }, ...rules];
}

function splitValues(tokens: Tokens): readonly Tokens[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind !== "quoted" && /^([,/|]|or|and)$/.test(token.word)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
