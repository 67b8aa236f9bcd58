import { indefinite } from "./names.ts";
import type { Field, FilterOperator } from "../model/product-model.ts";
import { findField, type EntityDraft } from "./entity-draft.ts";
import { reasonBeyondReach } from "./classify.ts";
import type { Criterion, OperationFact, SortKey } from "./facts.ts";
import type { Decisions } from "./reading.ts";
import { impliedKey } from "./read-sorting.ts";
import { bindState } from "./states.ts";

/** A field and how it is compared; one query parameter of the list. */
export interface Filter {
  readonly field: string;
  readonly operator: FilterOperator;
}

/** What an operation's words come to in terms of fields. */
export interface BoundCriteria {
  /** Text fields to search. */
  readonly texts: readonly string[];
  readonly filters: readonly Filter[];
  /** Fields named, of any type. */
  readonly fields: readonly Field[];
}

/** Binds what an operation names to fields of its entity; what has no field is reported. */
export function bindCriteria(
  fact: OperationFact,
  draft: EntityDraft,
  decisions: Decisions,
): BoundCriteria {
  const texts: string[] = [];
  const filters: Filter[] = [];
  const fields: Field[] = [];
  for (const criterion of fact.by) {
    const field = fieldOf(criterion, draft);
    if (field !== undefined) {
      fields.push(field);
      if (field.type.kind === "text") texts.push(field.name);
      filters.push(...filtersOn(field, criterion.range));
    } else bindWord(criterion.words, fact, draft, filters, decisions);
  }
  for (const adjective of fact.adjectives) bindWord(adjective, fact, draft, filters, decisions);
  return { texts, filters, fields };
}

function fieldOf(criterion: Criterion, draft: EntityDraft): Field | undefined {
  if (criterion.words !== "") return findField(draft, criterion.words)?.field;
  return draft.fields.find(
    (one) => one.field?.type.kind === "date" || one.field?.type.kind === "datetime",
  )?.field;
}

function bindWord(
  word: string,
  fact: OperationFact,
  draft: EntityDraft,
  filters: Filter[],
  decisions: Decisions,
): void {
  const bound = bindState(draft.fields, word);
  const field = bound?.field.field;
  if (field !== undefined) filters.push({ field: field.name, operator: "equals" });
  else
    decisions.report(
      fact.sentence,
      reasonBeyondReach(word) ?? `“${word}” is no field or state of ${indefinite(draft.noun)}`,
    );
}

/** How a field can be filtered; `range`: from a value to a value. */
export function filtersOn(field: Field, range: boolean): readonly Filter[] {
  const on = (...operators: readonly FilterOperator[]): readonly Filter[] =>
    operators.map((operator) => ({ field: field.name, operator }));
  switch (field.type.kind) {
    case "integer":
    case "decimal":
    case "date":
      return range ? on("minimum", "maximum") : on("equals");
    case "datetime":
      return on("minimum", "maximum");
    case "labels":
    case "references":
      return on("includes");
    case "text":
      return field.type.format === "plain" ? on("contains") : on("equals");
    case "boolean":
    case "choice":
    case "reference":
      return on("equals");
  }
}

/** A sort key in terms of fields; `createdAt` and `updatedAt` included. */
export interface BoundSort {
  readonly field: string;
  readonly direction: "ascending" | "descending";
  readonly isDefault: boolean;
}

/** Binds sort keys; a direction alone (`newest first`) names its key by what it compares. */
export function bindSorts(
  fact: OperationFact,
  draft: EntityDraft,
  decisions: Decisions,
): readonly BoundSort[] {
  return fact.sorts.flatMap((sort) => {
    const field = sortField(sort, draft);
    if (field === undefined) {
      decisions.report(
        fact.sentence,
        `no field of ${indefinite(draft.noun)} can be sorted by “${sort.words.replace(impliedKey, "")}”`,
      );
      return [];
    }
    const natural = field === "createdAt" || field === "updatedAt" ? "descending" : "ascending";
    return [{ field, direction: sort.direction ?? natural, isDefault: sort.isDefault }];
  });
}

function sortField(sort: SortKey, draft: EntityDraft): string | undefined {
  if (sort.words === "createdAt" || sort.words === "updatedAt") return sort.words;
  if (!sort.words.startsWith(impliedKey)) return sortable(findField(draft, sort.words)?.field);
  const fields = draft.fields.flatMap((one) => (one.field === undefined ? [] : [one.field]));
  const words = sort.words;
  if (/alphabet|a to z|z to a/.test(words))
    return fields.find((one) => one.type.kind === "text")?.name;
  if (/cheap|expensive/.test(words)) return fields.find((one) => one.type.kind === "decimal")?.name;
  if (/rated|best/.test(words))
    return fields.find((one) => /rating|score|stars/.test(one.label))?.name;
  if (/soon|next|upcoming|earliest|nearest/.test(words))
    return fields.find((one) => one.type.kind === "date" || one.type.kind === "datetime")?.name;
  if (/important/.test(words)) return fields.find((one) => /priority/.test(one.label))?.name;
  if (/high|low|large|small|long|short/.test(words))
    return fields.find((one) => one.type.kind === "integer" || one.type.kind === "decimal")?.name;
  return "createdAt";
}

function sortable(field: Field | undefined): string | undefined {
  return field === undefined || field.type.kind === "labels" || field.type.kind === "references"
    ? undefined
    : field.name;
}
