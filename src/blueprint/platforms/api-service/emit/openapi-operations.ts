import type { Feature } from "../../../model/product-model.ts";
import type { JsonSchema } from "../field-schema.ts";
import { capital, namesOf, operationIdOf, withArticle, wordsOf } from "../names.ts";
import { schemaReference } from "../schemas.ts";
import type { EntityScope, Scope } from "../scope.ts";
import { fieldOf, targetOf } from "../scope.ts";
import type { OperationSpec, Part } from "./openapi-parts.ts";
import { jsonContent } from "./openapi-parts.ts";
import { listParameters, query } from "./query-parameters.ts";

const idParameter: Part = {
  name: "id",
  in: "path",
  required: true,
  schema: { type: "string", format: "uuid" },
};

/** Who may call it: nobody is asked until the access feature is built. */
function accessOf(scope: Scope, reads: boolean): OperationSpec["access"] {
  if (scope.access === undefined) return "unrestricted";
  return reads && scope.access.publicReads ? "open" : "token";
}

function recordResponse(entityScope: EntityScope, description: string): Part {
  return {
    description,
    content: jsonContent(schemaReference(namesOf(entityScope.entity).type)),
  };
}

/** True when storing a record can break uniqueness. */
export function canConflict(entityScope: EntityScope): boolean {
  const { fields, uniqueTogether } = entityScope.entity;
  return uniqueTogether.length > 0 || fields.some((field) => field.unique !== "no");
}

/** True when another entity's records can keep this one's from being deleted. */
export function canBeHeld(scope: Scope, entityScope: EntityScope): boolean {
  return scope.entities.some(({ entity }) =>
    entity.fields.some(
      (field) =>
        targetOf(field) === entityScope.entity.name &&
        field.type.kind === "reference" &&
        field.type.onDelete === "restrict",
    ),
  );
}

function base(entityScope: EntityScope): { readonly tag: string; readonly path: string } {
  return { tag: entityScope.entity.plural, path: `/${entityScope.entity.collection}` };
}

function createSpec(scope: Scope, own: EntityScope, feature: Of<"create">): OperationSpec {
  const { type, input } = namesOf(own.entity);
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "post",
    body: { "application/json": schemaReference(input) },
    success: {
      status: 201,
      response: {
        description: `The new ${own.entity.singular}.`,
        headers: { Location: { schema: { type: "string" } } },
        content: jsonContent(schemaReference(type)),
      },
    },
    refusals: canConflict(own) ? [409] : [],
    access: accessOf(scope, false),
  };
}

type Of<Kind extends Feature["kind"]> = Extract<Feature, { readonly kind: Kind }>;

function readSpec(scope: Scope, own: EntityScope, feature: Of<"read">): OperationSpec {
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "get",
    path: `/${own.entity.collection}/{id}`,
    parameters: [idParameter],
    success: { status: 200, response: recordResponse(own, `The ${own.entity.singular}.`) },
    refusals: [404],
    access: accessOf(scope, true),
  };
}

function listSpec(scope: Scope, own: EntityScope, feature: Of<"list">): OperationSpec {
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "get",
    parameters: listParameters(own, feature),
    success: {
      status: 200,
      response: {
        description: `One page of ${own.entity.plural}.`,
        content: jsonContent(schemaReference(`${namesOf(own.entity).type}Page`)),
      },
    },
    refusals: [400],
    access: accessOf(scope, true),
  };
}

function updateSpec(scope: Scope, own: EntityScope, feature: Of<"update">): OperationSpec {
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    description: "Changes the fields that are sent and leaves the others as they are.",
    method: "patch",
    path: `/${own.entity.collection}/{id}`,
    parameters: [idParameter],
    body: { "application/json": schemaReference(namesOf(own.entity).changes) },
    success: { status: 200, response: recordResponse(own, `The changed ${own.entity.singular}.`) },
    refusals: canConflict(own) ? [404, 409] : [404],
    access: accessOf(scope, false),
  };
}

function deleteSpec(scope: Scope, own: EntityScope, feature: Of<"delete">): OperationSpec {
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "delete",
    path: `/${own.entity.collection}/{id}`,
    parameters: [idParameter],
    success: { status: 204, response: { description: "It is gone." } },
    refusals: canBeHeld(scope, own) ? [404, 409] : [404],
    access: accessOf(scope, false),
  };
}

function actionSpec(scope: Scope, own: EntityScope, feature: Of<"action">): OperationSpec {
  const fixed = feature.set.some(({ value }) => typeof value !== "object");
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "post",
    path: `/${own.entity.collection}/{id}/${feature.action}`,
    parameters: [idParameter],
    success: { status: 200, response: recordResponse(own, `The changed ${own.entity.singular}.`) },
    refusals: fixed ? [400, 404, 409] : [400, 404],
    access: accessOf(scope, false),
  };
}

function countSpec(scope: Scope, own: EntityScope, feature: Of<"count">): OperationSpec {
  const field = fieldOf(own.entity, feature.field);
  const { type } = field;
  const value: JsonSchema =
    type.kind === "labels" || type.kind === "references"
      ? { type: "string" }
      : { type: [type.kind === "boolean" ? "boolean" : jsonTypeOf(type.kind), "null"] };
  const row: JsonSchema = {
    type: "object",
    properties: { value, count: { type: "integer", minimum: 0 } },
    required: ["value", "count"],
    additionalProperties: false,
  };
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "get",
    path: `/${own.entity.collection}/counts/${feature.field}`,
    success: {
      status: 200,
      response: {
        description: `How many ${own.entity.plural} there are for each ${wordsOf(field)}.`,
        content: jsonContent({
          type: "object",
          properties: { counts: { type: "array", items: row } },
          required: ["counts"],
          additionalProperties: false,
        }),
      },
    },
    refusals: [],
    access: accessOf(scope, true),
  };
}

function jsonTypeOf(kind: string): string {
  return kind === "integer" ? "integer" : kind === "decimal" ? "number" : "string";
}

const mediaTypes = { json: "application/json", csv: "text/csv" } as const;

function exportSpec(scope: Scope, own: EntityScope, feature: Of<"export">): OperationSpec {
  const list: JsonSchema = { type: "array", items: schemaReference(namesOf(own.entity).type) };
  const content = Object.fromEntries(
    feature.formats.map((format) => [
      mediaTypes[format],
      { schema: format === "json" ? list : { type: "string" } },
    ]),
  );
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    method: "get",
    path: `/${own.entity.collection}/export`,
    parameters: [
      query("format", "Form of the export.", {
        type: "string",
        enum: feature.formats,
        default: feature.formats[0] ?? "json",
      }),
    ],
    success: { status: 200, response: { description: `All ${own.entity.plural}.`, content } },
    refusals: [400],
    access: accessOf(scope, true),
  };
}

function importSpec(scope: Scope, own: EntityScope, feature: Of<"import">): OperationSpec {
  const rows: JsonSchema = { type: "array", maxItems: 10_000, items: { type: "object" } };
  return {
    ...base(own),
    operationId: operationIdOf(own.entity, feature),
    summary: feature.title,
    description: `Takes what the export gives. Good records are stored together, in one transaction; the report says what became of each. ${duplicateRule[feature.duplicates]}`,
    method: "post",
    path: `/${own.entity.collection}/import`,
    body: Object.fromEntries(
      feature.formats.map((format) => [
        mediaTypes[format],
        format === "json" ? rows : { type: "string" },
      ]),
    ),
    success: {
      status: 200,
      response: {
        description: `What became of each ${withArticle(own.entity.singular)}.`.replace(
          / (a|an) /,
          " ",
        ),
        content: jsonContent(schemaReference("ImportReport")),
      },
    },
    refusals: [],
    access: accessOf(scope, false),
  };
}

const duplicateRule = {
  skip: "A record whose unique fields are taken is skipped.",
  update: "A record whose unique fields are taken updates the stored one.",
  reject: "A record whose unique fields are taken is rejected.",
} as const;

/** The operations of an entity, in the order of the document. */
export function entityOperations(scope: Scope, own: EntityScope): readonly OperationSpec[] {
  const { create, read, list, update, remove } = own;
  return [
    ...(list === undefined ? [] : [listSpec(scope, own, list)]),
    ...(create === undefined ? [] : [createSpec(scope, own, create)]),
    ...(own.export === undefined ? [] : [exportSpec(scope, own, own.export)]),
    ...(own.import === undefined ? [] : [importSpec(scope, own, own.import)]),
    ...own.counts.map((feature) => countSpec(scope, own, feature)),
    ...(read === undefined ? [] : [readSpec(scope, own, read)]),
    ...(update === undefined ? [] : [updateSpec(scope, own, update)]),
    ...(remove === undefined ? [] : [deleteSpec(scope, own, remove)]),
    ...own.actions.map((feature) => actionSpec(scope, own, feature)),
  ];
}

/** `Bookmarks` for a tag of the document. */
export function tagTitle(own: EntityScope): string {
  return capital(own.entity.plural);
}
