import type { DefaultValue, Entity, Field, FieldType } from "../model/product-model.ts";
import { BlueprintError } from "../model/errors.ts";
import type { SaidRule } from "./drafts.ts";
import type { Fact } from "./facts.ts";
import { defaultOf, resolveType } from "./field-type.ts";
import {
  entityNames,
  fieldNames,
  losesLetters,
  type EntityNames,
  indefinite,
  upperFirst,
} from "./names.ts";
import type { Decisions } from "./reading.ts";
import { bindState, stateWords, type StateBinding } from "./states.ts";
import { tokenize } from "./tokens.ts";
import { singularPhrase } from "./vocabulary.ts";

export const maxEntities = 50;
export const maxFieldsPerEntity = 60;

/** An entity under construction. */
export interface EntityDraft {
  readonly noun: string;
  readonly names: EntityNames;
  readonly fields: DraftField[];
  readonly uniqueTogether: string[][];
  readonly sentences: Set<string>;
}

export interface DraftField {
  readonly label: string;
  readonly said: SaidRule[];
  readonly stances: Set<"plain" | "must" | "may">;
  readonly sentences: Set<string>;
  /** Made by an action alone: only the service sets it. */
  readonly byAction: boolean;
  field: Field | undefined;
}

type DeletionFact = Extract<Fact, { kind: "deletion" }>;
const effectWords = {
  restrict: "be refused while others refer to it",
  cascade: "delete those that refer to it",
  clear: "leave those that refer to it",
} as const;
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

/** The field of that name, singular or plural. */
export function findField(draft: EntityDraft, label: string): DraftField | undefined {
  const phrase = singularPhrase(tokenize(label));
  return draft.fields.find((field) => singularPhrase(tokenize(field.label)) === phrase);
}

function newField(draft: EntityDraft, label: string, byAction: boolean): DraftField {
  const field: DraftField = {
    label,
    said: [],
    stances: new Set(),
    sentences: new Set(),
    byAction,
    field: undefined,
  };
  draft.fields.push(field);
  return field;
}

function referenceTo(field: DraftField): string | undefined {
  const rule = field.said.find((one) => one.rule.kind === "reference")?.rule;
  return rule?.kind === "reference" ? rule.entity : undefined;
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

interface Neighbours {
  readonly taken: ReadonlySet<string>;
  /** Some field of the entity is called required: the others then are not. */
  readonly marked: boolean;
  readonly first: boolean;
}

function buildField(
  draft: EntityDraft,
  field: DraftField,
  around: Neighbours,
  byNoun: ReadonlyMap<string, EntityDraft>,
  decisions: Decisions,
): Field | undefined {
  const reference = field.said.find((one) => one.rule.kind === "reference")?.rule;
  const target = reference?.kind === "reference" ? byNoun.get(reference.entity) : undefined;
  const many = reference?.kind === "reference" && reference.many;
  const names = losesLetters(field.label)
    ? undefined
    : fieldNames(
        field.label,
        target === undefined ? "" : many ? "Ids" : "Id",
        draft.names.variable,
        around.taken,
      );
  if (names === undefined) {
    for (const sentence of field.sentences)
      decisions.report(sentence, `no identifier can be made of “${field.label}”`);
    return undefined;
  }
  const resolved =
    target === undefined ? resolveType(field.label, field.said, draft.noun) : undefined;
  if (resolved !== undefined) decisions.contradict(resolved.contradictions);
  const type: FieldType = resolved?.type ?? referenceType(target, many, field);
  const fallback = defaultIn(field, type, draft, decisions);
  const required = requiredOf(field, type, draft, around, decisions);
  return {
    ...names,
    label: field.label,
    description: describe(field, draft),
    type,
    required: required && (fallback === undefined || saidFlag(field, "required")),
    unique: saidFlag(field, "unique-ignoring-case")
      ? "ignoring-case"
      : saidFlag(field, "unique")
        ? "exact"
        : "no",
    default: fallback,
    readOnly: field.byAction || saidFlag(field, "read-only"),
    sentences: [...field.sentences],
  };
}

function referenceType(
  target: EntityDraft | undefined,
  many: boolean,
  field: DraftField,
): FieldType {
  const entity = target?.names.name ?? "";
  if (many) return { kind: "references", entity };
  return {
    kind: "reference",
    entity,
    onDelete: saidFlag(field, "required") ? "restrict" : "clear",
  };
}

function saidFlag(field: DraftField, flag: string): boolean {
  return field.said.some(({ rule }) => rule.kind === "flag" && rule.flag === flag);
}

function describe(field: DraftField, draft: EntityDraft): string {
  const label = `${field.label.slice(0, 1).toUpperCase()}${field.label.slice(1)}`;
  return `${label} of the ${draft.noun}`;
}

function defaultIn(
  field: DraftField,
  type: FieldType,
  draft: EntityDraft,
  decisions: Decisions,
): DefaultValue | undefined {
  const said = field.said.flatMap(({ rule, sentence }) =>
    rule.kind === "default" ? [{ value: rule.value, sentence }] : [],
  );
  const values = said.map((one) => ({ ...one, resolved: defaultOf(one.value, type) }));
  for (const one of values) {
    if (one.resolved === undefined)
      decisions.report(
        one.sentence,
        `“${typeof one.value === "string" ? one.value : "now"}” is no value that the ${field.label} of ${indefinite(draft.noun)} can start with`,
      );
  }
  const usable = values.filter((one) => one.resolved !== undefined);
  const different = new Set(usable.map((one) => JSON.stringify(one.resolved)));
  if (different.size > 1)
    decisions.contradict([
      {
        text: `The ${field.label} of ${indefinite(draft.noun)} has several defaults (${usable.map((one) => (typeof one.value === "string" ? one.value : "now")).join(", ")}); the first is followed.`,
        sentences: usable.map((one) => one.sentence),
      },
    ]);
  if (usable[0]?.resolved !== undefined) return usable[0].resolved;
  return type.kind === "boolean" ? { kind: "value", value: false } : undefined;
}

function requiredOf(
  field: DraftField,
  type: FieldType,
  draft: EntityDraft,
  around: Neighbours,
  decisions: Decisions,
): boolean {
  const required = saidFlag(field, "required");
  const optional = saidFlag(field, "optional");
  if (required && optional)
    decisions.contradict([
      {
        text: `The ${field.label} of ${indefinite(draft.noun)} is called both required and optional; it is taken as required.`,
        sentences: [...field.sentences],
      },
    ]);
  if (required) return true;
  if (optional || type.kind === "boolean" || type.kind === "labels" || type.kind === "references")
    return false;
  if (field.stances.has("must")) return true;
  if (field.stances.has("may")) return false;
  const leaves = around.marked || !around.first;
  decisions.assume(
    leaves
      ? `The ${field.label} of ${indefinite(draft.noun)} may be left out: the document does not call it required.`
      : `The ${field.label} of ${indefinite(draft.noun)} is required: it is named first, and ${indefinite(draft.noun)} needs something to be known by.`,
    leaves
      ? `${upperFirst(indefinite(draft.noun))} without ${field.label} is accepted.`
      : `${upperFirst(indefinite(draft.noun))} without ${field.label} is refused.`,
  );
  return !leaves;
}

function applyLater(
  fact: Fact,
  byNoun: ReadonlyMap<string, EntityDraft>,
  deletions: Map<DraftField, DeletionFact>,
  decisions: Decisions,
): void {
  if (fact.kind === "deletion") applyDeletion(fact, byNoun, deletions, decisions);
  else if (fact.kind === "initial-state") applyInitialState(fact, byNoun, decisions);
  else if (fact.kind === "unique-together") {
    const draft = byNoun.get(fact.entity);
    const names = fact.labels.flatMap((label) =>
      draft === undefined ? [] : (findField(draft, label)?.field?.name ?? []),
    );
    if (draft === undefined || names.length < fact.labels.length)
      decisions.report(fact.sentence, `names a field that no ${fact.entity} has`);
    else {
      if (!draft.uniqueTogether.some((one) => one.join() === names.join()))
        draft.uniqueTogether.push(names);
      draft.sentences.add(fact.sentence);
    }
  }
}

function applyDeletion(
  fact: DeletionFact,
  byNoun: ReadonlyMap<string, EntityDraft>,
  deletions: Map<DraftField, DeletionFact>,
  decisions: Decisions,
): void {
  const target = byNoun.get(fact.target);
  const referrers = [...byNoun.values()].filter(
    (draft) => fact.referrer === undefined || draft.noun === fact.referrer,
  );
  let applied = false;
  for (const draft of referrers) {
    for (const field of draft.fields) {
      const built = field.field;
      if (built?.type.kind !== "reference" || built.type.entity !== target?.names.name) continue;
      if (fact.effect === "clear" && built.required)
        decisions.contradict([
          {
            text: `${upperFirst(indefinite(draft.noun))} needs ${indefinite(fact.target)}, but is to stay without one when it is deleted; deleting is refused instead.`,
            sentences: [fact.sentence, ...field.sentences],
          },
        ]);
      const first = deletions.get(field);
      if (first !== undefined && first.effect !== fact.effect) {
        decisions.contradict([
          {
            text: `Deleting ${indefinite(fact.target)} is to ${effectWords[first.effect]} and to ${effectWords[fact.effect]}; the first is followed.`,
            sentences: [first.sentence, fact.sentence],
          },
        ]);
        field.field = { ...built, sentences: [...new Set([...built.sentences, fact.sentence])] };
        applied = true;
        continue;
      }
      deletions.set(field, fact);
      const onDelete = fact.effect === "clear" && built.required ? "restrict" : fact.effect;
      field.field = {
        ...built,
        type: { ...built.type, onDelete },
        sentences: [...new Set([...built.sentences, fact.sentence])],
      };
      applied = true;
    }
  }
  if (!applied)
    decisions.report(
      fact.sentence,
      `nothing refers to ${indefinite(fact.target)}, so the rule for deleting one has no effect`,
    );
}

function applyInitialState(
  fact: Extract<Fact, { kind: "initial-state" }>,
  byNoun: ReadonlyMap<string, EntityDraft>,
  decisions: Decisions,
): void {
  const draft = byNoun.get(fact.entity);
  const bound = draft === undefined ? undefined : bindState(draft.fields, fact.state);
  if (bound?.field.field === undefined) {
    decisions.report(
      fact.sentence,
      `“${fact.state}” is no value that ${indefinite(fact.entity)} can have`,
    );
    return;
  }
  setDefault(bound, bound.field.field, fact, decisions);
}

function setDefault(
  bound: StateBinding,
  built: Field,
  fact: Extract<Fact, { kind: "initial-state" }>,
  decisions: Decisions,
): void {
  const before = built.default;
  if (before?.kind === "value" && before.value !== bound.value && built.type.kind === "choice")
    decisions.contradict([
      {
        text: `The ${built.label} of ${indefinite(fact.entity)} has several defaults (${String(before.value)}, ${String(bound.value)}); the first is followed.`,
        sentences: [...built.sentences, fact.sentence],
      },
    ]);
  const keep = before?.kind === "value" && built.type.kind === "choice";
  const said = saidFlag(bound.field, "required");
  bound.field.field = {
    ...built,
    default: keep ? before : { kind: "value", value: bound.value },
    required: said && built.required,
    sentences: [...new Set([...built.sentences, fact.sentence])],
  };
}

/** The finished entity; `sentences` are those that describe it. */
export function finishEntity(draft: EntityDraft): Entity {
  const fields = draft.fields.flatMap((field) => (field.field === undefined ? [] : [field.field]));
  return {
    ...draft.names,
    description: `${upperFirst(indefinite(draft.noun))} with ${fields.map((field) => field.label).join(", ")}`,
    fields,
    uniqueTogether: draft.uniqueTogether,
    sentences: [...new Set([...draft.sentences, ...fields.flatMap((field) => field.sentences)])],
  };
}
