import type { Entity, Field } from "../model/product-model.ts";
import type { SaidRule } from "./drafts.ts";
import { type EntityNames, indefinite, upperFirst } from "./names.ts";
import { tokenize } from "./tokens.ts";
import { singularPhrase } from "./vocabulary.ts";

/** An entity under construction. */
export interface EntityDraft {
  readonly noun: string;
  readonly names: EntityNames;
  readonly fields: DraftField[];
  readonly uniqueTogether: string[][];
  readonly sentences: Set<string>;
}

/** A field under construction: everything said about it, and the field once it is built. */
export interface DraftField {
  readonly label: string;
  readonly said: SaidRule[];
  readonly stances: Set<"plain" | "must" | "may">;
  readonly sentences: Set<string>;
  /** Made by an action alone: only the service sets it. */
  readonly byAction: boolean;
  field: Field | undefined;
}

/** The field of that name, singular or plural. */
export function findField(draft: EntityDraft, label: string): DraftField | undefined {
  const phrase = singularPhrase(tokenize(label));
  return draft.fields.find((field) => singularPhrase(tokenize(field.label)) === phrase);
}

/** Adds an empty field to the draft and returns it. */
export function newField(draft: EntityDraft, label: string, byAction: boolean): DraftField {
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

/** The entity that a field refers to, by its noun. */
export function referenceTo(field: DraftField): string | undefined {
  const rule = field.said.find((one) => one.rule.kind === "reference")?.rule;
  return rule?.kind === "reference" ? rule.entity : undefined;
}

/** True when some sentence says so. */
export function saidFlag(field: DraftField, flag: string): boolean {
  return field.said.some(({ rule }) => rule.kind === "flag" && rule.flag === flag);
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
