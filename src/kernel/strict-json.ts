import { strictUtf8 } from "./strict-utf8.ts";

/** As deep as canonical JSON goes. */
const maxDepth = 512;

/** With the u flag a surrogate matches only where it is not half of a pair. */
const loneSurrogate = /[\uD800-\uDFFF]/u;

/** A whole string literal, from its opening quote; what is scanned has been parsed before. */
const stringLiteral = /"(?:[^"\\]|\\.)*"/y;

export type StrictJson =
  | { readonly kind: "value"; readonly value: unknown }
  /** `message` says why in words, without quoting the text. */
  | { readonly kind: "refused"; readonly message: string };

/**
 * JSON (RFC 8259) that everybody reads alike: no byte order mark, no member named twice in one
 * object (also not by another spelling of the name), no lone surrogate, no number beyond what a
 * double can hold, no nesting beyond 512 levels. Throws nothing. Time is linear in the text.
 */
export function parseStrictJson(text: string): StrictJson {
  if (text.startsWith("\uFEFF")) return refused("it starts with a byte order mark");
  if (loneSurrogate.test(text)) return refused("it holds a lone surrogate");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused("it is not JSON");
  }
  const finding = ambiguityOf(text);
  return finding === undefined ? { kind: "value", value } : refused(finding);
}

/** `parseStrictJson` of UTF-8, which must be well formed. */
export function parseStrictJsonBytes(bytes: Uint8Array): StrictJson {
  const text = strictUtf8(bytes, "kept");
  return text === undefined ? refused("it is not UTF-8") : parseStrictJson(text);
}

function refused(message: string): StrictJson {
  return { kind: "refused", message };
}

/** What JSON.parse lets pass in a text that it has parsed. */
function ambiguityOf(text: string): string | undefined {
  /** Names seen, for each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      stringLiteral.lastIndex = at;
      const literal = stringLiteral.exec(text)?.[0] ?? '""';
      at += literal.length;
      const finding = findingInString(literal, isName(text, at) ? open.at(-1) : undefined);
      if (finding !== undefined) return finding;
      continue;
    }
    if (character === "{" || character === "[") {
      if (open.length >= maxDepth) return "it is nested too deeply";
      open.push(character === "{" ? new Set() : undefined);
    } else if (character === "}" || character === "]") open.pop();
    else if (/[-0-9]/.test(character)) {
      const number = /[-+0-9.eE]+/y;
      number.lastIndex = at;
      const digits = number.exec(text)?.[0] ?? character;
      if (!Number.isFinite(Number(digits))) return "it holds a number that is too large";
      at += digits.length;
      continue;
    }
    at += 1;
  }
  return undefined;
}

function findingInString(literal: string, names: Set<string> | undefined): string | undefined {
  // Only an escape can still hide a surrogate or another spelling.
  const content: unknown = literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
  if (typeof content !== "string" || loneSurrogate.test(content))
    return "it holds a lone surrogate";
  if (names?.has(content) === true) return "a member is named twice";
  names?.add(content);
  return undefined;
}

/** Whether the string that ended before `at` names a member. */
function isName(text: string, at: number): boolean {
  const space = /[ \t\n\r]*/y;
  space.lastIndex = at;
  const skipped = space.exec(text)?.[0].length ?? 0;
  return text.charAt(at + skipped) === ":";
}
