import { flagPhrases } from "./phrases/rule-phrases.ts";
import { connectives } from "./phrases/sentence-phrases.ts";
import type { Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";

const subordinate = new Set(
  "when if once whenever after while deleting removing given because since as unless".split(" "),
);
const joints = new Set([",", "and", "but", "so"]);
const verbs = new Set(
  "is are has have can may must should cannot belongs belong will was were does do contains contain consists starts start".split(
    " ",
  ),
);
const starters = new Set(
  "a an the each every its their it they no two this these those all both new one".split(" "),
);
const maxSubjectWords = 5;

/** Cuts a sentence where a new subject with its own verb begins: `..., and it may be inside another folder`. */
export function splitClauses(tokens: Tokens, scene: Scene): readonly Tokens[] {
  const clauses: Tokens[] = [];
  let depth = 0;
  let start = 0;
  const subordinated = subordinate.has(wordAt(tokens, 0));
  for (let at = 0; at < tokens.length; at += 1) {
    const word = wordAt(tokens, at);
    if (word === "(") depth += 1;
    if (word === ")") depth = Math.max(0, depth - 1);
    if (depth > 0 || tokens[at]?.kind === "quoted") continue;
    const elided = !subordinated && isElided(tokens, start, at);
    if (elided) {
      clauses.push(tokens.slice(start, at));
      start = at;
      continue;
    }
    const ends =
      word === ";" ||
      (word === ":" && beginsClause(tokens, at + 1, scene)) ||
      (!subordinated &&
        joints.has(word) &&
        hasVerb(tokens, start, at) &&
        beginsClause(tokens, at + 1, scene));
    if (!ends) continue;
    if (at > start) clauses.push(tokens.slice(start, at));
    start = at + 1;
  }
  if (start < tokens.length) clauses.push(tokens.slice(start));
  return clauses
    .map(withSubject)
    .map(withoutConnectives)
    .filter((clause) => clause.length > 0);
}

/** `It takes place at a venue and has a start time`: the second verb shares the subject. */
function isElided(tokens: Tokens, start: number, at: number): boolean {
  if (wordAt(tokens, at) !== "and" || at - start < 3) return false;
  const verb = wordAt(tokens, at + 1);
  const object = wordAt(tokens, at + 2);
  if (!/^(has|have|belongs|belong|refers|consists|contains|includes)$/.test(verb)) return false;
  if (!/^(a|an|the|to|of|its|optional|optionally|many|several|exactly|some|any)$/.test(object))
    return false;
  return !tokens
    .slice(start, at)
    .some((token) => /^(which|that|who|whose|when|if)$/.test(token.word));
}

/** `Full control over books and members is needed` is one clause: there is no verb before `and`. */
function hasVerb(tokens: Tokens, start: number, end: number): boolean {
  return tokens.slice(start, end).some((token) => verbs.has(token.word));
}

function beginsClause(tokens: Tokens, from: number, scene: Scene): boolean {
  let at = from;
  while (joints.has(wordAt(tokens, at))) at += 1;
  const first = wordAt(tokens, at);
  const entity = scene.vocabulary.entityAt(tokens, at);
  if (
    !starters.has(first) &&
    entity === undefined &&
    scene.fieldAt(tokens, at, undefined) === undefined
  )
    return false;
  for (let next = at + 1; next <= at + maxSubjectWords && next < tokens.length; next += 1) {
    const token = tokens[next];
    if (token === undefined || token.kind === "mark" || joints.has(token.word)) return false;
    if (/^(which|that|who|whose|with|of|when)$/.test(token.word) && token.word !== "of")
      return false;
    if (verbs.has(token.word)) return flagPhrases.at(tokens, next) === undefined || next > at;
  }
  return false;
}

/** `and has a start time` -> `it has a start time`. */
function withSubject(tokens: Tokens): Tokens {
  const elided =
    wordAt(tokens, 0) === "and" &&
    /^(has|have|belongs|belong|refers|consists|contains|includes)$/.test(wordAt(tokens, 1));
  return elided ? [{ text: "", word: "it", kind: "word" }, ...tokens.slice(1)] : tokens;
}

/** `Also, ...`, `In addition ...`: words before the sentence proper. */
export function withoutConnectives(tokens: Tokens): Tokens {
  let at = 0;
  for (let more = true; more;) {
    const match = connectives.at(tokens, at);
    more = match !== undefined && at + match.length < tokens.length;
    if (match !== undefined && more) at += match.length;
    while (wordAt(tokens, at) === "," || wordAt(tokens, at) === "-") at += 1;
  }
  let end = tokens.length;
  while (end > at && /^[,:;]$/.test(wordAt(tokens, end - 1))) end -= 1;
  return tokens.slice(at, end);
}
