import { modalPhrases, possibilityPhrases } from "./phrases/sentence-phrases.ts";
import type { Clause } from "./scene.ts";
import { type Tokens, textOf, wordAt } from "./tokens.ts";
import { verbAt } from "./verbs-at.ts";

interface Start {
  readonly at: number;
  readonly actor: string | undefined;
}

const maxActorWords = 4;

/** Skips `A reader can`, `It should be possible to`, `The service lets users`. */
export function activeStart(clause: Clause): Start | undefined {
  const { tokens } = clause;
  const possible = possibilityPhrases.at(tokens, 0);
  if (clause.form === "operation")
    return { at: skipAnd(tokens, possible?.length ?? 0), actor: clause.actor };
  if (possible !== undefined && /^(it|there)$/.test(wordAt(tokens, 0)))
    return { at: skipAnd(tokens, possible.length), actor: clause.actor };
  const letting = lettingStart(tokens, clause.actor);
  if (letting !== undefined) return letting;
  // `As an agent I want to ...` is a frame of its own, taken off before.
  const last = wordAt(tokens, 0) === "as" ? -1 : maxActorWords;
  for (let at = 0; at <= last && at < tokens.length; at += 1) {
    const modal = modalPhrases.at(tokens, at) ?? possibilityPhrases.at(tokens, at);
    if (modal === undefined || at === 0) continue;
    const actor = tokens.slice(0, at);
    if (/^(nobody|none|no|neither|never|not)$/.test(wordAt(tokens, 0))) return undefined;
    if (actor.some((token) => token.kind === "mark")) break;
    const next = at + modal.length;
    if (/^(be|not|have|been)$/.test(wordAt(tokens, next))) return undefined;
    const nested = possibilityPhrases.at(tokens, next);
    return {
      at: skipAnd(tokens, next + (nested?.length ?? 0)),
      actor: actorName(actor) ?? clause.actor,
    };
  }
  if (possible !== undefined) return { at: skipAnd(tokens, possible.length), actor: clause.actor };
  return { at: 0, actor: clause.actor };
}

/** `The service lets readers search ...`. */
function lettingStart(tokens: Tokens, actor: string | undefined): Start | undefined {
  const at = tokens
    .slice(0, maxActorWords)
    .findIndex((token) => /^(lets|allows|enables)$/.test(token.word));
  if (at < 0) return undefined;
  for (let length = 1; length <= 3; length += 1) {
    const from = skipAnd(tokens, at + 1 + length);
    if (verbAt(tokens, from, false) === undefined) continue;
    return { at: from, actor: actorName(tokens.slice(at + 1, at + 1 + length)) ?? actor };
  }
  return undefined;
}

function skipAnd(tokens: Tokens, from: number): number {
  let at = from;
  while (
    /^(to|also|easily|quickly|then|be|able|simply|the|ability|only|just|both)$/.test(
      wordAt(tokens, at),
    ) &&
    tokens[at]?.text !== ""
  )
    at += 1;
  return at;
}

/** `A reader` -> `reader`; nobody in particular: undefined. */
export function actorName(tokens: Tokens): string | undefined {
  const words = tokens.filter(
    (token) => !/^(a|an|the|all|every|each|any|our|my|only|with|token)$/.test(token.word),
  );
  const name = textOf(words).toLowerCase();
  if (
    name === "" ||
    /^(it|we|i|you|one|they|there|people|users?|system|service|app|api|product|everyone|everybody|anyone|website|application|software|program|platform|clients?|that|this|who)$/.test(
      name,
    )
  )
    return undefined;
  return name;
}
