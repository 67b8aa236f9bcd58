import type {
  Entity,
  Feature,
  Field,
  FilterOperator,
  ProductModel,
} from "../../model/product-model.ts";
import { capital } from "./names.ts";

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

/** One entity and what is to be done with it so far. */
export interface EntityScope {
  readonly entity: Entity;
  readonly create: Of<"create"> | undefined;
  readonly read: Of<"read"> | undefined;
  readonly list: Of<"list"> | undefined;
  readonly update: Of<"update"> | undefined;
  readonly remove: Of<"delete"> | undefined;
  readonly search: Of<"search"> | undefined;
  readonly filters: readonly Filter[];
  readonly sort: Of<"sort"> | undefined;
  readonly export: Of<"export"> | undefined;
  readonly import: Of<"import"> | undefined;
  readonly actions: readonly Of<"action">[];
  readonly counts: readonly Of<"count">[];
  /** False for an entity that only stands in the database, because another refers to it. */
  readonly served: boolean;
}

/** What the files of a project are to hold: the features so far, by entity. */
export interface Scope {
  readonly model: ProductModel;
  readonly features: readonly Feature[];
  /** Undefined until the access feature is built. */
  readonly access: { readonly publicReads: boolean } | undefined;
  readonly entities: readonly EntityScope[];
}

export interface Filter {
  readonly field: Field;
  readonly operator: FilterOperator;
  /** Name of the query parameter. */
  readonly parameter: string;
}

export function scopeOf(model: ProductModel, features: readonly Feature[]): Scope {
  const needed = entitiesNeeded(model, features);
  const built = features.some((feature) => feature.kind === "access");
  return {
    model,
    features,
    access: built && model.access.kind === "token" ? model.access : undefined,
    entities: needed.map((entity) => entityScope(entity, features)),
  };
}

/** The name of the entity that a feature is about. */
export function entityNameOf(feature: Feature): string | undefined {
  return "entity" in feature ? feature.entity : undefined;
}

export function entityOf(model: ProductModel, name: string): Entity {
  const found = model.entities.find((entity) => entity.name === name);
  if (found === undefined) throw new TypeError(`the model has no entity ${name}`);
  return found;
}

export function fieldOf(entity: Entity, name: string): Field {
  const found = entity.fields.find((field) => field.name === name);
  if (found === undefined) throw new TypeError(`${entity.name} has no field ${name}`);
  return found;
}

export function targetOf(field: Field): string | undefined {
  return "entity" in field.type ? field.type.entity : undefined;
}

/** Entities with a feature and those that they refer to, targets first, in order of first need. */
function entitiesNeeded(model: ProductModel, features: readonly Feature[]): readonly Entity[] {
  const found = new Map<string, Entity>();
  const visiting = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name) || visiting.has(name)) return;
    visiting.add(name);
    const entity = entityOf(model, name);
    for (const field of entity.fields) {
      const target = targetOf(field);
      if (target !== undefined) visit(target);
    }
    found.set(name, entity);
  };
  for (const feature of features) {
    const name = entityNameOf(feature);
    if (name !== undefined) visit(name);
  }
  return [...found.values()];
}

function entityScope(entity: Entity, features: readonly Feature[]): EntityScope {
  const own = features.filter((feature) => entityNameOf(feature) === entity.name);
  const all = <Kind extends Feature["kind"]>(kind: Kind): Of<Kind>[] =>
    own.filter((feature): feature is Of<Kind> => feature.kind === kind);
  return {
    entity,
    create: all("create")[0],
    read: all("read")[0],
    list: all("list")[0],
    update: all("update")[0],
    remove: all("delete")[0],
    search: all("search")[0],
    filters: all("filter").flatMap((feature) => filtersOf(entity, feature)),
    sort: withDefaultField(all("sort")[0]),
    export: all("export")[0],
    import: all("import")[0],
    actions: all("action"),
    counts: all("count"),
    served: own.length > 0,
  };
}

/** What a list is sorted by unless told otherwise can also be asked for. */
function withDefaultField(sort: Of<"sort"> | undefined): Of<"sort"> | undefined {
  if (sort === undefined || sort.fields.includes(sort.default.field)) return sort;
  return { ...sort, fields: [...sort.fields, sort.default.field] };
}

export function filtersOf(entity: Entity, feature: Of<"filter">): readonly Filter[] {
  return feature.filters.map(({ field: name, operator }) => {
    const field = fieldOf(entity, name);
    return { field, operator, parameter: parameterName(field, operator) };
  });
}

const reservedParameters = new Set(["limit", "cursor", "q", "sort", "format"]);

function parameterName(field: Field, operator: FilterOperator): string {
  const isTime = field.type.kind === "date" || field.type.kind === "datetime";
  switch (operator) {
    case "minimum":
      return `${field.name}${isTime ? "From" : "Min"}`;
    case "maximum":
      return `${field.name}${isTime ? "To" : "Max"}`;
    case "contains":
      return `${field.name}Contains`;
    case "equals":
    case "includes":
      return reservedParameters.has(field.name) ? `by${capital(field.name)}` : field.name;
  }
}

/** Fields that a client may send. */
export function writableFields(entity: Entity): readonly Field[] {
  return entity.fields.filter((field) => !field.readOnly);
}

/** True when a stored record always has a value. */
export function isAlwaysSet(field: Field): boolean {
  if (field.type.kind === "labels" || field.type.kind === "references") return true;
  return (field.required && !field.readOnly) || field.default !== undefined;
}

/** True when a client must send it to create a record. */
export function mustBeSent(field: Field): boolean {
  return field.required && field.default === undefined && !field.readOnly;
}
