import type { Feature, Field } from "../../../model/product-model.ts";
import type { Doc } from "../code/doc.ts";
import { block, hug, list, property, tallObject } from "../code/typescript.ts";
import { namesOf } from "../names.ts";
import type { EntityScope } from "../scope.ts";
import { fieldOf } from "../scope.ts";
import { columnValue, foldedColumn, needsFold, readColumn, uniqueColumn } from "./columns.ts";

/** The functions of a repository that turn a record into a row and back. */
export function rowMapping(own: EntityScope, features: readonly Feature[]): readonly Doc[] {
  const { entity } = own;
  const { type, variable } = namesOf(entity);
  const stored = entity.fields.filter((field) => field.type.kind !== "references");
  const folds = entity.fields.filter((field) => needsFold(entity, field, features));
  const keys = entity.fields.filter((field) => field.unique === "ignoring-case");
  const toRow = tallObject([
    `id: ${variable}.id`,
    ...stored.map((field) =>
      property(field.column, columnValue(field, `${variable}.${field.name}`)),
    ),
    ...keys.map((field) =>
      property(uniqueColumn(field), nullSafe(field, "foldCase", `${variable}.${field.name}`)),
    ),
    ...folds.map((field) =>
      property(foldedColumn(field), `foldTexts([${variable}.${field.name}])`),
    ),
    ...(own.search === undefined ? [] : [["search_text: ", searchText(own, own.search.fields)]]),
    `created_at: ${variable}.createdAt`,
    `updated_at: ${variable}.updatedAt`,
  ]);
  const fromRow = tallObject([
    'id: textOf(row, "id")',
    ...entity.fields.map((field) => property(field.name, readColumn(field, type))),
    'createdAt: textOf(row, "created_at")',
    'updatedAt: textOf(row, "updated_at")',
  ]);
  return [
    block(`function toRow(${variable}: ${type}): SqlRow`, [["return ", toRow, ";"]]),
    "",
    block(`function fromRow(row: SqlRow): ${type}`, [["return ", fromRow, ";"]]),
  ];
}

function nullSafe(field: Field, fold: string, value: string): string {
  return field.required ? `${fold}(${value})` : `${value} === null ? null : ${fold}(${value})`;
}

function searchText(own: EntityScope, fields: readonly string[]): Doc {
  const { variable } = namesOf(own.entity);
  const parts = fields.map((name) => {
    const spread = fieldOf(own.entity, name).type.kind === "labels" ? "..." : "";
    return `${spread}${variable}.${name}`;
  });
  return hug("foldTexts", [list("[", parts, "]")]);
}
