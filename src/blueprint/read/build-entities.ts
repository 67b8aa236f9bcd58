import { BlueprintError } from "../model/errors.ts";
import { type DeletionFact, applyLater } from "./apply-rules.ts";
import { buildField } from "./build-field.ts";
import {
  type DraftField,
  type EntityDraft,
  findField,
  newField,
  referenceTo,
} from "./entity-draft.ts";
import type { Fact } from "./facts.ts";
import { entityNames, indefinite, losesLetters } from "./names.ts";
import type { Decisions } from "./reading.ts";
import { bindState, stateWords } from "./states.ts";

/** Most entities of one product. */
export const maxEntities = 50;
/** Most fields of one entity. */
export const maxFieldsPerEntity = 60;
type FieldFact = Extract<Fact, { kind: "field" }>;
type RelationFact = Extract<Fact, { kind: "relation" }>;

/** Entities with fields, types, rules and relations, from all facts of a document. */
export function buildEntities(
  nouns: readonly string[],
  facts: readonly Fact[],
  decisions: Decisions,
): readonly EntityDraft[] {
  if (nouns.length > maxEntities)
    throw new BlueprintError(
      "AUTOSD-BLUEPRINT-TOO-LARGE",
      `the requirements describe ${nouns.length} entities, at most ${maxEntities} are built in one product`,
    );
  const drafts = draftEntities(nouns, facts, decisions);
  const byNoun = new Map(drafts.map((draft) => [draft.noun, draft]));
  for (const fact of facts) addFact(fact, byNoun);
  for (const fact of facts) if (fact.kind === "relation") addRelation(fact, byNoun, decisions);
  for (const draft of drafts) {
    if (draft.fields.length > maxFieldsPerEntity)
      throw new BlueprintError(
        "AUTOSD-BLUEPRINT-TOO-LARGE",
        `${indefinite(draft.noun)} has ${draft.fields.length} fields, at most ${maxFieldsPerEntity} are built`,
      );
    nameFields(draft, byNoun, decisions);
  }
  addActionFields(facts, byNoun);
  for (const draft of drafts) nameFields(draft, byNoun, decisions);
  const deletions = new Map<DraftField, DeletionFact>();
  for (const fact of facts) applyLater(fact, byNoun, deletions, decisions);
  return drafts;
}

function draftEntities(
  nouns: readonly string[],
  facts: readonly Fact[],
  decisions: Decisions,
): EntityDraft[] {
  const taken = new Set<string>();
  return nouns.flatMap((noun) => {
    const names = losesLetters(noun) ? undefined : entityNames(noun, taken);
    if (names === undefined) {
      for (const fact of facts)
        if ("entity" in fact && fact.entity === noun)
          decisions.report(fact.sentence, `no identifier can be made of “${noun}”`);
      return [];
    }
    taken.add(names.name);
    return [{ noun, names, fields: [], uniqueTogether: [], sentences: new Set<string>() }];
  });
}

function addFact(fact: Fact, byNoun: ReadonlyMap<string, EntityDraft>): void {
  if (fact.kind !== "field") return;
  const draft = byNoun.get(fact.entity);
  if (draft === undefined) return;
  const field = findField(draft, fact.label) ?? newField(draft, fact.label, false);
  addSaid(field, fact);
  draft.sentences.add(fact.sentence);
}

function addSaid(field: DraftField, fact: FieldFact): void {
  field.said.push(...fact.rules.map((rule) => ({ rule, sentence: fact.sentence })));
  field.stances.add(fact.stance);
  field.sentences.add(fact.sentence);
}

/** `A bookmark is in at most one folder`: a reference, or what is said of one that is there already. */
function addRelation(
  fact: RelationFact,
  byNoun: ReadonlyMap<string, EntityDraft>,
  decisions: Decisions,
): void {
  const holder = byNoun.get(fact.holder);
  if (holder === undefined || !byNoun.has(fact.target)) {
    decisions.report(
      fact.sentence,
      `“${fact.target}” has no fields of its own, so nothing can refer to it`,
    );
    return;
  }
  const existing = holder.fields.find((field) => referenceTo(field) === fact.target);
  const label = fact.holder === fact.target ? `parent ${fact.target}` : fact.target;
  const field = existing ?? findField(holder, label) ?? newField(holder, label, false);
  const sentence = fact.sentence;
  if (existing === undefined)
    field.said.push({
      rule: { kind: "reference", entity: fact.target, many: fact.many },
      sentence,
    });
  if (fact.required !== undefined && !(fact.required && fact.holder === fact.target))
    field.said.push({
      rule: { kind: "flag", flag: fact.required ? "required" : "optional" },
      sentence,
    });
  field.stances.add("plain");
  field.sentences.add(sentence);
}

/** Verbs such as `archive` need a flag to set, unless a field or a value of a choice is called so. */
function addActionFields(facts: readonly Fact[], byNoun: ReadonlyMap<string, EntityDraft>): void {
  for (const fact of facts) {
    if (fact.kind !== "action") continue;
    const draft = byNoun.get(fact.entity);
    if (draft === undefined || bindState(draft.fields, fact.state) !== undefined) continue;
    if (
      fact.undo &&
      facts.some(
        (other) =>
          other.kind === "action" &&
          other.entity === fact.entity &&
          other.state === fact.state &&
          !other.undo,
      )
    )
      continue;
    const { label } = stateWords(fact.state);
    const field = newField(draft, label, true);
    field.said.push(
      { rule: { kind: "type", type: "boolean" }, sentence: fact.sentence },
      { rule: { kind: "default", value: "no" }, sentence: fact.sentence },
    );
    field.stances.add("plain");
    field.sentences.add(fact.sentence);
    // Bound at once, so that a second verb for the same state finds it.
    field.field = undefined;
  }
}

function nameFields(
  draft: EntityDraft,
  byNoun: ReadonlyMap<string, EntityDraft>,
  decisions: Decisions,
): void {
  const taken = new Set(
    draft.fields.flatMap((field) => (field.field === undefined ? [] : [field.field.name])),
  );
  const marked = draft.fields.some((field) =>
    field.said.some(({ rule }) => rule.kind === "flag" && rule.flag === "required"),
  );
  for (const [index, field] of draft.fields.entries()) {
    if (field.field !== undefined) continue;
    const built = buildField(
      draft,
      field,
      { taken, marked, first: index === 0 },
      byNoun,
      decisions,
    );
    if (built === undefined) continue;
    taken.add(built.name);
    field.field = built;
  }
}
