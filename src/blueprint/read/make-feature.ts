import type { Entity, Feature, FeatureBase } from "../model/product-model.ts";
import { type Demand, type FeatureKind, type Wishes, pageSizes } from "./gathered-wishes.ts";
import { indefinite } from "./names.ts";
import type { Decisions } from "./reading.ts";

/** Names of the entities that one refers to. */
export function referencedBy(entity: Entity): readonly string[] {
  return entity.fields.flatMap((field) =>
    field.type.kind === "reference" || field.type.kind === "references" ? [field.type.entity] : [],
  );
}

/** A demand that nobody made in words. */
export function newDemand(): Demand {
  return { actor: undefined, benefit: undefined, priority: "must", sentences: new Set() };
}

/** The parts that all features have; `benefit` stands in when the document gives none. */
export function base(
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

/** `dueDate` -> `due-date`. */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `mark-as-read` -> `Mark a bookmark as read`. */
export function actionTitle(action: string, singular: string): string {
  const [verb = "", ...rest] = action.split("-");
  const title = `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
  return rest[0] === "as"
    ? `${title} ${indefinite(singular)} ${rest.join(" ")}`
    : `${[title, ...rest].join(" ")} ${indefinite(singular)}`;
}

/** What a feature is made from, besides its kind. */
export interface FeatureSource {
  readonly wishes: Wishes;
  readonly entity: Entity;
  readonly entities: readonly Entity[];
  /** Features that all others need. */
  readonly root: readonly string[];
}

interface FeatureText {
  readonly title: string;
  readonly benefit: string;
  /** Suffixes of features of the same entity, or whole ids. */
  readonly needs: readonly string[];
}

/** The feature of one of the kinds that an entity has at most once; undefined for other kinds. */
export function simpleFeature(
  kind: FeatureKind,
  source: FeatureSource,
  demand: Demand,
): Feature | undefined {
  const { entity, wishes } = source;
  const text = textOfFeature(kind, source);
  if (text === undefined) return undefined;
  const common = {
    ...base(`${entity.variable}.${kind}`, text.title, text.needs, demand, text.benefit),
    entity: entity.name,
  };
  switch (kind) {
    case "create":
      return {
        ...common,
        kind,
        sentences: [...new Set([...entity.sentences, ...demand.sentences])],
      };
    case "read":
    case "update":
    case "delete":
      return { ...common, kind };
    case "list":
      return { ...common, kind, ...pageSizes(wishes) };
    case "search":
      return { ...common, kind, fields: [...wishes.searched] };
    case "filter":
      return { ...common, kind, filters: distinct(wishes.filters) };
    case "sort":
      return { ...common, kind, ...sortOf(wishes) };
    default:
      return undefined;
  }
}

function textOfFeature(kind: FeatureKind, source: FeatureSource): FeatureText | undefined {
  const { entity, entities, root } = source;
  const { singular, plural } = entity;
  const own = (...suffixes: readonly string[]): readonly string[] =>
    suffixes.map((suffix) => `${entity.variable}.${suffix}`);
  const a = indefinite(singular);
  switch (kind) {
    case "create":
      return {
        title: `Create ${a}`,
        benefit: `the ${singular} is kept and not forgotten`,
        needs: [...root, ...targetsBefore(entity, entities)],
      };
    case "read":
      return {
        title: `Look at one ${singular}`,
        benefit: `all that is known about the ${singular} can be seen`,
        needs: own("create"),
      };
    case "list":
      return {
        title: `List ${plural}`,
        benefit: "nothing that was kept is lost from sight",
        needs: own("create"),
      };
    case "search":
      return {
        title: `Search ${plural}`,
        benefit: `${a} is found by what is written in it`,
        needs: own("list"),
      };
    case "filter":
      return {
        title: `Filter ${plural}`,
        benefit: `only the ${plural} that matter now are shown`,
        needs: own("list"),
      };
    case "sort":
      return {
        title: `Sort ${plural}`,
        benefit: `the most interesting ${plural} come first`,
        needs: own("list"),
      };
    case "update":
      return {
        title: `Change ${a}`,
        benefit: "mistakes can be put right",
        needs: own("create", "read"),
      };
    case "delete":
      return {
        title: `Delete ${a}`,
        benefit: "what is no longer needed is out of the way",
        needs: [...own("create", "read"), ...referrers(entity, entities)],
      };
    default:
      return undefined;
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

/** Import and export, when they are asked for. */
export function transferFeatures(
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
