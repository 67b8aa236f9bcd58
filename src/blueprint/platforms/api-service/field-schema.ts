import type { Field, FieldType } from "../../model/product-model.ts";
import type { Json } from "./code/json.ts";
import { quoted } from "./code/typescript.ts";
import { withArticle, wordsOf } from "./names.ts";
import { isAlwaysSet } from "./scope.ts";

export type JsonSchema = { readonly [key: string]: Json };

type TextType = Extract<FieldType, { readonly kind: "text" }>;

/** Largest absolute value of a decimal: with its digits it stays an exact integer in the database. */
const maxDecimal = 999_999_999_999;
const maxTextLength = 10_000;
const maxLabels = 100;
const maxLabelLength = 100;
const maxReferences = 1000;

/** Control characters have no place in one line of text; in many lines only breaks and tabs do. */
const oneLine = "^[^\\u0000-\\u001F\\u007F]*$";
const manyLines = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F]*$";
const oneLineNotBlank = "^(?=.*\\S)[^\\u0000-\\u001F\\u007F]*$";
const manyLinesNotBlank =
  "^(?=[\\s\\S]*\\S)[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F]*$";

function textPattern(type: TextType, required: boolean): string {
  switch (type.format) {
    case "url":
      return "^https?://[^\\s\\u0000-\\u001F\\u007F]+$";
    case "email":
      return "^[^\\s@]+@[^\\s@]+$";
    case "phone":
      return "^\\+?[0-9][0-9 ()./-]{2,29}$";
    case "slug":
      return "^[a-z0-9]+(-[a-z0-9]+)*$";
    case "color":
      return "^#[0-9A-Fa-f]{6}$";
    case "plain":
      if (type.multiline) return required ? manyLinesNotBlank : manyLines;
      return required ? oneLineNotBlank : oneLine;
  }
}

function textSchema(type: TextType, required: boolean): JsonSchema {
  const format = type.format === "url" ? "uri" : type.format === "email" ? "email" : undefined;
  return {
    type: "string",
    minLength: Math.max(1, type.minLength ?? 1),
    maxLength: type.maxLength ?? maxTextLength,
    pattern: textPattern(type, required),
    ...(format !== undefined && { format }),
  };
}

/** JSON Schema of a field's values, never null. */
export function valueSchema(field: Field): JsonSchema {
  const { type } = field;
  switch (type.kind) {
    case "text":
      return textSchema(type, field.required);
    case "integer":
      return {
        type: "integer",
        minimum: type.minimum ?? Number.MIN_SAFE_INTEGER,
        maximum: type.maximum ?? Number.MAX_SAFE_INTEGER,
      };
    case "decimal":
      return {
        type: "number",
        minimum: type.minimum ?? -maxDecimal,
        maximum: type.maximum ?? maxDecimal,
        ...(type.decimals === 0
          ? { multipleOf: 1 }
          : { multipleOf: Number(`1e-${type.decimals}`) }),
      };
    case "boolean":
      return { type: "boolean" };
    case "date":
      return { type: "string", format: "date" };
    case "datetime":
      return { type: "string", format: "date-time" };
    case "choice":
      return { type: "string", enum: type.values };
    case "labels":
      return {
        type: "array",
        maxItems: type.maxItems ?? maxLabels,
        ...(field.required && { minItems: 1 }),
        items: {
          type: "string",
          minLength: 1,
          maxLength: type.maxLength ?? maxLabelLength,
          pattern: oneLineNotBlank,
        },
      };
    case "reference":
      return { type: "string", format: "uuid" };
    case "references":
      return {
        type: "array",
        maxItems: maxReferences,
        uniqueItems: true,
        ...(field.required && { minItems: 1 }),
        items: { type: "string", format: "uuid" },
      };
  }
}

function describe(field: Field): string {
  const text = field.description === "" ? wordsOf(field) : field.description;
  const rule =
    field.type.kind === "date" && field.type.relation !== "any"
      ? ` ${field.type.relation === "past-or-today" ? "Not in the future." : "Not in the past."}`
      : "";
  const reference =
    field.type.kind === "reference" || field.type.kind === "references"
      ? ` The id of ${withArticle(field.type.entity)}.`
      : "";
  const unique = field.unique === "no" ? "" : " Unique.";
  return `${text.replace(/\.?$/, ".")}${rule}${reference}${unique}`;
}

function nullable(field: Field): JsonSchema {
  const { type, ...rest } = valueSchema(field);
  const values = field.type.kind === "choice" ? { enum: [...field.type.values, null] } : {};
  return { type: [type ?? "string", "null"], ...rest, ...values };
}

/** The property of a record as the service shows it. */
export function shownSchema(field: Field): JsonSchema {
  const schema = isAlwaysSet(field) ? valueSchema(field) : nullable(field);
  return { description: describe(field), ...schema };
}

/** The property of what a client sends; `null` clears an optional field. */
export function sentSchema(field: Field): JsonSchema {
  const schema = shownSchema(field);
  if (field.default?.kind !== "value") return schema;
  return { ...schema, default: field.default.value };
}

/** The TypeScript types of a field's values; several are a union. */
export function valueTypes(field: Field): readonly string[] {
  const { type } = field;
  switch (type.kind) {
    case "integer":
    case "decimal":
      return ["number"];
    case "boolean":
      return ["boolean"];
    case "labels":
    case "references":
      return ["readonly string[]"];
    case "choice":
      return type.values.map(quoted);
    case "text":
    case "date":
    case "datetime":
    case "reference":
      return ["string"];
  }
}

export function shownTypes(field: Field): readonly string[] {
  return isAlwaysSet(field) ? valueTypes(field) : [...valueTypes(field), "null"];
}
