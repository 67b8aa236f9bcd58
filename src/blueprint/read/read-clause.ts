import { reasonBeyondReach } from "./classify.ts";
import { unread, type Fact } from "./facts.ts";
import { readEndpoint } from "./read-endpoint.ts";
import { readAccess } from "./read-access.ts";
import { readFieldRule } from "./read-field-rule.ts";
import { readInitialState, readStates } from "./read-states.ts";
import { readUniqueness } from "./read-uniqueness.ts";
import { readOrdering } from "./read-ordering.ts";
import { readFieldClause, readHaving } from "./read-having.ts";
import { readOperation } from "./read-operation.ts";
import { readDuplicateRule, readPagingSentence } from "./read-paging.ts";
import { readDeletion, readRelation } from "./read-relation.ts";
import type { Clause, ClauseReader, Scene } from "./scene.ts";
import { textOf } from "./tokens.ts";
import { isPlainOutcome, readScenario, readWish } from "./user-story.ts";

/** In the order in which they are believed when several understand a clause equally well. */
const sentenceReaders: readonly ClauseReader[] = [
  readEndpoint,
  readAccess,
  readUniqueness,
  readDeletion,
  readInitialState,
  readDuplicateRule,
  readPagingSentence,
  readOrdering,
  readStates,
  readHaving,
  readFieldRule,
  readRelation,
  readOperation,
];

/** Everything that a clause says; undefined when no reader makes anything of it. */
export function readClause(clause: Clause, scene: Scene): readonly Fact[] | undefined {
  const scenario = readScenario(clause.tokens);
  if (scenario !== undefined) return readScenarioClause(clause, scenario, scene);
  const direct = best(readersFor(clause), clause, scene);
  if (direct !== undefined && unreadWords(direct) === 0) return direct;
  const wish = readWish(clause.tokens);
  if (wish.tokens.length === clause.tokens.length) return direct;
  const asked: Clause = {
    ...clause,
    tokens: wish.tokens,
    form: wish.verbFirst ? "operation" : clause.form,
    actor: wish.actor ?? clause.actor,
    benefit: wish.benefit ?? clause.benefit,
  };
  const read = best(readersFor(asked), asked, scene);
  if (read === undefined) return direct;
  return direct !== undefined && unreadWords(direct) <= unreadWords(read) ? direct : read;
}

function readersFor(clause: Clause): readonly ClauseReader[] {
  switch (clause.form) {
    case "operation":
      return [readOperation, ...sentenceReaders];
    case "field":
      return [
        ...sentenceReaders.filter((reader) => reader !== readOperation && reader !== readAccess),
        readFieldClause,
      ];
    case "sentence":
      return sentenceReaders;
  }
}

/** The reading that leaves the fewest words; the earlier reader when equal. */
function best(
  readers: readonly ClauseReader[],
  clause: Clause,
  scene: Scene,
): readonly Fact[] | undefined {
  let chosen: readonly Fact[] | undefined;
  for (const reader of readers) {
    const facts = reader(clause, scene);
    if (facts === undefined || facts.every((fact) => fact.kind === "unread")) continue;
    if (chosen === undefined || unreadWords(facts) < unreadWords(chosen)) chosen = facts;
    if (unreadWords(chosen) === 0) return chosen;
  }
  return chosen;
}

function unreadWords(facts: readonly Fact[]): number {
  return facts.reduce(
    (sum, fact) => sum + (fact.kind === "unread" ? fact.reason.split(" ").length : 0),
    0,
  );
}

/** `Given ..., when I delete it, then it is gone`: the middle part is asked for, the last must be what that does anyway. */
function readScenarioClause(
  clause: Clause,
  scenario: { readonly when: Clause["tokens"]; readonly then: Clause["tokens"] },
  scene: Scene,
): readonly Fact[] | undefined {
  const when = scenario.when.filter(
    (token, at) => !(at === 0 && /^(i|we|you|they)$/.test(token.word)),
  );
  const action = readClause(
    {
      ...clause,
      tokens: when,
      form: "operation",
      topic: clause.topic ?? scene.vocabulary.firstIn(clause.tokens),
    },
    scene,
  );
  if (action === undefined) return undefined;
  return [
    ...action,
    ...(isPlainOutcome(scenario.then) ? [] : unread(clause.sentence, [textOf(scenario.then)])),
  ];
}

/** Adds what is known about why unread words cannot be built. */
export function explained(fact: Fact): Fact {
  if (fact.kind !== "unread" || !fact.reason.startsWith("not understood:")) return fact;
  const why = reasonBeyondReach(fact.reason.slice("not understood:".length));
  return why === undefined
    ? fact
    : { ...fact, reason: `${why} (${fact.reason.slice("not understood: ".length)})` };
}
