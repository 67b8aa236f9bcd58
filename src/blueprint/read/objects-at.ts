import { quantifiers } from "./phrases/operation-phrases.ts";
import type { Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";
import { verbAt } from "./verbs-at.ts";

/** An entity that something is done with; `plural`: with several of them. */
export interface ObjectEntity {
  readonly value: string;
  readonly plural: boolean;
}

/** The entity spoken of, as an object. */
export function topicEntity(topic: string | undefined): readonly ObjectEntity[] {
  return topic === undefined ? [] : [{ value: topic, plural: true }];
}

/** Objects of a verb; `adjectives` stand before them: `unread`. */
export interface Objects {
  readonly entities: readonly ObjectEntity[];
  readonly adjectives: readonly string[];
  readonly end: number;
}

const maxAdjectives = 3;

/** The objects that begin at a token, with their articles; undefined when there is no entity. */
export function objectsAt(
  tokens: Tokens,
  from: number,
  scene: Scene,
  topic: string | undefined,
): Objects | undefined {
  const entities: ObjectEntity[] = [];
  const adjectives: string[] = [];
  let at = from;
  let end = from;
  for (;;) {
    const one = oneObject(tokens, at, scene, topic);
    if (one === undefined) break;
    entities.push(one.entity);
    adjectives.push(...one.adjectives);
    end = one.end;
    at = end;
    if (!/^(,|and|or)$/.test(wordAt(tokens, at))) break;
    while (/^(,|and|or)$/.test(wordAt(tokens, at))) at += 1;
    if (
      verbAt(tokens, at, false) !== undefined &&
      scene.vocabulary.entityAt(tokens, at) === undefined
    )
      break;
  }
  return entities.length === 0 ? undefined : { entities, adjectives, end };
}

function oneObject(
  tokens: Tokens,
  from: number,
  scene: Scene,
  topic: string | undefined,
): { entity: ObjectEntity; adjectives: readonly string[]; end: number } | undefined {
  let at = skipQuantifiers(tokens, from);
  const pronoun = wordAt(tokens, from);
  if (
    /^(it|them|these|those|one)$/.test(pronoun) &&
    topic !== undefined &&
    scene.vocabulary.entityAt(tokens, at) === undefined &&
    at <= from + 1
  )
    return { entity: { value: topic, plural: pronoun !== "it" }, adjectives: [], end: from + 1 };
  const owner = ownerOfField(tokens, at, scene, topic);
  if (owner !== undefined) return owner;
  const adjectives: string[] = [];
  for (let count = 0; count <= maxAdjectives * 2; count += 1) {
    const entity = scene.vocabulary.entityAt(tokens, at);
    if (entity !== undefined && scene.fieldAt(tokens, from, topic)?.entity !== topic)
      return { entity, adjectives, end: at + entity.length };
    if (
      entity !== undefined &&
      (at > from || topic === undefined || entity.value === topic || entity.plural)
    )
      return { entity, adjectives, end: at + entity.length };
    const token = tokens[at];
    if (
      token?.kind !== "word" ||
      /^(by|in|of|to|as|with|for|from|on|that|which|whose|how|when|per|there|through|into|between)$/.test(
        token.word,
      )
    )
      return undefined;
    if (!/^(or|and|only|the|just)$/.test(token.word)) adjectives.push(token.word);
    at = skipQuantifiers(tokens, at + 1);
  }
  return undefined;
}

/** `the priority of a ticket`: the ticket. */
function ownerOfField(
  tokens: Tokens,
  at: number,
  scene: Scene,
  topic: string | undefined,
): { entity: ObjectEntity; adjectives: readonly string[]; end: number } | undefined {
  let next = at;
  for (;;) {
    const field = scene.fieldAt(tokens, next, topic);
    if (field === undefined) return undefined;
    next += field.length;
    if (!/^(,|and|or)$/.test(wordAt(tokens, next))) break;
    while (/^(,|and|or|the|its)$/.test(wordAt(tokens, next))) next += 1;
  }
  if (!/^(of|for|on)$/.test(wordAt(tokens, next))) return undefined;
  const owner = scene.subjectAt(tokens, next + 1, undefined);
  return owner === undefined
    ? undefined
    : {
        entity: { value: owner.value, plural: owner.plural },
        adjectives: [],
        end: next + 1 + owner.length,
      };
}

function skipQuantifiers(tokens: Tokens, from: number): number {
  let at = from;
  for (
    let match = quantifiers.at(tokens, at);
    match !== undefined;
    match = quantifiers.at(tokens, at)
  )
    at += match.length;
  return at;
}
