import { z } from "zod";
import type { JsonSchema } from "../model/model.port.ts";

/**
 * The shape of an answer in the part of JSON Schema that every provider takes: types, members,
 * choices. Lengths, patterns and defaults are left to the check of the answer.
 */
export function portableSchema(schema: z.ZodType): JsonSchema {
  return portable(z.toJSONSchema(schema));
}

function portable(node: Readonly<Record<string, unknown>>): JsonSchema {
  const kept: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (["type", "enum", "required", "additionalProperties"].includes(keyword))
      kept[keyword] = value;
    else if (keyword === "items" && isRecord(value)) kept[keyword] = portable(value);
    else if (keyword === "properties" && isRecord(value))
      kept[keyword] = Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, isRecord(one) ? portable(one) : {}]),
      );
  }
  return kept;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
