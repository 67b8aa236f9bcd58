import {
  type Verb,
  actionParticiples,
  actionVerbs,
  markParticiples,
  markVerbs,
  participles,
  verbPhrases,
} from "./phrases/operation-phrases.ts";
import type { Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";

/** A verb and what kind of operation it asks for; `action` for verbs that change a state. */
export interface VerbAt {
  readonly verb: Verb | "mark";
  readonly action: ReturnType<typeof actionVerbs.at>;
  readonly length: number;
}

/** The verb at a token, as a participle when `passive`. */
export function verbAt(tokens: Tokens, at: number, passive: boolean): VerbAt | undefined {
  const mark = (passive ? markParticiples : markVerbs).at(tokens, at);
  if (mark !== undefined && marksState(tokens, at + mark.length))
    return { verb: "mark", action: undefined, length: mark.length };
  const verb = (passive ? participles : verbPhrases).at(tokens, at);
  const action = (passive ? actionParticiples : actionVerbs).at(tokens, at);
  if (action !== undefined && action.length >= (verb?.length ?? 0))
    return { verb: "update", action, length: action.length };
  return verb === undefined
    ? undefined
    : { verb: verb.value, action: undefined, length: verb.length };
}

function marksState(tokens: Tokens, from: number): boolean {
  for (let at = from; at < Math.min(tokens.length, from + 8); at += 1)
    if (/^(as|to)$/.test(wordAt(tokens, at))) return true;
  return false;
}

/** Verbs that share their objects: `create, look at and delete`. */
export function verbGroup(
  tokens: Tokens,
  from: number,
  passive: boolean,
): { readonly verbs: readonly VerbAt[]; readonly end: number } {
  const verbs: VerbAt[] = [];
  let at = from;
  let end = from;
  for (;;) {
    const verb = verbAt(tokens, at, passive);
    if (verb === undefined) break;
    verbs.push(verb);
    end = at + verb.length;
    at = end;
    while (/^(,|and|or|\/|then|be|also|and\/or|to|later)$/.test(wordAt(tokens, at))) at += 1;
    if (at === end || verb.verb === "mark") break;
  }
  return { verbs, end };
}

/** Index at which the next verb begins after a comma or `and`; the end otherwise. */
export function nextGroup(tokens: Tokens, from: number, passive: boolean, scene: Scene): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const word = wordAt(tokens, at);
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    if (depth > 0 || !/^(,|and|or|;|then)$/.test(word)) continue;
    let next = at;
    while (/^(,|and|or|;|then|also|to|be|but)$/.test(wordAt(tokens, next))) next += 1;
    const verb = verbAt(tokens, next, passive);
    if (verb === undefined || scene.fieldAt(tokens, next, undefined) !== undefined) continue;
    const after = tokens[next + verb.length];
    const bare = after === undefined || /^(,|and|or|\(|\))$/.test(after.word);
    // `sort by title, rating or order`: a lone noun at the end of a list is no verb.
    if (bare && !passive && !/^(it|them)$/.test(after?.word ?? "") && !isUnmistakable(tokens, next))
      continue;
    return at;
  }
  return tokens.length;
}

function isUnmistakable(tokens: Tokens, at: number): boolean {
  return /^(delete|edit|remove|create|update|search|export|import|archive|unarchive|sort|look)$/.test(
    wordAt(tokens, at),
  );
}
