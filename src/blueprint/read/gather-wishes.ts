import { bindCriteria, bindSorts } from "./bind-operations.ts";
import type { EntityDraft } from "./entity-draft.ts";
import type { Fact, OperationFact } from "./facts.ts";
import type { Decisions } from "./reading.ts";
import type { Verb } from "./phrases/operation-phrases.ts";
import { type FeatureKind, type Wishes, newDemand, demand } from "./gathered-wishes.ts";
import { addFilters, addSearch, addCount } from "./gather-searches.ts";
import { addAction } from "./gather-actions.ts";

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
