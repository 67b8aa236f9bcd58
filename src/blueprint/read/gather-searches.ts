import type { Field } from "../model/product-model.ts";
import { type Filter } from "./bind-operations.ts";
import type { EntityDraft } from "./entity-draft.ts";
import type { OperationFact } from "./facts.ts";
import { indefinite } from "./names.ts";
import type { Decisions } from "./reading.ts";
import { type Wishes, newDemand, record, demand } from "./gathered-wishes.ts";

/** Conditions on what is listed; reported where no list is asked for. */
export function addFilters(
  fact: OperationFact,
  filters: readonly Filter[],
  wishes: Wishes,
  decisions: Decisions,
): void {
  if (filters.length === 0) {
    if (fact.verb === "filter")
      decisions.report(fact.sentence, "does not say by what is to be filtered");
    return;
  }
  if (
    fact.verb !== "filter" &&
    fact.verb !== "list" &&
    fact.verb !== "view" &&
    fact.verb !== "read"
  ) {
    decisions.report(fact.sentence, `a condition on what to ${fact.verb} is not supported`);
    return;
  }
  wishes.filters.push(...filters);
  demand(wishes, "filter", fact);
}

/** In the fields that are named, else in all texts; fields without running text become filters. */
export function addSearch(
  fact: OperationFact,
  texts: readonly string[],
  filters: readonly Filter[],
  wishes: Wishes,
  decisions: Decisions,
): void {
  const named = fact.by.length + fact.adjectives.length > 0;
  const all = textFields(wishes.draft);
  const searched = named ? texts : all.map((field) => field.name);
  const others = filters.filter((one) => !texts.includes(one.field));
  if (others.length > 0) {
    wishes.filters.push(...others);
    demand(wishes, "filter", fact);
    const labels = others.map((one) => one.field).join(", ");
    decisions.ambiguities.push({
      text: `${wishes.draft.names.plural} are to be found by ${labels}, which holds no running text.`,
      reading: `a filter on ${labels}`,
      sentences: [fact.sentence],
    });
  }
  if (!named && all.length > 0)
    decisions.assume(
      `A search of ${wishes.draft.names.plural} looks into ${all.map((field) => field.label).join(", ")}: the document names no fields.`,
      `A word that occurs in one of them only finds the ${wishes.draft.noun}.`,
    );
  if (searched.length === 0) {
    if (others.length === 0)
      decisions.report(fact.sentence, `${indefinite(wishes.draft.noun)} has no text to search`);
    return;
  }
  for (const field of searched) wishes.searched.add(field);
  demand(wishes, "search", fact);
}

function textFields(draft: EntityDraft): readonly Field[] {
  return draft.fields.flatMap((one) =>
    one.field?.type.kind === "text" && one.field.type.format === "plain" ? [one.field] : [],
  );
}

/** Numbers per value of a field; reported when there is none to count by. */
export function addCount(
  fact: OperationFact,
  fields: readonly Field[],
  wishes: Wishes,
  decisions: Decisions,
): void {
  const countable = fields.filter(
    (field) => field.type.kind !== "text" || field.type.format === "plain",
  );
  if (countable.length === 0)
    decisions.report(fact.sentence, "asks for a number, but not per value of a field");
  for (const field of countable) {
    const one = wishes.counted.get(field.name) ?? newDemand();
    record(one, fact);
    wishes.counted.set(field.name, one);
  }
}
