import { choicePhrases } from "./phrases/rule-phrases.ts";
import { ruleAt } from "./read-rules.ts";
import { type Tokens, wordAt } from "./tokens.ts";

/** Separates the elements of a list of fields; rules stay with the field before them. */
export function splitFieldList(tokens: Tokens): readonly Tokens[] {
  const parts: Tokens[] = [];
  const outside = outsideBrackets(tokens);
  let start = 0;
  let choice: "none" | "open" | "last" = "none";
  for (let at = 0; at < tokens.length; at += 1) {
    if (!outside[at]) continue;
    if (choice === "none" && opensChoices(tokens, at)) choice = "open";
    if (!isSeparator(tokens, at)) continue;
    const next = nextStart(tokens, at);
    if (choice === "open" && !startsField(tokens, next)) {
      if (endsChoices(tokens, at, next)) choice = "last";
      continue;
    }
    if (wordAt(tokens, at) === "or" || belongsToField(tokens, next)) continue;
    if (at > start) parts.push(tokens.slice(start, at));
    start = next;
    at = next - 1;
    choice = "none";
  }
  if (start < tokens.length) parts.push(tokens.slice(start));
  return parts;
}

/** `which can be left empty` begins no list of values; `which can be new or used` does. */
function opensChoices(tokens: Tokens, at: number): boolean {
  if (choicePhrases.at(tokens, at) === undefined) return false;
  return !/^(which|that)$/.test(wordAt(tokens, at)) || laterOr(tokens, at);
}

/** For each token, whether it stands outside brackets and quotation marks. */
function outsideBrackets(tokens: Tokens): readonly boolean[] {
  let depth = 0;
  return tokens.map((token) => {
    if (token.kind === "quoted") return false;
    if (token.word === "(") depth += 1;
    if (token.word === ")") depth = Math.max(0, depth - 1);
    return depth === 0;
  });
}

/** `or` comes before the last value of a list; so does `and` when no `or` follows. */
function endsChoices(tokens: Tokens, at: number, next: number): boolean {
  const word = wordAt(tokens, at);
  return word === "or" || (word === "and" && !laterOr(tokens, next));
}

const separators = new Set([",", ";", "and", "plus", "or"]);

function isSeparator(tokens: Tokens, at: number): boolean {
  return (
    separators.has(wordAt(tokens, at)) ||
    (wordAt(tokens, at) === "as" && wordAt(tokens, at + 1) === "well")
  );
}

function nextStart(tokens: Tokens, from: number): number {
  let at = from;
  while (
    at < tokens.length &&
    (separators.has(wordAt(tokens, at)) || /^(well|as|also|finally|then)$/.test(wordAt(tokens, at)))
  )
    at += 1;
  return Math.max(at, from + 1);
}

function startsField(tokens: Tokens, at: number): boolean {
  return /^(a|an|the|its|optional|optionally|any|some|also|whether|when|how)$/.test(
    wordAt(tokens, at),
  );
}

function laterOr(tokens: Tokens, from: number): boolean {
  for (let at = from; at < tokens.length; at += 1) {
    const word = tokens[at]?.word;
    if (word === "or") return true;
    if (word === ";" || startsField(tokens, at)) return false;
  }
  return false;
}

/** The next part says more about the field before: a rule, a relative clause, an upper limit. */
function belongsToField(tokens: Tokens, at: number): boolean {
  const token = tokens[at];
  if (token === undefined) return true;
  if (
    /^(which|that|who|it|is|are|must|may|can|should|not|never|defaults|by|given|stored|kept|e\.g|such|for|with|where|has|has)$/.test(
      token.word,
    )
  )
    return true;
  const rule = ruleAt(tokens, at);
  if (rule === undefined) return token.value !== undefined && token.kind === "number";
  if (rule.value.every((one) => one.kind === "type")) return isBareType(tokens, at, rule.length);
  const after = tokens[at + rule.length];
  const adjective =
    after !== undefined &&
    after.kind !== "mark" &&
    !/^(and|or|but|in|if|by|with|when|of|at|which|to|per|within|as|long|for|unless|each|,)$/.test(
      after.word,
    );
  return !adjective || rule.value.some((one) => one.kind === "default");
}

/** `title, text, required`: a type by itself, not the name of a field such as `link`. */
function isBareType(tokens: Tokens, at: number, length: number): boolean {
  const words = tokens
    .slice(at, at + length)
    .map((token) => token.word)
    .join(" ");
  return /^(text|string|number|whole number|integer|boolean|yes\/no|true\/false|decimal|in (euros|minutes|hours|days|grams|kg|cm|seconds|dollars|pounds|metres|meters))$/.test(
    words,
  );
}
