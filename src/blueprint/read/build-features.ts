import type { Feature, Field } from "../model/product-model.ts";
import { bindCriteria, bindSorts, type BoundSort, type Filter } from "./bind-operations.ts";
import type { EntityDraft } from "./entity-draft.ts";
import type { ActionFact, Fact, OperationFact } from "./facts.ts";
import { asciiWords, indefinite } from "./names.ts";
import type { Decisions } from "./reading.ts";
import { bindState } from "./states.ts";
import type { Verb } from "./phrases/operation-phrases.ts";

const defaultPageSize = 20;
const maxPageSize = 100;

/** Kinds of features, as in the model. */
export type FeatureKind = Feature["kind"];

/** Who asks for a kind of feature, and where. */
export interface Demand {
  actor: string | undefined;
  benefit: string | undefined;
  priority: "must" | "should" | "could";
  readonly sentences: Set<string>;
}

/** Everything asked of one entity, before it becomes features. */
export interface Wishes {
  readonly draft: EntityDraft;
  readonly demands: Map<FeatureKind, Demand>;
  readonly searched: Set<string>;
  readonly filters: Filter[];
  readonly sorts: BoundSort[];
  readonly exported: Set<"json" | "csv">;
  readonly imported: Set<"json" | "csv">;
  duplicates: "skip" | "update" | "reject" | undefined;
  pageSize: number | undefined;
  maxPageSize: number | undefined;
  readonly counted: Map<string, Demand>;
  readonly actions: Map<
    string,
    { readonly demand: Demand; readonly set: ReturnType<typeof actionSet> }
  >;
}

/** Gathers all operations on an entity. */
export function gatherWishes(
  draft: EntityDraft,
  facts: readonly Fact[],
  decisions: Decisions,
): Wishes {
  const wishes: Wishes = {
    draft,
    demands: new Map(),
    searched: new Set(),
    filters: [],
    sorts: [],
    exported: new Set(),
    imported: new Set(),
    duplicates: undefined,
    pageSize: undefined,
    maxPageSize: undefined,
    counted: new Map(),
    actions: new Map(),
  };
  for (const fact of facts) {
    if (fact.kind === "operation" && fact.entity === draft.noun)
      addOperation(fact, wishes, decisions);
    if (fact.kind === "action" && fact.entity === draft.noun) addAction(fact, wishes, decisions);
  }
  for (const fact of facts) addSetting(fact, wishes);
  return wishes;
}

function newDemand(): Demand {
  return { actor: undefined, benefit: undefined, priority: "could", sentences: new Set() };
}

function record(demand: Demand, fact: OperationFact | ActionFact): void {
  demand.actor ??= fact.actor;
  demand.benefit ??= fact.benefit;
  if (fact.priority === "must") demand.priority = "must";
  demand.sentences.add(fact.sentence);
}

function demand(wishes: Wishes, kind: FeatureKind, fact: OperationFact): void {
  const one = wishes.demands.get(kind) ?? newDemand();
  record(one, fact);
  wishes.demands.set(kind, one);
}

const managed: readonly FeatureKind[] = ["create", "read", "list", "update", "delete"];

function addOperation(fact: OperationFact, wishes: Wishes, decisions: Decisions): void {
  const bound = bindCriteria(fact, wishes.draft, decisions);
  const sorts = bindSorts(fact, wishes.draft, decisions);
  if (sorts.length > 0) {
    wishes.sorts.push(...sorts);
    demand(wishes, "sort", fact);
  }
  wishes.pageSize ??= fact.pageSize;
  wishes.maxPageSize ??= fact.maxPageSize;
  for (const kind of kindsOf(fact.verb, fact)) demand(wishes, kind, fact);
  switch (fact.verb) {
    case "search":
    case "find":
      addSearch(fact, bound.texts, bound.filters, wishes, decisions);
      return;
    case "count":
      addCount(fact, bound.fields, wishes, decisions);
      return;
    case "export":
      addFormats(fact, wishes.exported, wishes.imported, decisions);
      return;
    case "import":
      addFormats(fact, wishes.imported, wishes.exported, decisions);
      wishes.duplicates ??= fact.duplicates;
      return;
    case "sort":
      if (sorts.length === 0) addAllSorts(fact, wishes, decisions);
      return;
    default:
      addFilters(fact, bound.filters, wishes, decisions);
  }
}

function kindsOf(verb: Verb, fact: OperationFact): readonly FeatureKind[] {
  switch (verb) {
    case "manage":
      return managed;
    case "view":
      return [fact.plural ? "list" : "read"];
    case "create":
    case "read":
    case "list":
    case "update":
    case "delete":
    case "export":
    case "import":
      return [verb];
    default:
      return [];
  }
}

function addFilters(
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

function addSearch(
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

function addCount(
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

function addFormats(
  fact: OperationFact,
  into: Set<"json" | "csv">,
  others: ReadonlySet<"json" | "csv">,
  decisions: Decisions,
): void {
  const what = fact.verb === "import" ? "imported" : "exported";
  for (const format of fact.formats) into.add(format);
  if (fact.formats.length > 0 || into.size > 0) return;
  if (others.size > 0) {
    for (const format of others) into.add(format);
    return;
  }
  into.add("json").add("csv");
  decisions.assume(
    `Data is ${what} as JSON and as CSV: the document names no format.`,
    `Both formats are accepted when ${fact.entity} records are ${what}.`,
  );
}

function addAllSorts(fact: OperationFact, wishes: Wishes, decisions: Decisions): void {
  const fields = wishes.draft.fields.flatMap((one) =>
    one.field === undefined ||
    one.field.type.kind === "labels" ||
    one.field.type.kind === "references" ||
    one.field.type.kind === "reference"
      ? []
      : [one.field.name],
  );
  wishes.sorts.push(
    ...[...fields, "createdAt"].map((field) => ({
      field,
      direction: "ascending" as const,
      isDefault: false,
    })),
  );
  demand(wishes, "sort", fact);
  decisions.assume(
    `${wishes.draft.names.plural} can be sorted by each of their fields: the document names none.`,
    `Sorting by each field gives another order.`,
  );
}

function actionSet(
  fact: ActionFact,
  draft: EntityDraft,
): readonly { readonly field: string; readonly value: string | boolean }[] | undefined {
  const bound = bindState(draft.fields, fact.state);
  const field = bound?.field.field;
  if (bound === undefined || field === undefined) return undefined;
  if (!fact.undo) return [{ field: field.name, value: bound.value }];
  if (typeof bound.value === "boolean") return [{ field: field.name, value: !bound.value }];
  // Taking back a value of a choice: to the value that a new one has.
  const start =
    field.default?.kind === "value"
      ? field.default.value
      : field.type.kind === "choice"
        ? field.type.values[0]
        : undefined;
  return typeof start === "string" && start !== bound.value
    ? [{ field: field.name, value: start }]
    : undefined;
}

function addAction(fact: ActionFact, wishes: Wishes, decisions: Decisions): void {
  const set = actionSet(fact, wishes.draft);
  const action = asciiWords(fact.verb).join("-");
  if (set === undefined || action === "") {
    decisions.report(
      fact.sentence,
      `“${fact.verb}” has no state of ${indefinite(wishes.draft.noun)} to change`,
    );
    return;
  }
  const known = wishes.actions.get(action);
  const one = known?.demand ?? newDemand();
  record(one, fact);
  if (known === undefined) wishes.actions.set(action, { demand: one, set });
}

/** Page sizes, duplicates and rules on deletion said apart from the operations that they belong to. */
function addSetting(fact: Fact, wishes: Wishes): void {
  if (
    fact.kind === "paging" &&
    (wishes.demands.has("list") || wishes.demands.has("filter") || wishes.demands.has("search"))
  ) {
    wishes.pageSize = fact.size ?? wishes.pageSize;
    wishes.maxPageSize = fact.maximum ?? wishes.maxPageSize;
    const list = wishes.demands.get("list") ?? newDemand();
    list.sentences.add(fact.sentence);
    wishes.demands.set("list", list);
  }
  const deletes = wishes.demands.get("delete");
  if (fact.kind === "deletion" && fact.target === wishes.draft.noun)
    deletes?.sentences.add(fact.sentence);
  const imports = wishes.demands.get("import");
  if (
    fact.kind === "duplicates" &&
    imports !== undefined &&
    (fact.entity ?? wishes.draft.noun) === wishes.draft.noun
  ) {
    wishes.duplicates = fact.mode;
    imports.sentences.add(fact.sentence);
  }
}

/** Page sizes of a list: as said, else 20 and 100; the default never exceeds the limit. */
export function pageSizes(wishes: Wishes): {
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
} {
  const limit = wishes.maxPageSize ?? Math.max(maxPageSize, wishes.pageSize ?? 0);
  return {
    defaultPageSize: Math.min(wishes.pageSize ?? defaultPageSize, limit),
    maxPageSize: limit,
  };
}
