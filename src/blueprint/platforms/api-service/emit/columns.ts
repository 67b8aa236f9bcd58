import type { Entity, Feature, Field } from "../../../model/product-model.ts";
import { entityNameOf, isAlwaysSet } from "../scope.ts";

/** The table that holds the many-references of a field. */
export function linkTable(entity: Entity, field: Field): string {
  return `${entity.table}_${field.column}`;
}

/** The column that sorting and `contains` compare. */
export function foldedColumn(field: Field): string {
  return `${field.column}_folded`;
}

/** The column that uniqueness compares. */
export function uniqueColumn(field: Field): string {
  return field.unique === "ignoring-case" ? `${field.column}_key` : field.column;
}

/** True for texts that are sorted by, or filtered by a part of them: these compare without case. */
export function needsFold(entity: Entity, field: Field, features: readonly Feature[]): boolean {
  if (field.type.kind !== "text") return false;
  return features.some((feature) => {
    if (entityNameOf(feature) !== entity.name) return false;
    if (feature.kind === "sort") return feature.fields.includes(field.name);
    if (feature.kind !== "filter") return false;
    return feature.filters.some((one) => one.field === field.name && one.operator === "contains");
  });
}

function plainValue(field: Field, value: string): string {
  const { type } = field;
  switch (type.kind) {
    case "decimal":
      return type.decimals === 0 ? value : `Math.round(${value} * ${10 ** type.decimals})`;
    case "boolean":
      return `Number(${value})`;
    case "labels":
      return `JSON.stringify(${value})`;
    case "text":
    case "integer":
    case "date":
    case "datetime":
    case "choice":
    case "reference":
    case "references":
      return value;
  }
}

/** Code that turns a record's value into its column's value. */
export function columnValue(field: Field, value: string): string {
  const plain = plainValue(field, value);
  if (plain === value || isAlwaysSet(field)) return plain;
  return `${value} === null ? null : ${plain}`;
}

const readers = {
  text: "textOf",
  integer: "numberOf",
  decimal: "numberOf",
  boolean: "flagOf",
  date: "textOf",
  datetime: "textOf",
  choice: "textOf",
  labels: "listOf",
  reference: "textOf",
  references: "listOf",
} as const;

/** Code that reads a record's value from `row`. */
export function readColumn(field: Field, type: string): string {
  const { type: fieldType } = field;
  const isSet = isAlwaysSet(field);
  const name = `"${field.column}"`;
  if (fieldType.kind === "decimal" && fieldType.decimals > 0)
    return isSet
      ? `decimalOf(${fieldType.decimals})(row, ${name})`
      : `optional(decimalOf(${fieldType.decimals}), row, ${name})`;
  const reader = readers[fieldType.kind];
  const read = isSet ? `${reader}(row, ${name})` : `optional(${reader}, row, ${name})`;
  // The schema's CHECK holds the column to the choices.
  return fieldType.kind === "choice" ? `${read} as ${type}["${field.name}"]` : read;
}
