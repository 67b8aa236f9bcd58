import { unread, type Fact } from "./facts.ts";
import { phrases } from "./phrase-table.ts";
import { ownerAfter } from "./read-field-rule.ts";
import { readRules } from "./read-rules.ts";
import type { Clause, ClauseReader, Scene } from "./scene.ts";
import { type Tokens, wordAt } from "./tokens.ts";

const noTwo = phrases(
  "no two | two | no | there are never two | there must not be two | there may not be two | there can not be two | no more than one",
);
const share = phrases(
  "may have the same | can have the same | have the same | with the same | must have the same | may share the same | can share the same | share the same | can not have the same | must not have the same | may not have the same | can not share the same | " +
    "must not share the same | may not share the same | should have the same | must never have the same | can not share | must not share | share | may share | can share a | may share a | may not share | are allowed to have the same | may ever have the same | can ever have the same | with an identical | should share the same | must share the same | have an identical | may carry the same | can carry the same",
);

/** `No two bookmarks may have the same address`. */
export const readUniqueness: ClauseReader = (clause, scene) => {
  const { tokens } = clause;
  const start = noTwo.at(tokens, 0);
  const subject =
    start === undefined ? undefined : scene.subjectAt(tokens, start.length, clause.topic);
  if (start === undefined || subject === undefined) return onlyOnce(clause, scene);
  let at = start.length + subject.length;
  const within = withinAt(tokens, at, scene, subject.value);
  at = within?.end ?? at;
  const same = share.at(tokens, at);
  if (same === undefined) return undefined;
  return uniqueFields(clause, scene, {
    entity: subject.value,
    from: at + same.length,
    labels: within === undefined ? [] : [within.label],
  });
};

function withinAt(
  tokens: Tokens,
  at: number,
  scene: Scene,
  entity: string,
): { label: string; end: number } | undefined {
  if (!/^(in|within|per|of|inside|for)$/.test(wordAt(tokens, at))) return undefined;
  let from = at + 1;
  while (/^(a|an|the|one|same|each|single|every)$/.test(wordAt(tokens, from))) from += 1;
  const field = scene.fieldAt(tokens, from, entity);
  return field?.entity === entity ? { label: field.label, end: from + field.length } : undefined;
}

function uniqueFields(
  clause: Clause,
  scene: Scene,
  start: { readonly entity: string; readonly from: number; readonly labels: readonly string[] },
): readonly Fact[] | undefined {
  const { tokens } = clause;
  const labels: string[] = [];
  let at = start.from;
  for (;;) {
    while (/^(,|and|the|a|an|their|same|for|combination|of)$/.test(wordAt(tokens, at))) at += 1;
    const field = scene.fieldAt(tokens, at, start.entity);
    if (field?.entity !== start.entity) break;
    labels.push(field.label);
    at += field.length;
  }
  if (labels.length === 0) return undefined;
  const within = withinAt(tokens, at, scene, start.entity);
  const all = [...labels, ...start.labels, ...(within === undefined ? [] : [within.label])];
  const { rules, rest } = readRules(tokens, within?.end ?? at);
  const leftover = unread(clause.sentence, rest);
  const sentence = clause.sentence;
  if (all.length > 1)
    return [{ kind: "unique-together", entity: start.entity, labels: all, sentence }, ...leftover];
  const ignoring = rules.some(
    (rule) => rule.kind === "flag" && rule.flag === "unique-ignoring-case",
  );
  const flag = ignoring ? "unique-ignoring-case" : "unique";
  return [
    {
      kind: "field",
      entity: start.entity,
      label: labels[0] ?? "",
      rules: [{ kind: "flag", flag }],
      stance: "plain",
      sentence,
    },
    ...leftover,
  ];
}

const once = phrases(
  "may appear only once | can appear only once | may be used only once | can be used only once | may occur only once | can occur only once | may exist only once | can exist only once | must be used only once | may only appear once | can only appear once | may only be used once | can only be used once | may only exist once | can only exist once | " +
    "can not be used twice | must not be used twice | may not be used twice | can not appear twice | must not appear twice | may not appear twice | can not be saved twice | must not be saved twice | is only allowed once | can only be saved once | may only be saved once | can not exist twice | must not exist twice | may not be saved twice | can not be added twice | can only be added once | may only be added once | must not occur twice | may not occur twice | must be unique | is unique | are unique | can not be taken twice",
);

/** `Each address may appear only once`, `The same address cannot be saved twice`, `Names are unique within a folder`. */
function onlyOnce(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const { tokens } = clause;
  let at = 0;
  while (/^(the|same|each|every|a|an|its|any|one)$/.test(wordAt(tokens, at))) at += 1;
  const field = scene.fieldAt(tokens, at, clause.topic);
  if (field === undefined) return undefined;
  const owner = ownerAfter(tokens, at + field.length, scene);
  const match = once.at(tokens, owner?.end ?? at + field.length);
  if (match === undefined) return undefined;
  const end = (owner?.end ?? at + field.length) + match.length;
  const within = withinAt(tokens, end, scene, field.entity);
  const { rules, rest } = readRules(tokens, within?.end ?? end);
  const sentence = clause.sentence;
  if (within !== undefined)
    return [
      {
        kind: "unique-together",
        entity: field.entity,
        labels: [field.label, within.label],
        sentence,
      },
      ...unread(sentence, rest),
    ];
  return [
    {
      kind: "field",
      entity: field.entity,
      label: field.label,
      rules: [{ kind: "flag", flag: "unique" }, ...rules],
      stance: "plain",
      sentence,
    },
    ...unread(sentence, rest),
  ];
}
