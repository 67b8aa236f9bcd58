import { unread, type Fact } from "./facts.ts";
import { PhraseTable, phrases } from "./phrase-table.ts";
import type { ClauseReader, Scene } from "./scene.ts";
import { textOf, type Tokens, wordAt } from "./tokens.ts";

type Need = "required" | "optional" | "open";

/** Between the one that refers and the one referred to. */
const relationPhrases = new PhraseTable<Need>([
  [
    "belongs to | belong to | is part of | are part of | must belong to | always belongs to | must be in | must be part of | is always in | always belong to | refers to | refer to | must refer to | is for | is about | is of | concerns | is assigned to | are assigned to | is made for | must be assigned to | " +
      "is filed under | is written by | was written by | are written by | is placed by | is made by | is reported by | is raised by | is borrowed by | is linked to | are linked to | is attached to | is in | are in | lives in | live in | is kept in | are kept in | is stored in | sits in | is on | takes place in | takes place at | is held in | is held at | is owned by | is grouped in | hangs under | is listed under | is created by | stands in | are filed under | is recorded for | is tied to | are tied to | is booked on | are booked on | is associated with | comes from | is supplied by | is given to | goes to | relates to | points to | is logged on | is logged against | is logged for | is opened by | are opened by",
    "open",
  ],
  [
    "may belong to | can belong to | may be in | can be in | may be inside | can be inside | can be put in | may be put in | can be put into | may be put into | can be kept in | may be kept in | can be filed in | may be filed in | can be filed under | may be filed under | can be placed in | may be placed in | can be assigned to | may be assigned to | " +
      "can be part of | may be part of | can be moved to | can be moved into | can be linked to | may be linked to | can be attached to | may be attached to | can be grouped in | can be grouped into | may refer to | can refer to | can be collected in | may be grouped in | can be stored in | may be stored in | can sit in | may sit in | can live in | may live in | can be nested in | may be nested in | can also be inside | can be nested inside | may be nested inside | can be organized in | can be organized into | are organized in | are organized into | can be sorted into | can be inside of | may be given to | can be given to | can be added to | may be added to | can be associated with",
    "optional",
  ],
]);

const quantity = new PhraseTable<"one" | "maybe-one" | "many">([
  [
    "exactly one | one | a single | a | an | the | precisely one | its | always one | another",
    "one",
  ],
  [
    "at most one | no more than one | zero or one | up to one | one optional | an optional | only one | none or one",
    "maybe-one",
  ],
  [
    "any number of | many | several | one or more | zero or more | more than one | multiple | some",
    "many",
  ],
]);

const tails = phrases(
  "or in none | or to none | or none | at a time | too | as well | or in no folder | or not | if needed | or to nobody | or no one | at the same time | or not at all | if wanted | or stand alone | of their choice | only | itself | one",
);

/** `Each bookmark is in at most one folder`, `A loan belongs to a book`. */
export const readRelation: ClauseReader = (clause, scene) => {
  const { tokens } = clause;
  const holder = scene.subjectAt(tokens, 0, clause.topic);
  if (holder === undefined) return undefined;
  let at = holder.length;
  while (/^(also|always|then)$/.test(wordAt(tokens, at))) at += 1;
  const relation = relationPhrases.at(tokens, at);
  if (relation === undefined) return undefined;
  const facts: Fact[] = [];
  at += relation.length;
  for (;;) {
    const count = quantity.at(tokens, at);
    at += count?.length ?? 0;
    const target = scene.vocabulary.entityAt(tokens, at);
    if (target === undefined)
      return facts.length > 0
        ? [...facts, ...unread(clause.sentence, [textOf(tokens, at)])]
        : undefined;
    at += target.length;
    const required =
      relation.value === "optional" || count?.value === "maybe-one"
        ? false
        : count?.value === "one"
          ? true
          : undefined;
    facts.push({
      kind: "relation",
      holder: holder.value,
      target: target.value,
      many: count?.value === "many",
      required,
      sentence: clause.sentence,
    });
    if (wordAt(tokens, at) !== "and") break;
    at += 1;
    if (/^(to|in|for|by|at)$/.test(wordAt(tokens, at))) at += 1;
  }
  return [...facts, ...relationTail(tokens, at, facts, clause.sentence)];
};

function relationTail(
  tokens: Tokens,
  from: number,
  facts: Fact[],
  sentence: string,
): readonly Fact[] {
  let at = from;
  for (let tail = tails.at(tokens, at); tail !== undefined; tail = tails.at(tokens, at)) {
    // `a folder, or in none`: having none is fine.
    if (wordAt(tokens, at) === "or")
      for (const [index, fact] of facts.entries())
        if (fact.kind === "relation") facts[index] = { ...fact, required: false };
    at += tail.length;
    while (wordAt(tokens, at) === ",") at += 1;
  }
  if (/^(and|but)$/.test(wordAt(tokens, at)) && /^(is|are)$/.test(wordAt(tokens, at + 1)))
    return [];
  return at < tokens.length ? unread(sentence, [textOf(tokens, at)]) : [];
}

const deletedVerb = phrases(
  "is deleted | are deleted | is removed | are removed | gets deleted | is erased | get deleted | goes | is thrown away",
);
const deletingStart = phrases(
  "deleting | removing | the deletion of | deletion of | to delete | erasing | delete",
);
const whenStart = phrases("when | if | once | whenever | as soon as | after");

/** What happens to those that refer to a deleted one. */
export const readDeletion: ClauseReader = (clause, scene) =>
  deletionByGerund(clause.tokens, clause.sentence, scene) ??
  deletionByWhen(clause.tokens, clause.sentence, scene) ??
  refusedDeletion(clause.tokens, clause.sentence, scene, clause.topic) ??
  refusedWith(clause.tokens, clause.sentence, scene);

function deletionByGerund(
  tokens: Tokens,
  sentence: string,
  scene: Scene,
): readonly Fact[] | undefined {
  const start = deletingStart.at(tokens, 0);
  const target = start === undefined ? undefined : scene.subjectAt(tokens, start.length, undefined);
  if (start === undefined || target === undefined) return undefined;
  return effectOf(tokens, start.length + target.length, target.value, sentence, scene);
}

function deletionByWhen(
  tokens: Tokens,
  sentence: string,
  scene: Scene,
): readonly Fact[] | undefined {
  const start = whenStart.at(tokens, 0);
  const target = start === undefined ? undefined : scene.subjectAt(tokens, start.length, undefined);
  if (start === undefined || target === undefined) return undefined;
  const at = start.length + target.length;
  const verb = deletedVerb.at(tokens, at);
  if (verb === undefined) return undefined;
  return effectOf(tokens, at + verb.length, target.value, sentence, scene);
}

const cascades = phrases(
  "deletes | removes | also deletes | also removes | are deleted | is deleted | are removed | are also deleted | are also removed | go with it | go too | deleted | are erased | disappear | must be deleted | should be deleted | goes too | also erases | disappear too | takes",
);
const clears = phrases(
  "leaves | keeps | stay | remain | are kept | stays | remains | are left | are not deleted | does not delete | must not delete | are unaffected | lose | loses | are moved out | stay behind | should stay | must stay | are detached | keep existing | will stay | simply lose | only lose | simply stay",
);
const refuses = phrases(
  "is refused | is not allowed | is not possible | is forbidden | is rejected | must be refused | fails | is only possible | is only allowed | must fail | is denied | is prevented | is blocked | should be refused | must not be possible | must be rejected",
);

/** Reads what follows `Deleting a folder`: the affected entity and the verb, in either order. */
function effectOf(
  tokens: Tokens,
  from: number,
  target: string,
  sentence: string,
  scene: Scene,
): readonly Fact[] | undefined {
  let effect: "restrict" | "cascade" | "clear" | undefined;
  let referrer: string | undefined;
  const rest: string[] = [];
  for (let at = from; at < tokens.length;) {
    const clear = clears.at(tokens, at);
    const cascade = cascades.at(tokens, at);
    const refuse = refuses.at(tokens, at);
    const entity = scene.vocabulary.entityAt(tokens, at);
    if (refuse !== undefined) [effect, at] = ["restrict", at + refuse.length];
    else if (clear !== undefined && (effect === undefined || effect === "clear"))
      [effect, at] = ["clear", at + clear.length];
    else if (cascade !== undefined && effect === undefined)
      [effect, at] = ["cascade", at + cascade.length];
    else if (entity !== undefined) {
      if (referrer === undefined && (entity.value !== target || entity.plural))
        referrer = entity.value;
      at += entity.length;
    } else {
      if (!deletionFillers.has(wordAt(tokens, at))) rest.push(tokens[at]?.text ?? "");
      at += 1;
    }
  }
  if (effect === undefined) return undefined;
  return [
    { kind: "deletion", target, referrer, effect, sentence },
    ...unread(sentence, rest.length > 0 ? [rest.join(" ")] : []),
  ];
}

const deletionFillers = new Set(
  (
    ", ( ) all its their the a an in it with them of that this and also too as well but any while if when as long still has have there are is contains contain holds hold inside at all without folder no longer belong belongs to every each " +
    "everything alone untouched place where they be which so only until unless empty existing other left then itself behind one once simply itself just within there's afterwards on refer refers reference related use used by loses lose take takes happen happens takes place link their's until"
  ).split(" "),
);

const cannotDelete = phrases(
  "can not be deleted | may not be deleted | must not be deleted | can only be deleted | may only be deleted | can not be removed | may not be removed | must not be removed | can only be removed | should not be deleted | may only be removed | can be deleted only | must only be deleted | is only deleted | can never be deleted",
);

/** `A folder cannot be deleted while it still contains bookmarks`, `... can only be deleted when it is empty`. */
function refusedDeletion(
  tokens: Tokens,
  sentence: string,
  scene: Scene,
  topic: string | undefined,
): readonly Fact[] | undefined {
  const target = scene.subjectAt(tokens, 0, topic);
  if (target === undefined) return undefined;
  const verb = cannotDelete.at(tokens, target.length);
  if (verb === undefined) return undefined;
  const from = target.length + verb.length;
  if (!/^(while|if|when|as|until|unless|once|that|with|which|,|so)$/.test(wordAt(tokens, from)))
    return undefined;
  const facts: Fact[] = [];
  const rest: string[] = [];
  for (let at = from; at < tokens.length;) {
    const entity = scene.vocabulary.entityAt(tokens, at);
    if (entity !== undefined && !(entity.value === target.value && !entity.plural))
      facts.push({
        kind: "deletion",
        target: target.value,
        referrer: entity.value,
        effect: "restrict",
        sentence,
      });
    if (entity === undefined && !deletionFillers.has(wordAt(tokens, at)))
      rest.push(tokens[at]?.text ?? "");
    at += entity?.length ?? 1;
  }
  if (facts.length === 0 && tokens.some((token) => token.word === "empty"))
    facts.push({
      kind: "deletion",
      target: target.value,
      referrer: undefined,
      effect: "restrict",
      sentence,
    });
  if (facts.length === 0) return undefined;
  return [...facts, ...unread(sentence, rest.length > 0 ? [rest.join(" ")] : [])];
}

/** `A book or a member with loans cannot be deleted`. */
function refusedWith(tokens: Tokens, sentence: string, scene: Scene): readonly Fact[] | undefined {
  const targets: string[] = [];
  let at = 0;
  for (;;) {
    const target = scene.subjectAt(tokens, at, undefined);
    if (target === undefined) return undefined;
    targets.push(target.value);
    at += target.length;
    if (!/^(or|and|,)$/.test(wordAt(tokens, at))) break;
    at += 1;
  }
  if (!/^(with|that|which|having)$/.test(wordAt(tokens, at))) return undefined;
  at += 1;
  while (
    /^(has|have|still|any|some|open|existing|contains|contain|holds)$/.test(wordAt(tokens, at)) &&
    scene.vocabulary.entityAt(tokens, at) === undefined
  )
    at += 1;
  const referrer = scene.vocabulary.entityAt(tokens, at);
  if (
    referrer === undefined ||
    cannotDelete.at(tokens, at + referrer.length)?.length !== tokens.length - at - referrer.length
  )
    return undefined;
  return targets.map((target): Fact => ({
    kind: "deletion",
    target,
    referrer: referrer.value,
    effect: "restrict",
    sentence,
  }));
}
