import type { Fact } from "./facts.ts";
import { singularOf } from "./names.ts";
import { phrases } from "./phrase-table.ts";
import { participles } from "./phrases/operation-phrases.ts";
import { choicePhrases, defaultAfter } from "./phrases/rule-phrases.ts";
import { articles, ownerAfter } from "./read-field-rule.ts";
import { choiceText } from "./read-choice.ts";
import { ruleAt } from "./read-rules.ts";
import type { Clause, ClauseReader, FieldMention, Scene } from "./scene.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";

const becoming = phrases(
  "is | are | starts as | start as | starts out as | start out as | starts | start | is always | are always | begins as | begin as | starts with status | starts with the status | start with the status | is first | gets the status | get the status | have the status | has the status | is created as | are created as | starts in the status | will be | should be | starts in status | must be | begins",
);

/** `A new ticket is open`, `Bookmarks start as unread`: the state is bound to a field later. */
export const readInitialState: ClauseReader = (clause, scene) => {
  const { tokens } = clause;
  const isNew = tokens.slice(0, 3).some((token) => token.word === "new" || token.word === "newly");
  const subject = scene.subjectAt(newlyAdded(tokens), 0, clause.topic);
  if (subject === undefined) return undefined;
  const plain = newlyAdded(tokens);
  const verb = becoming.at(plain, subject.length);
  if (verb === undefined) return undefined;
  const starts = /^(starts|start|begins|begin)/.test(wordAt(plain, subject.length)) || isNew;
  const from = subject.length + verb.length;
  const states: string[] = [];
  let at = from;
  let trailing = false;
  while (at < plain.length) {
    const after = defaultAfter.at(plain, at);
    if (after !== undefined) {
      trailing = true;
      at += after.length;
      continue;
    }
    const start = at;
    while (at < plain.length && !/^(,|and|or|by|unless|at|when)$/.test(wordAt(plain, at))) at += 1;
    if (at > start) states.push(choiceText(plain.slice(start, at)));
    else if (!/^(,|and)$/.test(wordAt(plain, at))) return undefined;
    else at += 1;
  }
  if (!(starts || trailing) || states.length === 0 || states.length > 3) return undefined;
  if (states.some((state) => state.split(" ").length > 3)) return undefined;
  return states.map((state): Fact => ({
    kind: "initial-state",
    entity: subject.value,
    state,
    sentence: clause.sentence,
  }));
};

function newlyAdded(tokens: Tokens): Tokens {
  return tokens.filter((token) => !/^(new|newly|created|added|fresh|just)$/.test(token.word));
}

const ofKind = phrases(
  "is of one | is one of these | has one of these | is of a | belongs to one of these | is of one of these | is of",
);

/** `Each event is of one kind: concert, market or talk`. */
function namedChoice(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  const subject = scene.subjectAt(tokens, 0, clause.topic);
  const of = subject === undefined ? undefined : ofKind.at(tokens, subject.length);
  if (subject === undefined || of === undefined) return undefined;
  const at = subject.length + of.length;
  const label = tokens[at];
  if (label?.kind !== "word" || wordAt(tokens, at + 1) !== ":") return undefined;
  const values = listedValues(tokens.slice(at + 2), scene);
  if (values === undefined) return undefined;
  return [
    {
      kind: "field",
      entity: subject.value,
      label: singularOf(label.word),
      rules: [{ kind: "choice", values }],
      stance: "plain",
      sentence: clause.sentence,
    },
  ];
}

const statusOf = phrases("the status of | the state of | status of");

/** `A ticket is open, in progress or closed`, `Its status can be open or closed`: values without `one of`. */
export const readStates: ClauseReader = (clause, scene) => {
  const named = namedChoice(clause, scene);
  if (named !== undefined) return named;
  const { tokens } = clause;
  const status = statusOf.at(tokens, 0);
  const subject = scene.subjectAt(tokens, status?.length ?? 0, clause.topic);
  if (subject === undefined) return fieldChoices(clause, scene);
  const at = (status?.length ?? 0) + subject.length;
  const verb = /^(is|are|can|may)$/.test(wordAt(tokens, at))
    ? 1 + (wordAt(tokens, at + 1) === "be" ? 1 : 0)
    : 0;
  if (verb === 0) return undefined;
  const either = choicePhrases.at(tokens, at + verb)?.length ?? 0;
  const values = listedValues(tokens.slice(at + verb + either), scene);
  if (values === undefined) return undefined;
  return [
    {
      kind: "field",
      entity: subject.value,
      label: "status",
      rules: [{ kind: "choice", values }],
      stance: "plain",
      sentence: clause.sentence,
    },
  ];
};

/** `The priority is low, normal or high`. */
function fieldChoices(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  let at = 0;
  while (articles.has(wordAt(tokens, at))) at += 1;
  const field = scene.fieldAt(tokens, at, clause.topic) ?? unnamedChoice(clause, at, scene);
  if (field === undefined) return undefined;
  at = ownerAfter(tokens, at + field.length, scene)?.end ?? at + field.length;
  if (!/^(is|are|can|may)$/.test(wordAt(tokens, at))) return undefined;
  at += wordAt(tokens, at + 1) === "be" ? 2 : 1;
  at += choicePhrases.at(tokens, at)?.length ?? 0;
  const values = listedValues(tokens.slice(at), scene);
  if (values === undefined) return undefined;
  return [
    {
      kind: "field",
      entity: field.entity,
      label: field.label,
      rules: [{ kind: "choice", values }],
      stance: "plain",
      sentence: clause.sentence,
    },
  ];
}

/** `The status is one of ...`: a field that nothing named before, of the entity spoken of. */
function unnamedChoice(clause: Clause, at: number, scene: Scene): FieldMention | undefined {
  const { tokens, topic } = clause;
  if (topic === undefined || !/^(the|its|a|an)$/.test(wordAt(tokens, 0))) return undefined;
  const copula = tokens.findIndex(
    (token, index) => index > at && /^(is|are|can|may)$/.test(token.word),
  );
  if (copula < at + 1 || copula > at + 2 || scene.vocabulary.entityAt(tokens, at) !== undefined)
    return undefined;
  return { entity: topic, label: textOf(tokens, at, copula).toLowerCase(), length: copula - at };
}

/** Words that are no states of a thing, so that `is required, unique or empty` is no list of values. */
function listedValues(tokens: Tokens, scene: Scene): readonly string[] | undefined {
  if (!tokens.some((token) => token.word === "or")) return undefined;
  const parts: Tokens[] = [];
  let part: Tokens = [];
  for (const token of tokens) {
    if (token.kind !== "quoted" && /^(,|or)$/.test(token.word)) {
      if (part.length > 0) parts.push(part);
      part = [];
    } else part = [...part, token];
  }
  if (part.length > 0) parts.push(part);
  const bad = parts.some((part) => !isState(part, scene));
  return bad || parts.length < 2 ? undefined : parts.map((one) => choiceText(one));
}

/** One to three words that are neither a rule, nor an entity, nor something done to it. */
function isState(part: Tokens, scene: Scene): boolean {
  if (part.length > 3 || ruleAt(part, 0) !== undefined) return false;
  if (participles.at(part, 0) !== undefined) return false;
  if (part.some((token) => token.kind === "mark" || notInStates.has(token.word))) return false;
  return scene.vocabulary.firstIn(part) === undefined;
}

const notInStates = new Set("the a an by can may with it".split(" "));
