import type { Feature } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { lines } from "../code/doc.ts";
import { block, call, comment, literal, quoted } from "../code/typescript.ts";
import { capital, wordsOf } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { fieldOf } from "../scope.ts";
import { linkTable } from "./columns.ts";

type Count = Extract<Feature, { readonly kind: "count" }>;

export function countMethodName(feature: Count): string {
  return `countBy${capital(feature.field)}`;
}

/** A method of the repository: how many records there are for each value of a field. */
export function countMethod(own: EntityScope, feature: Count): Doc {
  const { entity } = own;
  const field = fieldOf(entity, feature.field);
  return lines([
    comment(`How many ${entity.plural} there are for each ${wordsOf(field)}.`, 1),
    block(`${countMethodName(feature)}(): readonly ValueCount[]`, [
      ["return ", countCall(own, feature), ";"],
    ]),
  ]);
}

function countCall(own: EntityScope, feature: Count): Doc {
  const { entity } = own;
  const field = fieldOf(entity, feature.field);
  const { type } = field;
  const plain = [`this.#database`, quoted(entity.table), quoted(field.column)];
  switch (type.kind) {
    case "boolean":
      return call("countFlags", plain);
    case "decimal":
      return call("countScaled", [...plain, String(10 ** type.decimals)]);
    case "choice":
      return call("withEveryValue", [literal(type.values), call("countValues", plain)]);
    case "labels":
      return call("countValues", [
        "this.#database",
        quoted(`${entity.table}, json_each(${entity.table}.${field.column})`),
        quoted("value"),
      ]);
    case "references":
      return call("countValues", [
        "this.#database",
        quoted(linkTable(entity, field)),
        quoted("target_id"),
      ]);
    case "text":
    case "integer":
    case "date":
    case "datetime":
    case "reference":
      return call("countValues", plain);
  }
}
