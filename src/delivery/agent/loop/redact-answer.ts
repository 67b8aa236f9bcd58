import { redactText } from "../../../kernel/redaction.ts";
import { isKeepable } from "../model/carried-turn.ts";
import type { ModelAnswer } from "../model/model.port.ts";

/**
 * The answer without secrets. This, and not what came over the wire, is the answer from then on: in
 * the journal, in the conversation and in the files, so that going on from the journal is the same.
 * What the provider wants back stays as it is or goes whole: with what holds a secret, and with an
 * answer that is another one without its secrets, which no signature is of any more.
 */
export function redactedAnswer(answer: ModelAnswer): ModelAnswer {
  const { carried, ...said } = answer;
  const cleaned = withoutSecrets(said);
  if (carried === undefined || !isKeepable(carried)) return cleaned;
  const isSame = said.text === cleaned.text && isUntouched(said.toolCalls, cleaned.toolCalls);
  return isSame ? { ...cleaned, carried } : cleaned;
}

function withoutSecrets(answer: Omit<ModelAnswer, "carried">): ModelAnswer {
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

/** No deeper than what is clean. */
function isUntouched(value: unknown, cleaned: unknown): boolean {
  if (typeof cleaned !== "object" || cleaned === null) return Object.is(value, cleaned);
  if (typeof value !== "object" || value === null) return false;
  const members: readonly (readonly [string, unknown])[] = Object.entries(value);
  const after = new Map<string, unknown>(Object.entries(cleaned));
  return (
    members.length === after.size &&
    members.every(([name, one]) => after.has(name) && isUntouched(one, after.get(name)))
  );
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
