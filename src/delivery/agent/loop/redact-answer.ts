import { redactText } from "../../../kernel/redaction.ts";
import type { ModelAnswer } from "../model/model.port.ts";

/**
 * The answer without secrets. This, and not what came over the wire, is the answer from then on: in
 * the journal, in the conversation and in the files, so that going on from the journal is the same.
 */
export function redactedAnswer(answer: ModelAnswer): ModelAnswer {
  return {
    ...answer,
    text: clean(answer.text),
    toolCalls: answer.toolCalls.map((call) => ({
      id: clean(call.id),
      name: clean(call.name),
      arguments: cleanValue(call.arguments),
    })),
    facts: { ...answer.facts, responseId: cleanId(answer.facts.responseId) },
  };
}

function cleanId(id: string | undefined): string | undefined {
  return id === undefined ? undefined : clean(id);
}

/** Deeper than the arguments of any tool. */
const maxDepth = 32;

/** Data that JSON can say, without secrets; what is nested deeper than arguments are becomes null. */
export function cleanValue(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return clean(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object" || depth > maxDepth) return null;
  if (Array.isArray(value)) return value.map((one) => cleanValue(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [clean(name), cleanValue(one, depth + 1)]),
  );
}

/** Text that JSON can say, without secrets. */
export function clean(text: string): string {
  return redactText(text.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));
}
