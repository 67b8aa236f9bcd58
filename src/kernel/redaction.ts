import { knownSecretRule } from "./known-secrets.ts";
import type { Span } from "./secret-rule.ts";
import { secretRules } from "./secret-rules.ts";
import { sensitivityOf, type Sensitivity } from "./sensitive-names.ts";

export { secretRules };

/** A secret in a text: UTF-16 positions, `end` exclusive; `line` counts from 1. */
export interface SecretFinding extends Span {
  /** Id of the rule in `secretRules`. */
  readonly rule: string;
  readonly line: number;
}

/**
 * Every secret in the text, in order, none overlapping another: where two rules meet, one finding
 * covers both under the name of the earlier. Time is proportional to the length of the text.
 */
export function findSecrets(text: string): readonly SecretFinding[] {
  const found: (Span & { readonly rule: string })[] = [];
  for (const rule of [knownSecretRule, ...secretRules])
    for (const span of rule.find(text)) found.push({ ...span, rule: rule.id });
  found.sort((left, right) => left.start - right.start);
  const apart: (Span & { readonly rule: string })[] = [];
  for (const finding of found) {
    const last = apart.at(-1);
    if (last === undefined || finding.start >= last.end) apart.push(finding);
    else if (finding.end > last.end) apart[apart.length - 1] = { ...last, end: finding.end };
  }
  return withLines(text, apart);
}

function withLines(
  text: string,
  spans: readonly (Span & { readonly rule: string })[],
): readonly SecretFinding[] {
  let line = 1;
  let position = 0;
  return spans.map((span) => {
    for (;;) {
      const lineEnd = text.indexOf("\n", position);
      if (lineEnd === -1 || lineEnd >= span.start) break;
      line += 1;
      position = lineEnd + 1;
    }
    return { rule: span.rule, start: span.start, end: span.end, line };
  });
}

/** Secrets written without anything between them come to light one after the other. */
const maxRounds = 16;

/** The text with each secret replaced by `[redacted:<rule>]`; redacting the result changes nothing. */
export function redactText(text: string): string {
  let current = text;
  for (let round = 0; round < maxRounds; round += 1) {
    const findings = findSecrets(current);
    if (findings.length === 0) return current;
    current = withoutSpans(current, findings);
  }
  return current;
}

function withoutSpans(text: string, findings: readonly SecretFinding[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const finding of findings) {
    parts.push(text.slice(position, finding.start), `[redacted:${finding.rule}]`);
    position = finding.end;
  }
  parts.push(text.slice(position));
  return parts.join("");
}

const maxDepth = 64;
const maxNodes = 100_000;
const unreadable = "[unreadable]";

interface Walk {
  readonly ancestors: object[];
  nodes: number;
}

/**
 * A plain-data copy fit for a log or for people: secrets inside texts are replaced, and values under
 * the name of a secret (`password`, `authorization`, `api_key`) whole. Errors become their name,
 * message, code and stack; bytes their length; what JSON cannot say, a word for it. Never throws.
 */
export function redactValue(value: unknown): unknown {
  return redactNode(value, "none", { ancestors: [], nodes: 0 });
}

function redactNode(value: unknown, sensitivity: Sensitivity, walk: Walk): unknown {
  walk.nodes += 1;
  if (walk.nodes > maxNodes) return "[too much]";
  switch (typeof value) {
    case "string":
      return sensitivity === "none" || value === "" ? redactText(value) : "[redacted]";
    case "number":
      return sensitivity === "all" ? "[redacted]" : value;
    case "bigint":
      return sensitivity === "all" ? "[redacted]" : value.toString();
    case "boolean":
    case "undefined":
      return value;
    case "object":
      return value === null ? null : redactObject(value, sensitivity, walk);
    default:
      return `[${typeof value}]`;
  }
}

function redactObject(value: object, sensitivity: Sensitivity, walk: Walk): unknown {
  if (walk.ancestors.includes(value)) return "[refers to itself]";
  if (walk.ancestors.length >= maxDepth) return "[too deep]";
  walk.ancestors.push(value);
  try {
    return redactMembers(value, sensitivity, walk);
  } catch {
    // A proxy that throws must not end whoever only wanted to log it.
    return unreadable;
  } finally {
    walk.ancestors.pop();
  }
}

function redactMembers(value: object, sensitivity: Sensitivity, walk: Walk): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactNode(value.href, sensitivity, walk);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value))
    return value.map((item: unknown) => redactNode(item, sensitivity, walk));
  if (value instanceof Set)
    return [...value].map((item: unknown) => redactNode(item, sensitivity, walk));
  if (value instanceof Map)
    return members(
      [...value].map(([key, item]) => [String(key), item]),
      sensitivity,
      walk,
    );
  if (value instanceof Error) return members(errorEntries(value), sensitivity, walk);
  return members(entriesOf(value), sensitivity, walk);
}

function entriesOf(value: object): (readonly [string, unknown])[] {
  return Object.keys(value).map((key) => [key, memberOf(value, key)]);
}

function memberOf(value: object, key: string): unknown {
  try {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const member: unknown =
      property?.get === undefined ? property?.value : property.get.call(value);
    return member;
  } catch {
    return unreadable;
  }
}

function errorEntries(error: Error): (readonly [string, unknown])[] {
  const own = entriesOf(error).filter(([key]) => key !== "name" && key !== "message");
  const cause = error.cause === undefined ? [] : [["cause", error.cause] as const];
  return [
    ["name", error.name],
    ["message", error.message],
    ...own,
    ...cause,
    ["stack", error.stack],
  ];
}

function members(
  entries: readonly (readonly [string, unknown])[],
  sensitivity: Sensitivity,
  walk: Walk,
): Readonly<Record<string, unknown>> {
  const copies = entries.map(([key, item]) => {
    const own = sensitivityOf(key);
    // The name may be hostile too: a secret used as a key.
    return [redactText(key), redactNode(item, own === "none" ? sensitivity : own, walk)] as const;
  });
  // fromEntries defines members: a key named __proto__ stays data.
  return Object.fromEntries(copies);
}
