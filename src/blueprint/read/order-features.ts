import { indefinite, upperFirst } from "./names.ts";
import type { AccessRule, Entity, Feature, FeatureBase } from "../model/product-model.ts";
import { finishEntity, type EntityDraft } from "./build-entities.ts";
import { pageSizes, type Demand, type FeatureKind, type Wishes } from "./build-features.ts";
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

function referencedBy(entity: Entity): readonly string[] {
  return entity.fields.flatMap((field) =>
    field.type.kind === "reference" || field.type.kind === "references" ? [field.type.entity] : [],
  );
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

function newDemand(): Demand {
  return { actor: undefined, benefit: undefined, priority: "must", sentences: new Set() };
}

function base(
  id: string,
  title: string,
  dependsOn: readonly string[],
  demand: Demand,
  benefit: string,
): FeatureBase {
  return {
    id,
    title,
    actor: demand.actor ?? "user",
    benefit: demand.benefit ?? benefit,
    dependsOn,
    sentences: [...demand.sentences],
    priority: demand.priority,
  };
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
    if (demand !== undefined)
      features.push(...simpleFeature(kind, wishes, entity, entities, demand, root));
  }
  for (const [action, { demand, set }] of wishes.actions) {
    if (set !== undefined)
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

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `mark-as-read` -> `Mark a bookmark as read`. */
function actionTitle(action: string, singular: string): string {
  const [verb = "", ...rest] = action.split("-");
  const title = `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
  return rest[0] === "as"
    ? `${title} ${indefinite(singular)} ${rest.join(" ")}`
    : `${[title, ...rest].join(" ")} ${indefinite(singular)}`;
}

function simpleFeature(
  kind: FeatureKind,
  wishes: Wishes,
  entity: Entity,
  entities: readonly Entity[],
  demand: Demand,
  root: readonly string[],
): readonly Feature[] {
  const id = (suffix: string): string => `${entity.variable}.${suffix}`;
  const make = (
    title: string,
    needs: readonly string[],
    benefit: string,
  ): FeatureBase & { readonly entity: string } => ({
    ...base(id(kind), title, needs, demand, benefit),
    entity: entity.name,
  });
  const { singular, plural } = entity;
  switch (kind) {
    case "create": {
      const described = {
        ...demand,
        sentences: new Set([...entity.sentences, ...demand.sentences]),
      };
      const needs = [...root, ...targetsBefore(entity, entities)];
      return [
        {
          ...base(
            id(kind),
            `Create ${indefinite(singular)}`,
            needs,
            described,
            `the ${singular} is kept and not forgotten`,
          ),
          entity: entity.name,
          kind,
        },
      ];
    }
    case "read":
      return [
        {
          ...make(
            `Look at one ${singular}`,
            [id("create")],
            `all that is known about the ${singular} can be seen`,
          ),
          kind,
        },
      ];
    case "list":
      return [
        {
          ...make(`List ${plural}`, [id("create")], `nothing that was kept is lost from sight`),
          kind,
          ...pageSizes(wishes),
        },
      ];
    case "search":
      return [
        {
          ...make(
            `Search ${plural}`,
            [id("list")],
            `${indefinite(singular)} is found by what is written in it`,
          ),
          kind,
          fields: [...wishes.searched],
        },
      ];
    case "filter":
      return [
        {
          ...make(`Filter ${plural}`, [id("list")], `only the ${plural} that matter now are shown`),
          kind,
          filters: distinct(wishes.filters),
        },
      ];
    case "sort":
      return [
        {
          ...make(`Sort ${plural}`, [id("list")], `the most interesting ${plural} come first`),
          kind,
          ...sortOf(wishes),
        },
      ];
    case "update":
      return [
        {
          ...make(
            `Change ${indefinite(singular)}`,
            [id("create"), id("read")],
            `mistakes can be put right`,
          ),
          kind,
        },
      ];
    case "delete":
      return [
        {
          ...make(
            `Delete ${indefinite(singular)}`,
            [id("create"), id("read"), ...referrers(entity, entities)],
            `what is no longer needed is out of the way`,
          ),
          kind,
        },
      ];
    default:
      return [];
  }
}

function distinct<T extends { readonly field: string; readonly operator: string }>(
  filters: readonly T[],
): readonly T[] {
  return filters.filter(
    (one, at) =>
      filters.findIndex((other) => other.field === one.field && other.operator === one.operator) ===
      at,
  );
}

function sortOf(wishes: Wishes): {
  fields: readonly string[];
  default: { field: string; direction: "ascending" | "descending" };
} {
  const standard = wishes.sorts.find((one) => one.isDefault);
  return {
    fields: [...new Set(wishes.sorts.map((one) => one.field))],
    default:
      standard === undefined
        ? { field: "createdAt", direction: "descending" }
        : { field: standard.field, direction: standard.direction },
  };
}

/** Creating one needs those that it refers to, as far as they come before it. */
function targetsBefore(entity: Entity, entities: readonly Entity[]): readonly string[] {
  const at = entities.indexOf(entity);
  const names = new Set(referencedBy(entity));
  return entities
    .slice(0, at)
    .flatMap((other) => (names.has(other.name) ? [`${other.variable}.create`] : []));
}

/** Rules on deletion speak of those that refer to it, so these must be there. */
function referrers(entity: Entity, entities: readonly Entity[]): readonly string[] {
  return entities.flatMap((other) =>
    other !== entity &&
    other.fields.some(
      (field) => field.type.kind === "reference" && field.type.entity === entity.name,
    )
      ? [`${other.variable}.create`]
      : [],
  );
}

function transferFeatures(
  wishes: Wishes,
  entity: Entity,
  decisions: Decisions,
): readonly Feature[] {
  const id = (suffix: string): string => `${entity.variable}.${suffix}`;
  const imports = wishes.demands.get("import");
  const exports = wishes.demands.get("export");
  const features: Feature[] = [];
  if (imports !== undefined) {
    const unique =
      entity.fields.some((field) => field.unique !== "no") || entity.uniqueTogether.length > 0;
    if (wishes.duplicates === undefined && unique)
      decisions.assume(
        `An imported ${entity.singular} that is already there is skipped: the document does not say what happens to it.`,
        `Importing the same file twice adds nothing the second time.`,
      );
    features.push({
      ...base(
        id("import"),
        `Import ${entity.plural}`,
        [id("create")],
        imports,
        `${entity.plural} kept elsewhere can be taken over`,
      ),
      kind: "import",
      entity: entity.name,
      formats: [...wishes.imported],
      duplicates: wishes.duplicates ?? "skip",
    });
  }
  if (exports !== undefined)
    features.push({
      ...base(
        id("export"),
        `Export ${entity.plural}`,
        [id("create")],
        exports,
        `the ${entity.plural} can be used elsewhere`,
      ),
      kind: "export",
      entity: entity.name,
      formats: [...wishes.exported],
    });
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
