import type { Feature } from "../model/product-model.ts";
import type { BoundSort, Filter } from "./bind-operations.ts";
import type { EntityDraft } from "./entity-draft.ts";
import type { ActionFact, OperationFact } from "./facts.ts";

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

/** What an action on an entity sets. */
export type ActionSet = readonly { readonly field: string; readonly value: string | boolean }[];

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
  readonly actions: Map<string, { readonly demand: Demand; readonly set: ActionSet }>;
}

/** Asked by nobody yet. */
export function newDemand(): Demand {
  return { actor: undefined, benefit: undefined, priority: "could", sentences: new Set() };
}

/** Adds who asks, why and where; the strongest wish counts. */
export function record(demand: Demand, fact: OperationFact | ActionFact): void {
  demand.actor ??= fact.actor;
  demand.benefit ??= fact.benefit;
  if (fact.priority === "must") demand.priority = "must";
  demand.sentences.add(fact.sentence);
}

/** Records that a sentence asks for a kind of feature. */
export function demand(wishes: Wishes, kind: FeatureKind, fact: OperationFact): void {
  const one = wishes.demands.get(kind) ?? newDemand();
  record(one, fact);
  wishes.demands.set(kind, one);
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
