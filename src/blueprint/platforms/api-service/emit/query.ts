import type { Feature, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines } from "../code/doc.ts";
import {
  block,
  call,
  comment,
  list,
  member,
  property,
  quoted,
  signature,
  tallObject,
} from "../code/typescript.ts";
import { valueTypes } from "../field-schema.ts";
import { namesOf } from "../names.ts";
import type { EntityScope, Filter } from "../scope.ts";
import { fieldOf } from "../scope.ts";
import { foldedColumn, linkTable } from "./columns.ts";

function filterTypes({ field, operator }: Filter): readonly string[] {
  return operator === "contains" ? ["string"] : valueTypes(field);
}

/** What clients may ask of a list. */
export function queryInterface(own: EntityScope): Doc {
  const names = namesOf(own.entity);
  return lines([
    comment(`What may be asked of the list of ${own.entity.plural}.`),
    block(`export interface ${names.query}`, [
      "readonly limit: number;",
      "readonly cursor?: string;",
      ...(own.search === undefined ? [] : ["readonly q?: string;"]),
      ...own.filters.map((filter) => member(filter.parameter, filterTypes(filter), true)),
      ...(own.sort === undefined ? [] : ["readonly sort: string;"]),
    ]),
  ]);
}

/** The name of what may be sorted by -> the column or expression that is compared. */
export function sortExpressions(own: EntityScope, sort: Extract<Feature, { kind: "sort" }>): Doc {
  const members = sort.fields.map((name) => {
    if (name === "createdAt") return property(name, quoted("created_at"));
    if (name === "updatedAt") return property(name, quoted("updated_at"));
    return property(name, quoted(sortExpression(fieldOf(own.entity, name))));
  });
  return ["const sortable = ", tallObject(members), ";"];
}

/** Texts without case and accents, choices in the order in which they are listed. */
function sortExpression(field: Field): string {
  if (field.type.kind === "text") return foldedColumn(field);
  if (field.type.kind !== "choice") return field.column;
  const cases = field.type.values.map(
    (value, index) => `WHEN '${value.replaceAll("'", "''")}' THEN ${index}`,
  );
  return `CASE ${field.column} ${cases.join(" ")} END`;
}

function comparedValue({ field, parameter }: Filter): string {
  const { type } = field;
  const value = `query.${parameter}`;
  const converted = (code: string): string => `${value} === undefined ? undefined : ${code}`;
  switch (type.kind) {
    case "decimal":
      return type.decimals === 0
        ? value
        : converted(`Math.round(${value} * ${10 ** type.decimals})`);
    case "boolean":
      return converted(`Number(${value})`);
    case "datetime":
      return converted(`utcTime(${value})`);
    case "text":
    case "integer":
    case "date":
    case "choice":
    case "labels":
    case "reference":
    case "references":
      return value;
  }
}

const operators = { equals: "=", minimum: ">=", maximum: "<=" } as const;

function membership(own: EntityScope, field: Field): string {
  const { table } = own.entity;
  if (field.type.kind === "labels")
    return `EXISTS (SELECT 1 FROM json_each(${table}.${field.column}) WHERE value = ?)`;
  return `EXISTS (SELECT 1 FROM ${linkTable(own.entity, field)} WHERE owner_id = ${table}.id AND target_id = ?)`;
}

function includedValues({ field, parameter }: Filter): string {
  const value = `query.${parameter}`;
  if (field.type.kind !== "labels") return value;
  const form = field.type.lowercase ? "label.trim().toLowerCase()" : "label.trim()";
  return `${value}?.map((label) => ${form})`;
}

function condition(own: EntityScope, filter: Filter): Doc {
  const { field, operator, parameter } = filter;
  switch (operator) {
    case "contains":
      return call("...containsText", [quoted(foldedColumn(field)), `query.${parameter}`]);
    case "includes":
      return call("...includesAll", [quoted(membership(own, field)), includedValues(filter)]);
    case "equals":
    case "minimum":
    case "maximum":
      return call("...compare", [
        quoted(field.column),
        quoted(operators[operator]),
        comparedValue(filter),
      ]);
  }
}

/** The function that turns a query into conditions. */
export function conditionsFunction(own: EntityScope): Doc {
  const { query } = namesOf(own.entity);
  const conditions = [
    ...(own.search === undefined
      ? []
      : [call("...containsWords", [quoted("search_text"), "query.q"])]),
    ...own.filters.map((filter) => condition(own, filter)),
  ];
  return block(signature("function conditionsOf", [`query: ${query}`], "readonly SqlCondition[]"), [
    ["return ", list("[", conditions, "]"), ";"],
  ]);
}
