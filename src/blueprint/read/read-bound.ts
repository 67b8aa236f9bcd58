import type { Rule } from "./drafts.ts";
import { boundAfter, boundBefore, measures, type BoundEnd } from "./phrases/rule-phrases.ts";
import { type Tokens, wordAt } from "./tokens.ts";

/** Something understood at a token, and how many tokens it took. */
export interface Taken<T> {
  readonly value: T;
  readonly length: number;
}

/** A number, with or without a currency before it. */
export function numberAt(tokens: Tokens, at: number): Taken<number> | undefined {
  const currency = /^[€$£]$/.test(wordAt(tokens, at)) ? 1 : 0;
  const value = tokens[at + currency]?.value;
  return value === undefined ? undefined : { value, length: currency + 1 };
}

/** A range, or one end of it. */
export function boundAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  return rangeAt(tokens, at) ?? oneBoundAt(tokens, at) ?? trailingBoundAt(tokens, at);
}

const rangeStart = new Set(["between", "from"]);
const rangeMiddle = new Set(["and", "to", "-", "up", "until", "through"]);

function rangeAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  let next = at + (rangeStart.has(wordAt(tokens, at)) ? 1 : 0);
  const low = numberAt(tokens, next);
  if (low === undefined) return undefined;
  next += low.length;
  const lowMeasure = measures.at(tokens, next);
  if (lowMeasure !== undefined && rangeMiddle.has(wordAt(tokens, next + lowMeasure.length)))
    next += lowMeasure.length;
  if (!rangeMiddle.has(wordAt(tokens, next))) return undefined;
  next += wordAt(tokens, next) === "up" && wordAt(tokens, next + 1) === "to" ? 2 : 1;
  const high = numberAt(tokens, next);
  if (high === undefined) return undefined;
  next += high.length;
  const measure = measures.at(tokens, next);
  return {
    value: [
      { kind: "bound", of: measure?.value ?? "value", minimum: low.value, maximum: high.value },
    ],
    length: next + (measure?.length ?? 0) - at,
  };
}

function oneBoundAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const end = boundBefore.at(tokens, at);
  if (end === undefined) return undefined;
  const skip = wordAt(tokens, at + end.length) === ":" ? 1 : 0;
  const number = numberAt(tokens, at + end.length + skip);
  if (number === undefined) return undefined;
  const next = at + end.length + skip + number.length;
  const measure = measures.at(tokens, next);
  return {
    value: [bound(end.value, number.value, measure?.value ?? "value")],
    length: next + (measure?.length ?? 0) - at,
  };
}

/** `5 or more`, `200 characters at most`, `1 to 5` being a range already. */
function trailingBoundAt(tokens: Tokens, at: number): Taken<readonly Rule[]> | undefined {
  const number = numberAt(tokens, at);
  if (number === undefined) return undefined;
  const next = at + number.length;
  const before = measures.at(tokens, next);
  const end = boundAfter.at(tokens, next + (before?.length ?? 0));
  if (end === undefined) {
    if (before?.value !== "characters") return undefined;
    return {
      value: [bound("exact", number.value, "characters")],
      length: next + before.length - at,
    };
  }
  const afterEnd = next + (before?.length ?? 0) + end.length;
  const after = before === undefined ? measures.at(tokens, afterEnd) : undefined;
  return {
    value: [bound(end.value, number.value, before?.value ?? after?.value ?? "value")],
    length: afterEnd + (after?.length ?? 0) - at,
  };
}

function bound(end: BoundEnd, value: number, of: "characters" | "items" | "value"): Rule {
  switch (end) {
    case "minimum":
      return { kind: "bound", of, minimum: value };
    case "maximum":
      return { kind: "bound", of, maximum: value };
    case "exact":
      return { kind: "bound", of, minimum: value, maximum: value };
    case "below":
      return { kind: "bound", of, maximum: value, exclusive: true };
    case "above":
      return { kind: "bound", of, minimum: value, exclusive: true };
  }
}
