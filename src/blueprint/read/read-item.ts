import type { Sentence } from "../../delivery/requirements/document.ts";
import type { Fact } from "./facts.ts";
import { startsWithVerb } from "./find-entities.ts";
import { type Lead } from "./lead-ins.ts";
import { readClause } from "./read-clause.ts";
import { readFieldList } from "./read-having.ts";
import type { Clause } from "./scene.ts";
import { withoutConnectives } from "./split-clauses.ts";
import { type Tokens, wordAt } from "./tokens.ts";
import { type Walk, clauseOf, reading, splitOnSemicolon } from "./walk.ts";

/** An item of a list by its lead and its form; undefined when it reads as any sentence. */
export function readItem(
  sentence: Sentence,
  tokens: Tokens,
  lead: Exclude<Lead, { kind: "values" }>,
  walk: Walk,
): readonly Fact[] | undefined {
  const whole = withoutConnectives(tokens);
  const inline = entityInLine(sentence, whole, walk);
  if (inline !== undefined) return inline;
  const labelled = withoutLabel(whole, walk);
  if (lead.kind === "operations") {
    const clause: Clause = {
      ...clauseOf(sentence, whole, walk),
      form: "operation",
      actor: lead.actor,
      topic: lead.entity ?? walk.topic,
    };
    return reading(
      [...splitOnSemicolon(whole)].map((part) => ({ ...clause, tokens: part })),
      walk,
    );
  }
  if (lead.kind === "fields") {
    const clause: Clause = {
      ...clauseOf(sentence, tokens, walk),
      form: "field",
      topic: lead.entity,
      stance: lead.stance,
    };
    const facts = readClause(clause, walk.scene);
    return facts;
  }
  const field = fieldItem(sentence, whole, lead.entity, walk);
  if (field !== undefined) return field;
  if (startsWithVerb(labelled) && labelled.length > 1) {
    const clause: Clause = { ...clauseOf(sentence, labelled, walk), form: "operation" };
    return reading(
      splitOnSemicolon(labelled).map((part) => ({ ...clause, tokens: part })),
      walk,
    );
  }
  return labelled.length < whole.length
    ? reading([{ ...clauseOf(sentence, labelled, walk) }], walk)
    : undefined;
}

/** `cooking time: in minutes` under a heading that names the entity. */
function fieldItem(
  sentence: Sentence,
  tokens: Tokens,
  entity: string | undefined,
  walk: Walk,
): readonly Fact[] | undefined {
  if (entity === undefined || !looksLikeField(tokens) || startsWithVerb(tokens)) return undefined;
  return readClause(
    { ...clauseOf(sentence, tokens, walk), form: "field", topic: entity },
    walk.scene,
  );
}

function looksLikeField(tokens: Tokens): boolean {
  const mark = tokens.findIndex((token) => /^[:(-]$/.test(token.word));
  return (
    (mark >= 1 && mark <= 5) ||
    (tokens.length <= 4 &&
      !tokens.some((token) => /^(is|are|can|may|must|has|have)$/.test(token.word)))
  );
}

/** `Bookmark: title, address` as an item by itself. */
function entityInLine(sentence: Sentence, tokens: Tokens, walk: Walk): readonly Fact[] | undefined {
  const entity = walk.scene.subjectAt(tokens, 0, undefined);
  const mark = tokens[entity?.length ?? -1]?.word;
  if (entity === undefined || mark === undefined || !/^[:(-]$/.test(mark)) return undefined;
  const body = tokens
    .slice(entity.length + 1)
    .filter((token, at, rest) => !(mark === "(" && at === rest.length - 1 && token.word === ")"));
  if (startsWithVerb(body) || body.length === 0) return undefined;
  walk.topic = entity.value;
  if (
    /^(a|an|the|every|each|it|someone|something)$/.test(wordAt(body, 0)) &&
    !body.some((token) => token.word === ",")
  )
    return undefined;
  return readFieldList(body, entity.value, "plain", clauseOf(sentence, body, walk), walk.scene);
}

/** `Search: find bookmarks by title`: the label before a full wish. */
function withoutLabel(tokens: Tokens, walk: Walk): Tokens {
  const colon = tokens.findIndex((token) => token.word === ":" || token.word === "-");
  if (colon < 1 || colon > 4 || colon >= tokens.length - 2) return tokens;
  const body = tokens.slice(colon + 1);
  const sentenceLike =
    startsWithVerb(body) ||
    walk.scene.subjectAt(body, 0, undefined) !== undefined ||
    /^(as|it|the|every|no|each|a|one|users?|readers?)$/.test(wordAt(body, 0));
  return sentenceLike && walk.scene.fieldAt(tokens, 0, walk.topic)?.length !== colon
    ? body
    : tokens;
}
