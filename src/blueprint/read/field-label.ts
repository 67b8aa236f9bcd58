import { ruleAt } from "./read-rules.ts";
import { textOf, type Token, type Tokens } from "./tokens.ts";

const maxLabelWords = 5;

/** Whether a token can be part of a name. */
export function isLabelWord(token: Token | undefined): boolean {
  return (
    token !== undefined &&
    (token.kind === "word" || token.kind === "quoted") &&
    !labelStops.has(token.word)
  );
}

const labelStops = new Set(
  (
    "which that who whose where when while if is are was were be must may can could should will has have in at by with without as from to for on per " +
    "between up and or but not it they this these than unless until because so plus out"
  ).split(" "),
);

/** Where the name that begins at `from` ends. `predicate`: what follows `is`, as in `is due for review`. */
export function labelEnd(tokens: Tokens, from: number, predicate: boolean): number {
  let at = from;
  while (at < tokens.length && at - from < maxLabelWords) {
    const token = tokens[at];
    if (token === undefined || token.kind === "mark" || token.kind === "number") break;
    if (token.word === "of" && at > from && !predicate) {
      if (!continuesOf(tokens, at)) break;
    } else if (
      labelStops.has(token.word) &&
      !(predicate && at > from && /^(for|in|on|to|of)$/.test(token.word))
    )
      break;
    else if (at > from && stopsAsRule(tokens, at)) break;
    at += 1;
  }
  return at;
}

/** `date of birth` goes on; `notes of up to 200 characters` and `title of the book` do not. */
function continuesOf(tokens: Tokens, at: number): boolean {
  const next = tokens[at + 1];
  return (
    isLabelWord(next) &&
    !/^(a|an|the|each|its|any|every|this|these|that)$/.test(next?.word ?? "") &&
    ruleAt(tokens, at + 1) === undefined &&
    next?.value === undefined
  );
}

/** A rule phrase ends the name, unless it is a word for a type, as in `start date`. */
function stopsAsRule(tokens: Tokens, at: number): boolean {
  const taken = ruleAt(tokens, at);
  if (taken === undefined) return false;
  return !taken.value.every((rule) => rule.kind === "type");
}

/** A name as it is known from here on: in lower case, without spellings. */
export function labelText(tokens: Tokens, from: number, to: number): string {
  return textOf(tokens, from, to).toLowerCase().replaceAll("e-mail", "email").replaceAll("_", " ");
}
