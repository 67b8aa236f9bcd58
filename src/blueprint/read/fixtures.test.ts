import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDocument } from "../../delivery/requirements/read-document.ts";
import type { Feature, Field, FieldType } from "../model/product-model.ts";
import { understand } from "./read-product.ts";

const root = join(import.meta.dirname, "../../..");
const fixtures = join(root, "test/fixtures/requirements");

interface Expected {
  readonly title: string;
  readonly access: string;
  /** Entity -> field -> summary as `fieldSummary` writes it. */
  readonly entities: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly features: readonly string[];
  /** Texts of the sentences. */
  readonly notUnderstood: readonly string[];
  readonly contradictions?: number;
}

function limits(minimum: number | undefined, maximum: number | undefined): string {
  return minimum === undefined && maximum === undefined
    ? ""
    : ` ${minimum ?? ""}..${maximum ?? ""}`;
}

function typeSummary(type: FieldType): string {
  switch (type.kind) {
    case "text": {
      const word = type.format === "plain" ? (type.multiline ? "lines" : "text") : type.format;
      return word + limits(type.minLength, type.maxLength);
    }
    case "integer":
      return `integer${limits(type.minimum, type.maximum)}`;
    case "decimal":
      return `decimal${type.decimals}${limits(type.minimum, type.maximum)}`;
    case "date":
      return type.relation === "any" ? "date" : `date ${type.relation}`;
    case "choice":
      return `choice ${type.values.join("|")}`;
    case "labels":
      return `labels${type.maxItems === undefined ? "" : ` items..${type.maxItems}`}${type.maxLength === undefined ? "" : ` length..${type.maxLength}`}${type.lowercase ? " lower" : ""}`;
    case "reference":
      return `reference ${type.entity} ${type.onDelete}`;
    case "references":
      return `references ${type.entity}`;
    default:
      return type.kind;
  }
}

function fieldSummary(field: Field): string {
  return [
    typeSummary(field.type),
    ...(field.required ? ["required"] : []),
    ...(field.unique === "no"
      ? []
      : [field.unique === "exact" ? "unique" : "unique-ignoring-case"]),
    ...(field.default === undefined
      ? []
      : [`default=${field.default.kind === "now" ? "now" : String(field.default.value)}`]),
    ...(field.readOnly ? ["readonly"] : []),
  ].join(" ");
}

function featureSummary(feature: Feature): string {
  switch (feature.kind) {
    case "search":
      return `${feature.id} ${feature.fields.join(" ")}`;
    case "filter":
      return `${feature.id} ${feature.filters.map((one) => `${one.field}:${one.operator}`).join(" ")}`;
    case "sort":
      return `${feature.id} ${feature.fields.join(" ")}, by ${feature.default.direction === "descending" ? "-" : ""}${feature.default.field}`;
    case "action":
      return `${feature.id} ${feature.set.map((one) => `${one.field}=${JSON.stringify(one.value).replaceAll('"', "")}`).join(" ")}`;
    case "export":
      return `${feature.id} ${feature.formats.join(" ")}`;
    case "import":
      return `${feature.id} ${feature.formats.join(" ")} ${feature.duplicates}`;
    default:
      return feature.id;
  }
}

/** What the reader makes of a document, in the words of the expectations. */
function summaryOf(path: string): Expected {
  const document = readDocument({ source: path, bytes: readFileSync(path) });
  const { model, contradictions } = understand(document);
  const texts = new Map(document.sentences.map((sentence) => [sentence.id, sentence.text]));
  return {
    title: model.title,
    access:
      model.access.kind === "open"
        ? "open"
        : model.access.publicReads
          ? "token, public reads"
          : "token",
    entities: Object.fromEntries(
      model.entities.map((entity) => [
        entity.name,
        Object.fromEntries(entity.fields.map((field) => [field.name, fieldSummary(field)])),
      ]),
    ),
    features: model.features.map(featureSummary),
    notUnderstood: model.notUnderstood.map((one) => texts.get(one.sentence) ?? ""),
    ...(contradictions.length > 0 ? { contradictions: contradictions.length } : {}),
  };
}

describe("requirements as product owners write them", () => {
  const names = readdirSync(fixtures)
    .filter((file) => file.endsWith(".md"))
    .map((file) => file.slice(0, -".md".length));

  it("has an expectation for each document, and eight documents at least", () => {
    expect(names.length).toBeGreaterThanOrEqual(8);
  });

  it.each(names)("reads %s as its expectation says", (name) => {
    const expected = JSON.parse(
      readFileSync(join(fixtures, `${name}.expected.json`), "utf8"),
    ) as Expected;
    expect(summaryOf(join(fixtures, `${name}.md`))).toEqual(expected);
  });

  it("understands every sentence of the bookmarks example", () => {
    expect(summaryOf(join(root, "examples/bookmarks.md")).notUnderstood).toEqual([]);
  });
});
