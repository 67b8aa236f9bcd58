import { readFieldList } from "./read-having.ts";
import { type ActionFact, type Fact, type OperationFact, unread } from "./facts.ts";
import type { Modifiers } from "./modifiers.ts";
import type { ObjectEntity } from "./objects-at.ts";
import type { Verb } from "./phrases/operation-phrases.ts";
import type { Clause, Scene } from "./scene.ts";
import type { VerbAt } from "./verbs-at.ts";

/** Verbs with their objects and what stands after them: `list and search the unread bookmarks by title`. */
export interface Group {
  readonly verbs: readonly VerbAt[];
  readonly about: readonly ObjectEntity[];
  readonly adjectives: readonly string[];
  readonly read: Modifiers;
}

/** One fact for each verb and object. */
export function groupFacts(clause: Clause, group: Group, scene: Scene): readonly Fact[] {
  const { verbs, about, adjectives, read } = group;
  const facts: Fact[] = [];
  for (const entity of about) {
    for (const verb of verbs) {
      if (verb.verb === "mark")
        facts.push(...read.states.map((state) => markFact(clause, entity.value, state)));
      else if (verb.action !== undefined)
        facts.push(actionFact(clause, entity.value, verb.action.value));
      else facts.push(operationFact(clause, verb.verb, entity, adjectives, read));
    }
    if (read.fieldList !== undefined)
      facts.push(...readFieldList(read.fieldList, entity.value, "plain", clause, scene));
  }
  return [...facts, ...unread(clause.sentence, read.rest)];
}

function markFact(clause: Clause, entity: string, state: string): ActionFact {
  const undo = /^(un(?!paid$|der)|not )/.test(state) && !/^(unique)$/.test(state);
  const positive = state.replace(/^not /, "").replace(/^un/, "");
  return {
    kind: "action",
    entity,
    verb: `mark as ${state}`,
    state: undo ? positive : state,
    undo,
    actor: clause.actor,
    benefit: clause.benefit,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}

function actionFact(
  clause: Clause,
  entity: string,
  action: { readonly verb: string; readonly state: string; readonly undo: boolean },
): ActionFact {
  return {
    kind: "action",
    entity,
    ...action,
    actor: clause.actor,
    benefit: clause.benefit,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}

function operationFact(
  clause: Clause,
  verb: Verb,
  entity: ObjectEntity,
  adjectives: readonly string[],
  read: Modifiers,
): OperationFact {
  return {
    kind: "operation",
    verb,
    entity: entity.value,
    plural: entity.plural,
    actor: clause.actor,
    benefit: clause.benefit,
    by: read.by,
    sorts: read.sorts,
    adjectives,
    formats: read.formats,
    duplicates: read.duplicates,
    pageSize: read.pageSize,
    maxPageSize: read.maxPageSize,
    priority: clause.priority,
    sentence: clause.sentence,
  };
}
