import { findSecrets } from "../../../kernel/redaction.ts";

/**
 * What a provider wants to see again of an answer of its own: thoughts that it encrypted or signed,
 * signatures and ids of texts and calls. `mark` is the JSON text of it, which nobody but the provider
 * reads. Together with the answer's text and calls the parts, in their order, are the whole turn.
 */
export interface CarriedTurn {
  /** Who made it: model and address. Nobody else gets it. */
  readonly origin: string;
  readonly parts: readonly CarriedPart[];
}

export type CarriedPart =
  | { readonly kind: "reasoning"; readonly text: string; readonly mark: string }
  /** The next so many UTF-16 units of the answer's text. */
  | { readonly kind: "text"; readonly characters: number; readonly mark?: string | undefined }
  /** The next one of the answer's calls. */
  | { readonly kind: "call"; readonly mark?: string | undefined };

const maxParts = 512;
/** Of one answer; the thoughts of a hard question take a tenth of it. */
const maxCharacters = 256 * 1024;

/**
 * Whether it may be kept. A signature that was altered is worth less than none, since providers
 * refuse it: so nothing in it is ever redacted or shortened. What holds a secret, even by chance as
 * one long line of base64 may, is let go whole, and so is what is too large or JSON cannot say.
 */
export function isKeepable({ origin, parts }: CarriedTurn): boolean {
  if (parts.length > maxParts) return false;
  const texts = [origin, ...parts.flatMap(textsOf)];
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return characters <= maxCharacters && texts.every(isPlain);
}

/** Whether it is of this text and so many calls: an answer that was changed since has lost it. */
export function fits(
  { parts }: CarriedTurn,
  answer: { readonly text: string; readonly toolCalls: readonly unknown[] },
): boolean {
  let characters = 0;
  let calls = 0;
  for (const part of parts) {
    if (part.kind === "text") characters += part.characters;
    else if (part.kind === "call") calls += 1;
  }
  return characters === answer.text.length && calls === answer.toolCalls.length;
}

function textsOf(part: CarriedPart): readonly string[] {
  const mark = part.mark === undefined ? [] : [part.mark];
  return part.kind === "reasoning" ? [part.text, ...mark] : mark;
}

function isPlain(text: string): boolean {
  return !/\p{Surrogate}/u.test(text) && findSecrets(text).length === 0;
}
