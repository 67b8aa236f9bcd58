import type { Rule } from "./drafts.ts";
import { unread, type Fact } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import { readField } from "./read-field.ts";
import { readRules } from "./read-rules.ts";
import type { Clause, ClauseReader, FieldMention, Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";

/** Words before the name of a field. */
export const articles = new Set(
  "a an the its their each every all any both of one our own".split(" "),
);

/** `The address must be unique`, `Titles are at most 200 characters long`, `A bookmark's notes may be left empty`. */
export const readFieldRule: ClauseReader = (clause, scene) => {
  const subject = fieldSubject(clause, scene);
  if (subject === undefined) return undefined;
  const verb = copulaAt(clause.tokens, subject.end);
  if (verb === undefined) return undefined;
  const { rules, rest } = readRules(verb.tokens, verb.from);
  const all = [...subject.rules, ...rules];
  if (all.length === 0) return undefined;
  return [
    ...subject.fields.map((field): Fact => ({
      kind: "field",
      entity: field.entity,
      label: field.label,
      rules: all,
      stance: "plain",
      sentence: clause.sentence,
    })),
    ...unread(clause.sentence, [...subject.rest, ...rest]),
  ];
};

interface FieldSubject {
  readonly fields: readonly Pick<FieldMention, "entity" | "label">[];
  readonly rules: readonly Rule[];
  readonly rest: readonly string[];
  readonly end: number;
}

function fieldSubject(clause: Clause, scene: Scene): FieldSubject | undefined {
  return knownFields(clause, scene) ?? fieldsBefore(clause) ?? newField(clause, scene);
}

/** `Both are required`, `It must not be longer than 60 characters`: fields of the sentence before. */
function fieldsBefore({ tokens, recent }: Clause): FieldSubject | undefined {
  const all = allOfThem.at(tokens, 0);
  const one = /^(it|this|that)$/.test(wordAt(tokens, 0)) && recent.length === 1 ? 1 : 0;
  const end = all?.length ?? one;
  if (end === 0 || recent.length === 0 || copulaWord(tokens, end) === 0) return undefined;
  return { fields: recent, rules: [], rest: [], end };
}

const allOfThem = phrases(
  "both | both of them | both fields | all of them | all of these | all fields | all of these fields | they all | all three | all four",
);

function knownFields(clause: Clause, scene: Scene): FieldSubject | undefined {
  const { tokens } = clause;
  const owner = ownerBefore(tokens, scene);
  const topic = owner?.entity ?? clause.topic;
  const from = owner?.length ?? (wordAt(tokens, 0) === "only" ? 1 : 0);
  const { fields, end } = listedFields(tokens, from, topic, scene);
  if (fields.length === 0) return undefined;
  const after = ownerAfter(tokens, end, scene);
  const entity = after?.entity;
  const bound =
    entity === undefined
      ? fields
      : fields.map((field) => scene.fieldAt(tokensOf(field.label, tokens), 0, entity) ?? field);
  const between = rulesUntilCopula(tokens, after?.end ?? end);
  return { fields: bound, rules: between.rules, rest: between.rest, end: between.end };
}

/** `the title and the author`; a plural such as `names` stands for all fields that end so. */
function listedFields(
  tokens: Tokens,
  from: number,
  topic: string | undefined,
  scene: Scene,
): { readonly fields: readonly FieldMention[]; readonly end: number } {
  const fields: FieldMention[] = [];
  let at = from;
  for (;;) {
    while (articles.has(wordAt(tokens, at))) at += 1;
    const field = scene.fieldAt(tokens, at, topic);
    if (field === undefined) break;
    // `members is needed` speaks of members, not of the member of a loan.
    if (scene.vocabulary.entityAt(tokens, at) !== undefined && field.entity !== topic) break;
    fields.push(field);
    at += field.length;
    if (!/^(,|and|or)$/.test(wordAt(tokens, at))) break;
    while (/^(,|and|or)$/.test(wordAt(tokens, at))) at += 1;
  }
  if (fields.length > 0 || topic === undefined) return { fields, end: at };
  const several = scene.fieldsEndingIn(tokens[at], topic);
  return { fields: several.map((label) => ({ entity: topic, label, length: 1 })), end: at + 1 };
}

function tokensOf(label: string, tokens: Tokens): Tokens {
  const words = label.split(" ");
  return words.map(
    (word) =>
      tokens.find((token) => token.word === word) ?? { text: word, word, kind: "word" as const },
  );
}

/** `A bookmark's title`. */
function ownerBefore(tokens: Tokens, scene: Scene): { entity: string; length: number } | undefined {
  let at = 0;
  while (articles.has(wordAt(tokens, at))) at += 1;
  const token = tokens[at];
  if (token === undefined || !/['’]s?$/.test(token.text)) return undefined;
  const entity = scene.vocabulary.entityAt(tokens, at);
  return entity === undefined ? undefined : { entity: entity.value, length: at + entity.length };
}

/** `The title of a bookmark`: whose field it is, and where that ends. */
export function ownerAfter(
  tokens: Tokens,
  at: number,
  scene: Scene,
): { entity: string; end: number } | undefined {
  if (!/^(of|for|on)$/.test(wordAt(tokens, at))) return undefined;
  let from = at + 1;
  while (articles.has(wordAt(tokens, from))) from += 1;
  const entity = scene.vocabulary.entityAt(tokens, from);
  return entity === undefined ? undefined : { entity: entity.value, end: from + entity.length };
}

/** `A rating from 1 to 5 is optional`: a field that nothing named before, of the entity spoken of. */
function newField(clause: Clause, scene: Scene): FieldSubject | undefined {
  const { tokens, topic } = clause;
  if (topic === undefined || !/^(a|an)$/.test(wordAt(tokens, 0))) return undefined;
  const copula = tokens.findIndex((token) => /^(is|can|may|must)$/.test(token.word));
  if (copula < 2 || copula > 10) return undefined;
  const optional = optionalEnd.at(tokens, copula);
  if (optional === undefined || copula + optional.length !== tokens.length) return undefined;
  const spec = readField(tokens.slice(0, copula), scene.vocabulary);
  if (spec === undefined || scene.vocabulary.firstIn(tokens.slice(0, copula)) !== undefined)
    return undefined;
  return {
    fields: [{ entity: topic, label: spec.label }],
    rules: spec.rules,
    rest: spec.rest,
    end: copula,
  };
}

const optionalEnd = phrases(
  "is optional | is required | is possible | can be given | may be given | can be added | may be added | can be left out | may be left out | must be given | is allowed | can be set | may be set | can be attached | may be left empty | can be left empty",
);

function rulesUntilCopula(
  tokens: Tokens,
  from: number,
): { rules: readonly Rule[]; rest: readonly string[]; end: number } {
  let end = from;
  while (end < tokens.length && copulaWord(tokens, end) === 0 && end - from < 12) end += 1;
  const { rules, rest } = readRules(tokens.slice(0, end), from);
  return { rules, rest, end };
}

function copulaWord(tokens: Tokens, at: number): number {
  return copulas.at(tokens, at)?.length ?? 0;
}

const copulas = phrases(
  "is | are | must be | has to be | have to be | should be | must | can | may | should | cannot | has | have | will be | defaults | default | starts | start | need | need to be | needs to be | needs | begin | begins | must have | will | was | does not | do not | takes | take | holds | hold | uses | is always | should always be",
);

/** Rules are read from the verb on, so that `must be given` and `defaults to` are seen whole. */
function copulaAt(tokens: Tokens, at: number): { tokens: Tokens; from: number } | undefined {
  return copulaWord(tokens, at) === 0 ? undefined : { tokens, from: at };
}
