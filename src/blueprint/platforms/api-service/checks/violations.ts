import type { Field } from "../../../model/product-model.ts";
import { print } from "../code/doc.ts";
import { literal } from "../code/typescript.ts";
import { kebab, wordsOf } from "../names.ts";
import { sampleOf } from "../samples.ts";

/** A value that breaks one rule of a field. */
export interface Violation {
  /** `too-long-title` */
  readonly key: string;
  /** Follows `with`: `title longer than 200 characters`. */
  readonly words: string;
  /** Code of the value. */
  readonly code: string;
  /** Where the fault is. */
  readonly pointer: string;
}

type Draft = readonly [key: string, words: string, code: string, pointerTail?: string];

function codeOf(value: string | number | boolean | readonly string[]): string {
  return print(literal(value), Infinity).trimEnd();
}

const badText = {
  url: ["malformed", "that is no web address", '"not an address"'],
  email: ["malformed", "that is no e-mail address", '"nobody"'],
  phone: ["malformed", "that is no phone number", '"call me"'],
  slug: ["malformed", "with blanks and capitals", '"Not A Slug"'],
  color: ["malformed", "that is no color", '"reddish"'],
} as const;

function textDrafts(type: Extract<Field["type"], { kind: "text" }>, required: boolean): Draft[] {
  const drafts: Draft[] = [];
  if (type.maxLength !== undefined)
    drafts.push([
      "too-long",
      `longer than ${type.maxLength} characters`,
      `"x".repeat(${type.maxLength + 1})`,
    ]);
  if (type.minLength !== undefined && type.minLength > 1)
    drafts.push([
      "too-short",
      `shorter than ${type.minLength} characters`,
      `"x".repeat(${type.minLength - 1})`,
    ]);
  if (type.format !== "plain") drafts.push([...badText[type.format]]);
  else if (required) drafts.push(["blank", "of blanks only", '"   "']);
  return drafts;
}

function numberDrafts(type: { minimum: number | undefined; maximum: number | undefined }): Draft[] {
  const drafts: Draft[] = [["malformed", "that is no number", '"many"']];
  if (type.minimum !== undefined)
    drafts.push(["too-small", `below ${type.minimum}`, String(type.minimum - 1)]);
  if (type.maximum !== undefined)
    drafts.push(["too-large", `above ${type.maximum}`, String(type.maximum + 1)]);
  return drafts;
}

function dateDrafts(type: Extract<Field["type"], { kind: "date" }>): Draft[] {
  const drafts: Draft[] = [["malformed", "that does not exist", '"2026-02-30"']];
  if (type.relation === "past-or-today") drafts.push(["future", "in the future", '"2999-01-01"']);
  if (type.relation === "today-or-future") drafts.push(["past", "in the past", '"2000-01-01"']);
  return drafts;
}

function labelDrafts(type: Extract<Field["type"], { kind: "labels" }>): Draft[] {
  const drafts: Draft[] = [["empty", "with an empty label", '[""]', "/0"]];
  if (type.maxItems !== undefined)
    drafts.push([
      "too-many",
      `of more than ${type.maxItems} labels`,
      `Array.from({ length: ${type.maxItems + 1} }, (_, index) => \`l\${index}\`)`,
    ]);
  if (type.maxLength !== undefined)
    drafts.push([
      "too-long",
      `with a label longer than ${type.maxLength} characters`,
      `["x".repeat(${type.maxLength + 1})]`,
      "/0",
    ]);
  return drafts;
}

function drafts(field: Field): readonly Draft[] {
  const { type } = field;
  switch (type.kind) {
    case "text":
      return textDrafts(type, field.required);
    case "integer":
      return [...numberDrafts(type), ["fractional", "that is not whole", fraction(field)]];
    case "decimal":
      return [
        ...numberDrafts(type),
        [
          "too-precise",
          `with more than ${type.decimals} decimals`,
          tooPrecise(field, type.decimals),
        ],
      ];
    case "boolean":
      return [["malformed", "that is neither true nor false", '"maybe"']];
    case "date":
      return dateDrafts(type);
    case "datetime":
      return [["malformed", "without a time", '"2026-01-31"']];
    case "choice":
      return [["unknown", "that is none of its choices", codeOf(`not ${type.values.join("")}`)]];
    case "labels":
      return labelDrafts(type);
    case "reference":
      return [["malformed", "that is no id", '"nothing"']];
    case "references":
      return [["malformed", "with text that is no id", '["nothing"]', "/0"]];
  }
}

function fraction(field: Field): string {
  const value = sampleOf(field, 1);
  return String((typeof value === "number" ? value : 0) + 0.5);
}

function tooPrecise(field: Field, decimals: number): string {
  const value = sampleOf(field, 1);
  const base = typeof value === "number" ? value : 0;
  return (base + 4 * Number(`1e-${decimals + 1}`)).toFixed(decimals + 1);
}

/** Every rule of a field that a value can break, each with a value that breaks it. */
export function violationsOf(field: Field): readonly Violation[] {
  const name = kebab(field.name);
  return drafts(field).map(([key, words, code, tail]) => ({
    key: `${key}-${name}`,
    words: `${wordsOf(field)} ${words}`,
    code,
    pointer: `/${field.name}${tail ?? ""}`,
  }));
}
