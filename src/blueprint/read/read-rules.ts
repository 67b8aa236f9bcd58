import type { Rule } from "./drafts.ts";
import { flagPhrases, ruleFillers } from "./phrases/rule-phrases.ts";
import { typePhrases } from "./phrases/type-phrases.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";
import { type Taken, boundAt } from "./read-bound.ts";
import { defaultAt } from "./read-default.ts";
import { choiceAt } from "./read-choice.ts";

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
