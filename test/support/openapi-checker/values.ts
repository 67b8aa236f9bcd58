import formats from "ajv-formats";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Schema } from "./document.ts";

/** Validates as OpenAPI 3.1 does: JSON Schema 2020-12 with formats. */
export function createValidator(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  return ajv;
}

const ajv = createValidator();
let made = 0;

function number(schema: Schema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

function typesOf(schema: Schema): readonly unknown[] {
  return Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
}

export function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  return (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
}

export function requiredOf(schema: Schema): readonly string[] {
  return (schema["required"] ?? []) as readonly string[];
}

function texts(n: number, schema: Schema): readonly string[] {
  const today = new Date().toISOString();
  const least = number(schema, "minLength") ?? 0;
  return [
    `Sample ${String(n)}`,
    `Sample ${String(n)}`.padEnd(least, "x"),
    String(n),
    `https://example.com/${String(n)}`,
    `person${String(n)}@example.com`,
    today.slice(0, 10),
    today,
    `sample-${String(n)}`,
    `#${n.toString(16).padStart(6, "0")}`,
    `+4930${String(n).padStart(6, "0")}`,
  ];
}

/** Ids to refer to, by the property that refers; under the empty name those for any other. */
export type KnownIds = Readonly<Record<string, readonly string[]>>;

/** A value that the schema accepts, as different as it can be from those before; undefined when none was found. */
export function validValue(schema: Schema, known: KnownIds = {}, name = ""): unknown {
  made += 1;
  const accepts = ajv.compile(schema);
  return candidates(schema, made, known, name).find((value) => accepts(value));
}

function candidates(schema: Schema, n: number, known: KnownIds, name: string): readonly unknown[] {
  const types = typesOf(schema);
  if (Array.isArray(schema["enum"])) return schema["enum"];
  if (types.includes("object")) return [validObject(schema, known)];
  if (types.includes("array")) {
    const item = validValue((schema["items"] ?? {}) as Schema, known, name);
    return item === undefined ? [[]] : [[item], []];
  }
  if (types.includes("boolean")) return [n % 2 === 0];
  if (types.includes("integer") || types.includes("number")) {
    const least = number(schema, "minimum") ?? 0;
    const start = Math.max(least, 0);
    const most = number(schema, "maximum") ?? Number.MAX_SAFE_INTEGER;
    return [start + (n % (most - start + 1)), start, least, most];
  }
  if (schema["format"] === "uuid") {
    const ids = known[name] ?? known[""] ?? [];
    return types.includes("null") ? [null, ...ids] : ids;
  }
  return texts(n, schema);
}

/** Properties of an object that have to refer to a record, alone or in a list. */
export function referencesOf(schema: Schema): readonly string[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, property]) => {
    const item = (property["items"] ?? property) as Schema;
    return item["format"] === "uuid" && !typesOf(item).includes("null") ? [name] : [];
  });
}

/** An object with every property that a valid value was found for. */
function validObject(schema: Schema, known: KnownIds): Readonly<Record<string, unknown>> {
  const members = Object.entries(propertiesOf(schema)).map(([name, property]) => [
    name,
    validValue(property, known, name),
  ]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as Readonly<
    Record<string, unknown>
  >;
}

/** Values that the schema refuses, with what is wrong with each. */
export function invalidValues(
  schema: Schema,
): readonly { readonly what: string; readonly value: unknown }[] {
  const accepts = ajv.compile(schema);
  const longest = number(schema, "maxLength");
  const greatest = number(schema, "maximum");
  const least = number(schema, "minimum");
  const all = [
    { what: "of a wrong type", value: { wrong: true } },
    { what: "of another wrong type", value: [{}] },
    { what: "that is empty", value: "" },
    ...(longest === undefined ? [] : [{ what: "too long", value: "x".repeat(longest + 1) }]),
    ...(greatest === undefined ? [] : [{ what: "too large", value: greatest * 2 + 1 }]),
    ...(least === undefined ? [] : [{ what: "too small", value: least * 2 - 1 }]),
    { what: "of a wrong form", value: "\u0000 no such thing" },
  ];
  return all.filter(({ value }) => !accepts(value));
}
