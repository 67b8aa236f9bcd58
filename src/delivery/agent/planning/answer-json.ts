import { parseStrictJson, type StrictJson } from "../../../kernel/strict-json.ts";
import { cleanText } from "../../requirements/clean-text.ts";
import { fold } from "../../requirements/inline-text.ts";

/**
 * The JSON of a model's answer. Every text in it is one visible line: what nobody sees is in no
 * plan, and a title cannot begin a second line of a commit message.
 */
export function answerJson(text: string): StrictJson {
  const parsed = parseStrictJson(text.trim());
  return parsed.kind === "value" ? { kind: "value", value: oneLineTexts(parsed.value) } : parsed;
}

/** Recursion is bounded: strict JSON is nested at most 512 deep. */
function oneLineTexts(value: unknown): unknown {
  if (typeof value === "string") return fold(cleanText(value).text);
  if (Array.isArray(value)) return value.map(oneLineTexts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => [name, oneLineTexts(one)]),
  );
}
