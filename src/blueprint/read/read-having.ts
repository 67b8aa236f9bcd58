import type { Rule } from "./drafts.ts";
import { unread, type Fact } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import {
  announcement,
  havePhrases,
  keeperVerbs,
  keepPhrases,
  perEntity,
} from "./phrases/sentence-phrases.ts";
import { readField } from "./read-field.ts";
import { readRules } from "./read-rules.ts";
import type { Clause, ClauseReader, Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";
import { splitFieldList } from "./split-field-list.ts";

/** `A bookmark has a title and optional notes`; `A folder has many bookmarks`. */
export const readHaving: ClauseReader = (clause, scene) => {
  const optionally = wordAt(clause.tokens, 0) === "optionally";
  const tokens = clause.tokens.slice(optionally ? (wordAt(clause.tokens, 1) === "," ? 2 : 1) : 0);
  const subject = scene.subjectAt(tokens, 0, clause.topic);
  if (subject !== undefined) {
    const at = skipAdverbs(tokens, subject.length);
    const have = havePhrases.at(tokens, at);
    const keep = have === undefined ? keepPhrases.at(tokens, at) : undefined;
    const length = have?.length ?? keep?.length;
    if (length === undefined) return undefined;
    if (/^(no|not|to|been|never)$/.test(wordAt(tokens, at + length))) return undefined;
    return readFieldList(
      tokens.slice(at + length),
      subject.value,
      optionally ? "may" : (have?.value ?? "plain"),
      clause,
      scene,
    );
  }
  return readKeeping(clause, scene);
};

function skipAdverbs(tokens: Tokens, from: number): number {
  let at = from;
  while (
    /^(also|then|always|each|usually|further|furthermore|itself|in|addition|often)$/.test(
      wordAt(tokens, at),
    )
  )
    at += 1;
  return at;
}

/** `For each bookmark we keep the title and the address`, `We record the title of each book`. */
function readKeeping(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  const per = perEntity.at(tokens, 0);
  if (per !== undefined) {
    const subject = scene.subjectAt(tokens, per.length, clause.topic);
    if (subject === undefined) return undefined;
    let at = per.length + subject.length;
    if (wordAt(tokens, at) === ",") at += 1;
    const keep = keeperVerbs.at(tokens, at);
    if (keep === undefined) return undefined;
    return readFieldList(tokens.slice(at + keep.length), subject.value, "plain", clause, scene);
  }
  const keep = keeperVerbs.at(tokens, 0);
  if (keep === undefined) return undefined;
  return keptBefore(clause, keep.length, scene);
}

/** `We record <fields> of each book`. */
function keptBefore(clause: Clause, from: number, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  for (let at = tokens.length - 1; at > from; at -= 1) {
    const per =
      perEntity.at(tokens, at) ?? (wordAt(tokens, at) === "of" ? { length: 1 } : undefined);
    if (per === undefined) continue;
    const subject = scene.subjectAt(tokens, at + per.length, undefined);
    if (subject === undefined || at + per.length + subject.length !== tokens.length) continue;
    return readFieldList(tokens.slice(from, at), subject.value, "plain", clause, scene);
  }
  return undefined;
}

/** All of a list of fields; related entities become relations. */
export function readFieldList(
  tokens: Tokens,
  entity: string,
  stance: "plain" | "must" | "may",
  clause: Clause,
  scene: Scene,
): readonly Fact[] {
  const facts: Fact[] = [];
  const common = commonRules(tokens);
  if (common !== undefined) {
    const own = readFieldList(tokens.slice(0, common.from), entity, stance, clause, scene);
    return own.map((fact) =>
      fact.kind === "field" ? { ...fact, rules: [...fact.rules, ...common.rules] } : fact,
    );
  }
  const announced = announcement.at(tokens, 0);
  const from =
    announced === undefined
      ? 0
      : announced.length + (/^[:,]$/.test(wordAt(tokens, announced.length)) ? 1 : 0);
  if (announced !== undefined && from >= tokens.length) return facts;
  for (const part of splitFieldList(tokens.slice(wordAt(tokens, from) === ":" ? from + 1 : from))) {
    facts.push(...readElement(part, entity, stance, clause, scene));
  }
  return facts;
}

/** `a name and an address, both required`: what holds for all of the list. */
function commonRules(
  tokens: Tokens,
): { readonly from: number; readonly rules: readonly Rule[] } | undefined {
  const at = tokens.findLastIndex((token) => /^(both|all)$/.test(token.word));
  if (at < 2 || !/^[,(-]$/.test(wordAt(tokens, at - 1)) || at + 1 >= tokens.length)
    return undefined;
  const { rules, rest } = readRules(tokens, at + 1);
  const ofThem = rest.every((one) => /^(of them|them)$/.test(one));
  return ofThem && rules.length > 0 ? { from: at - 1, rules } : undefined;
}

const children = phrases(
  "many | several | any number of | a number of | zero or more | one or more | its | a list of | multiple | no or many | as many | some",
);

function readElement(
  part: Tokens,
  entity: string,
  stance: "plain" | "must" | "may",
  clause: Clause,
  scene: Scene,
): readonly Fact[] {
  const several = children.at(part, 0);
  const from = several?.length ?? 0;
  const child = scene.vocabulary.entityAt(part, from);
  // `A folder contains bookmarks`: the bookmarks hold the reference.
  if (
    child !== undefined &&
    (several !== undefined || child.plural) &&
    from + child.length === part.length &&
    child.value !== entity
  )
    return [
      {
        kind: "relation",
        holder: child.value,
        target: entity,
        many: false,
        required: undefined,
        sentence: clause.sentence,
      },
    ];
  const spec = readField(part, scene.vocabulary);
  if (spec === undefined)
    return unread(clause.sentence, [part.map((token) => token.text).join(" ")]);
  return [
    {
      kind: "field",
      entity,
      label: spec.label,
      rules: spec.rules,
      stance,
      sentence: clause.sentence,
    },
    ...unread(clause.sentence, spec.rest),
  ];
}

/** An element of a list of fields standing by itself: a list item or the cells of a row. */
export const readFieldClause: ClauseReader = (clause, scene) => {
  if (clause.form !== "field" || clause.topic === undefined) return undefined;
  const spec = readField(clause.tokens, scene.vocabulary);
  if (spec === undefined) return undefined;
  return [
    {
      kind: "field",
      entity: clause.topic,
      label: spec.label,
      rules: spec.rules,
      stance: clause.stance,
      sentence: clause.sentence,
    },
    ...unread(clause.sentence, spec.rest),
  ];
};
