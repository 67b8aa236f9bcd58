import type { AccessRule, Entity, Feature } from "../model/product-model.ts";
import type { FeatureKind, Wishes } from "./gathered-wishes.ts";
import { type EntityDraft, finishEntity } from "./entity-draft.ts";
import {
  actionTitle,
  kebab,
  newDemand,
  referencedBy,
  base,
  simpleFeature,
  transferFeatures,
} from "./make-feature.ts";
import { indefinite, upperFirst } from "./names.ts";
import type { Decisions } from "./reading.ts";

/** Entities after those that they refer to; cycles in the order of the document. */
export function orderEntities(drafts: readonly EntityDraft[]): readonly EntityDraft[] {
  const byName = new Map(drafts.map((draft) => [draft.names.name, draft]));
  const done = new Set<EntityDraft>();
  const visit = (draft: EntityDraft, path: ReadonlySet<EntityDraft>): void => {
    if (done.has(draft) || path.has(draft)) return;
    const next = new Set([...path, draft]);
    for (const name of referencedBy(finishEntity(draft))) {
      const target = byName.get(name);
      if (target !== undefined) visit(target, next);
    }
    done.add(draft);
  };
  for (const draft of drafts) visit(draft, new Set());
  return [...done];
}

/** All features in the order in which they are built; each stands after those that it depends on. */
export function orderFeatures(
  wishes: readonly Wishes[],
  entities: readonly Entity[],
  access: AccessRule,
  title: string,
  decisions: Decisions,
): readonly Feature[] {
  const service: Feature = {
    ...base(
      "service",
      `Start the ${title} service`,
      [],
      newDemand(),
      "it can be run, watched and stopped like any other service",
    ),
    kind: "service",
    actor: "operator",
    priority: "must",
  };
  const root = access.kind === "token" ? ["service", "access"] : ["service"];
  const guard: readonly Feature[] =
    access.kind === "open"
      ? []
      : [
          {
            ...base(
              "access",
              "Let in only who has a token",
              ["service"],
              { ...newDemand(), sentences: new Set(access.sentences) },
              "nobody else sees or changes the data",
            ),
            kind: "access",
            actor: "operator",
            priority: "must",
          },
        ];
  const perEntity = wishes.flatMap((one) => {
    const entity = entities.find((candidate) => candidate.name === one.draft.names.name);
    return entity === undefined ? [] : entityFeatures(one, entity, entities, root, decisions);
  });
  return sortByDependency([service, ...guard, ...perEntity]);
}

/** Adds what other features need and nobody asked for. */
function completeDemands(wishes: Wishes, decisions: Decisions): void {
  const { demands, draft } = wishes;
  const need = (kind: FeatureKind, text: string, criterion: string): void => {
    if (demands.has(kind)) return;
    demands.set(kind, newDemand());
    decisions.assume(text, criterion);
  };
  const { singular, plural } = draft.names;
  const onlyDescribed =
    demands.size === 0 && wishes.actions.size === 0 && wishes.counted.size === 0;
  if (!demands.has("import") || onlyDescribed)
    need(
      "create",
      `${upperFirst(indefinite(singular))} can be created: the document describes one, but does not say how it comes into being.`,
      `A new ${singular} is accepted and gets an id.`,
    );
  if (onlyDescribed || demands.has("search") || demands.has("filter") || demands.has("sort"))
    need(
      "list",
      `${plural} can be listed: searching, filtering and referring to them need it.`,
      `A list of ${plural} shows what was created.`,
    );
  if (onlyDescribed || demands.has("update") || demands.has("delete") || wishes.actions.size > 0)
    need(
      "read",
      `One ${singular} can be looked at by its id: changing it needs that.`,
      `${upperFirst(indefinite(singular))} is returned by its id.`,
    );
  if (demands.has("import"))
    need(
      "create",
      `${upperFirst(indefinite(singular))} can also be created one by one, as it can be imported.`,
      `A new ${singular} is accepted and gets an id.`,
    );
}

function entityFeatures(
  wishes: Wishes,
  entity: Entity,
  entities: readonly Entity[],
  root: readonly string[],
  decisions: Decisions,
): readonly Feature[] {
  completeDemands(wishes, decisions);
  const id = (suffix: string): string => `${entity.variable}.${suffix}`;
  const order: readonly FeatureKind[] = [
    "create",
    "read",
    "list",
    "search",
    "filter",
    "sort",
    "update",
    "delete",
  ];
  const features: Feature[] = [];
  for (const kind of order) {
    const demand = wishes.demands.get(kind);
    const feature =
      demand === undefined
        ? undefined
        : simpleFeature(kind, { wishes, entity, entities, root }, demand);
    if (feature !== undefined) features.push(feature);
  }
  features.push(...actionFeatures(wishes, entity));
  features.push(...transferFeatures(wishes, entity, decisions));
  for (const [field, demand] of wishes.counted) {
    const label = entity.fields.find((one) => one.name === field)?.label ?? field;
    features.push({
      ...base(
        id(`count-${kebab(field)}`),
        `Count ${entity.plural} by ${label}`,
        [id("create")],
        demand,
        `it is clear how the ${entity.plural} are spread`,
      ),
      kind: "count",
      entity: entity.name,
      field,
    });
  }
  return features;
}

/** One for each verb that changes a state. */
function actionFeatures(wishes: Wishes, entity: Entity): readonly Feature[] {
  const features: Feature[] = [];
  const id = (suffix: string): string => `${entity.variable}.${suffix}`;
  for (const [action, { demand, set }] of wishes.actions) {
    features.push({
      ...base(
        id(action),
        actionTitle(action, entity.singular),
        [id("create"), id("read")],
        demand,
        `its state is right at a glance`,
      ),
      kind: "action",
      entity: entity.name,
      action,
      set,
    });
  }
  return features;
}

/** Keeps the given order as far as dependencies allow. */
function sortByDependency(features: readonly Feature[]): readonly Feature[] {
  const known = new Set(features.map((feature) => feature.id));
  const placed = new Set<string>();
  const sorted: Feature[] = [];
  let open = features.map((feature) => ({
    ...feature,
    dependsOn: [...new Set(feature.dependsOn.filter((id) => known.has(id)))],
  }));
  while (open.length > 0) {
    const at = open.findIndex((feature) => feature.dependsOn.every((id) => placed.has(id)));
    // A cycle cannot come about; should one, the document's order stands.
    const next = open[Math.max(0, at)];
    if (next === undefined) break;
    sorted.push(next);
    placed.add(next.id);
    open = open.filter((feature) => feature !== next);
  }
  return sorted;
}
