import type { Json } from "./code/json.ts";
import type { JsonSchema } from "./field-schema.ts";
import { sentSchema, shownSchema } from "./field-schema.ts";
import { namesOf, withArticle } from "./names.ts";
import { sampleOf } from "./samples.ts";
import type { EntityScope } from "./scope.ts";
import { isAlwaysSet, mustBeSent, writableFields } from "./scope.ts";
import type { Entity, Field } from "../../model/product-model.ts";

const timestamp = { type: "string", format: "date-time" } as const;
const exampleId = "7f0c3a52-6c0e-4d7e-9b51-0d8e7b1a2c3d";
const exampleTime = "2026-01-31T10:20:30.456Z";

/** A reference to a named schema of the document. */
export function schemaReference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A valid value for documents: references point at an example id. */
export function exampleValue(field: Field): Json {
  if (field.type.kind === "reference") return field.required ? exampleId : null;
  if (field.type.kind === "references") return field.required ? [exampleId] : [];
  return sampleOf(field, 1) ?? null;
}

/** What a client may send for a new record, every field filled. */
export function exampleInput(entity: Entity): { readonly [key: string]: Json } {
  return Object.fromEntries(
    writableFields(entity).map((field) => [field.name, exampleValue(field)]),
  );
}

function exampleRecord(entity: Entity): { readonly [key: string]: Json } {
  const fields = entity.fields.map((field): [string, Json] => [
    field.name,
    field.readOnly && !isAlwaysSet(field) ? null : exampleValue(field),
  ]);
  return {
    id: exampleId,
    ...Object.fromEntries(fields),
    createdAt: exampleTime,
    updatedAt: exampleTime,
  };
}

function recordSchema(entity: Entity): JsonSchema {
  const names = entity.fields.map((field) => field.name);
  return {
    type: "object",
    description: entity.description === "" ? `One ${entity.singular}.` : entity.description,
    properties: {
      id: { description: "Set by the service.", type: "string", format: "uuid" },
      ...Object.fromEntries(entity.fields.map((field) => [field.name, shownSchema(field)])),
      createdAt: { description: "When it was created.", ...timestamp },
      updatedAt: { description: "When it was last changed.", ...timestamp },
    },
    required: ["id", ...names, "createdAt", "updatedAt"],
    additionalProperties: false,
    examples: [exampleRecord(entity)],
  };
}

function inputSchema(entity: Entity): JsonSchema {
  const fields = writableFields(entity);
  const required = fields.filter(mustBeSent).map((field) => field.name);
  return {
    type: "object",
    description: `What is sent for a new ${entity.singular}.`,
    properties: Object.fromEntries(fields.map((field) => [field.name, sentSchema(field)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    examples: [exampleInput(entity)],
  };
}

function changesSchema(entity: Entity): JsonSchema {
  const fields = writableFields(entity);
  const [first] = fields;
  return {
    type: "object",
    description: `Changes to ${withArticle(entity.singular)}: fields that are left out stay as they are.`,
    properties: Object.fromEntries(fields.map((field) => [field.name, shownSchema(field)])),
    minProperties: 1,
    additionalProperties: false,
    ...(first !== undefined && { examples: [{ [first.name]: exampleValue(first) }] }),
  };
}

function pageSchema(entity: Entity): JsonSchema {
  return {
    type: "object",
    description: `One page of ${entity.plural}.`,
    properties: {
      items: { type: "array", items: schemaReference(namesOf(entity).type) },
      nextCursor: {
        description: "Send it as `cursor` to get the next page; null on the last one.",
        type: ["string", "null"],
      },
    },
    required: ["items", "nextCursor"],
    additionalProperties: false,
  };
}

const reportSchema: JsonSchema = {
  type: "object",
  description: "What became of each record that was sent.",
  properties: {
    imported: { type: "integer", minimum: 0 },
    updated: { type: "integer", minimum: 0 },
    skipped: { type: "integer", minimum: 0 },
    rejected: { type: "integer", minimum: 0 },
    rows: {
      type: "array",
      items: {
        type: "object",
        properties: {
          row: { description: "1 for the first record.", type: "integer", minimum: 1 },
          outcome: { type: "string", enum: ["imported", "updated", "skipped", "rejected"] },
          id: { type: ["string", "null"], format: "uuid" },
          reasons: { type: "array", items: schemaReference("HttpFault") },
        },
        required: ["row", "outcome", "id", "reasons"],
        additionalProperties: false,
      },
    },
  },
  required: ["imported", "updated", "skipped", "rejected", "rows"],
  additionalProperties: false,
};

export const faultSchema: JsonSchema = {
  type: "object",
  properties: {
    pointer: { description: "JSON pointer into the content, or a parameter.", type: "string" },
    detail: { type: "string" },
  },
  required: ["pointer", "detail"],
  additionalProperties: false,
};

/** RFC 9457. */
export const problemSchema: JsonSchema = {
  type: "object",
  properties: {
    type: { description: "Stable: what clients may branch on.", type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    errors: { type: "array", items: schemaReference("HttpFault") },
  },
  required: ["type", "title", "status", "detail"],
  additionalProperties: false,
  examples: [
    {
      type: "urn:problem:not-found",
      title: "Not found",
      status: 404,
      detail: `There is nothing with the id ${exampleId}.`,
    },
  ],
};

/** The schemas of an entity that its features need. */
export function entitySchemas(scope: EntityScope): { readonly [name: string]: JsonSchema } {
  const { entity } = scope;
  const names = namesOf(entity);
  if (!scope.served) return {};
  return {
    [names.type]: recordSchema(entity),
    ...((scope.create ?? scope.import) !== undefined && { [names.input]: inputSchema(entity) }),
    ...(scope.update !== undefined && { [names.changes]: changesSchema(entity) }),
    ...(scope.list !== undefined && { [`${names.type}Page`]: pageSchema(entity) }),
    ...(scope.import !== undefined && { ImportReport: reportSchema }),
  };
}
