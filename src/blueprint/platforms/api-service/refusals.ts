import type { Entity, Feature, Field, ProductModel } from "../../model/product-model.ts";
import { namesOf } from "./names.ts";
import { entityNameOf, targetOf } from "./scope.ts";

/** A longer name leaves no room on a line of code. */
const maxFieldName = 40;

/** Entities that cannot be created because their required references lead back to them. */
function requiresItself(model: ProductModel, start: Entity): boolean {
  const seen = new Set<string>();
  const leadsBack = (entity: Entity): boolean =>
    entity.fields.some((field) => {
      const name = field.required ? targetOf(field) : undefined;
      if (name === undefined) return false;
      if (name === start.name) return true;
      if (seen.has(name)) return false;
      seen.add(name);
      const target = model.entities.find((one) => one.name === name);
      return target !== undefined && leadsBack(target);
    });
  return leadsBack(start);
}

function fieldRefusal(model: ProductModel, entity: Entity, field: Field): string | undefined {
  const { type } = field;
  const target = targetOf(field);
  if (field.name.length > maxFieldName) return `the name of ${field.label} is too long`;
  if (target !== undefined && !model.entities.some((one) => one.name === target))
    return `${field.label} refers to ${target}, which is not described`;
  if (type.kind === "reference" && field.required && type.onDelete === "clear")
    return `${field.label} is required and cannot be cleared when what it refers to is deleted`;
  if (type.kind === "choice" && type.values.length === 0) return `${field.label} has no choices`;
  const many = type.kind === "labels" || type.kind === "references";
  const together = entity.uniqueTogether.some((names) => names.includes(field.name));
  if (many && (field.unique !== "no" || together))
    return `${field.label} is a list and cannot be unique`;
  if (field.unique === "ignoring-case" && type.kind !== "text")
    return `${field.label} is no text and cannot be unique without case`;
  return undefined;
}

function entityRefusal(model: ProductModel, entity: Entity): string | undefined {
  const names = namesOf(entity);
  const double = model.entities.find(
    (other) => other.name !== entity.name && namesOf(other).file === names.file,
  );
  if (double !== undefined)
    return `${entity.singular} and ${double.singular} cannot be told apart by their names`;
  if (requiresItself(model, entity))
    return `a ${entity.singular} requires another one to exist before it`;
  for (const field of entity.fields) {
    const refusal = fieldRefusal(model, entity, field);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const sortable = new Set(["text", "integer", "decimal", "boolean", "date", "datetime", "choice"]);
const ordered = new Set(["integer", "decimal", "date", "datetime"]);

function fieldNamesOf(feature: Feature): readonly string[] {
  switch (feature.kind) {
    case "search":
      return feature.fields;
    case "sort":
      return [...feature.fields, feature.default.field];
    case "filter":
      return feature.filters.map(({ field }) => field);
    case "action":
      return feature.set.map(({ field }) => field);
    case "count":
      return [feature.field];
    case "service":
    case "access":
    case "create":
    case "read":
    case "list":
    case "update":
    case "delete":
    case "export":
    case "import":
      return [];
  }
}

function useRefusal(feature: Feature, field: Field): string | undefined {
  const { kind } = field.type;
  if (feature.kind === "search" && kind !== "text" && kind !== "labels")
    return `${field.label} is no text to search in`;
  if (feature.kind === "count" && field.unique !== "no")
    return `${field.label} is unique: there is one of each`;
  if (feature.kind === "sort" && !sortable.has(kind)) return `${field.label} has no order`;
  if (feature.kind !== "filter") return undefined;
  for (const { field: name, operator } of feature.filters) {
    if (name !== field.name) continue;
    const many = kind === "labels" || kind === "references";
    const fits =
      operator === "includes"
        ? many
        : operator === "contains"
          ? kind === "text"
          : operator === "equals"
            ? !many
            : ordered.has(kind);
    if (!fits) return `${field.label} cannot be filtered by ${operator}`;
  }
  return undefined;
}

const needsList = new Set(["search", "filter", "sort"]);

/** Why a feature cannot be built as an HTTP service; undefined when it can. */
export function refusalOf(feature: Feature, model: ProductModel): string | undefined {
  if (feature.kind === "access")
    return model.access.kind === "token" ? undefined : "the product is open to everybody";
  const name = entityNameOf(feature);
  if (name === undefined) return undefined;
  const entity = model.entities.find((one) => one.name === name);
  if (entity === undefined) return `${name} is not described`;
  const broken = entityRefusal(model, entity);
  if (broken !== undefined) return broken;
  const lists = model.features.some((one) => one.kind === "list" && one.entity === name);
  if (needsList.has(feature.kind) && !lists) return `${entity.plural} are not listed`;
  const times = feature.kind === "sort" ? ["createdAt", "updatedAt"] : [];
  for (const fieldName of fieldNamesOf(feature)) {
    if (times.includes(fieldName)) continue;
    const field = entity.fields.find((one) => one.name === fieldName);
    if (field === undefined) return `${entity.singular} has no ${fieldName}`;
    const refusal = useRefusal(feature, field);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
