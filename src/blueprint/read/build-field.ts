import type { DefaultValue, Field, FieldType } from "../model/product-model.ts";
import { type DraftField, type EntityDraft, saidFlag } from "./entity-draft.ts";
import { defaultOf } from "./field-default.ts";
import { resolveType } from "./field-type.ts";
import { fieldNames, indefinite, losesLetters, upperFirst } from "./names.ts";
import type { Decisions } from "./reading.ts";

interface Neighbours {
  readonly taken: ReadonlySet<string>;
  /** Some field of the entity is called required: the others then are not. */
  readonly marked: boolean;
  readonly first: boolean;
}

/** The finished field from all that is said about it; undefined, and reported, when no identifier can be made of its name. */
export function buildField(
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

/** What the field is, for people. */
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
  if (field.stances.has("must") && !around.marked) return true;
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
