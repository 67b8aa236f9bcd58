import type { Sentence } from "../../delivery/requirements/document.ts";
import type { Fact } from "./facts.ts";
import { outOfScope, outOfScopeHeading } from "./phrases/context-phrases.ts";
import type { Scene } from "./scene.ts";

/**
 * The fact that a sentence says what is not to be built; undefined when it does not, or not only. A
 * rule in the negative (`Notes that are not archived are listed`) excludes nothing from the product.
 */
export function outOfScopeFact(sentence: Sentence, scene: Scene): Fact | undefined {
  const text = sentence.text.toLowerCase();
  const inSection = sentence.headingPath.some((heading) =>
    outOfScopeHeading.test(heading.toLowerCase()),
  );
  const excluded = inSection
    ? !contrast.test(text)
    : isStruckOut(text) || partsOf(text).every((part) => excludes(part, scene));
  if (!excluded) return undefined;
  return {
    kind: "context",
    context: "out-of-scope",
    reason: "says what is not to be built",
    sentence: sentence.id,
  };
}

/** `However, notes must be encrypted` under `Out of scope` is in scope after all. */
const contrast = /^(but|however|except|still|nevertheless|only|instead|what is in scope)\b|, but /;

function isStruckOut(text: string): boolean {
  return /^~~[^~]+~~[.!?]?$/.test(text);
}

const finiteVerb =
  /\b(is|are|was|were|has|have|had|can|could|may|must|shall|should|will|would|does|do|gets?|needs?|wants?|comes?|goes|waits?)\b/;

/** Parts with a verb of their own; others belong to the part before, or after when they stand first. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let waiting = "";
  for (const part of text.split(/;|, (?:and|but|so|while|although) |,? but | and (?!rightly)/)) {
    const whole = `${waiting} ${part}`.trim();
    waiting = "";
    if (finiteVerb.test(whole) || excludingWords.test(whole)) parts.push(whole);
    else if (parts.length > 0) parts.push(`${parts.pop() ?? ""} and ${whole}`);
    else waiting = `${whole} and`;
  }
  return waiting === "" ? parts : [...parts, waiting];
}

const excludingWords = new RegExp(outOfScope.source, outOfScope.flags);
const subordinate =
  /\b(that|which|who|whose|whom|if|when|whenever|unless|where|while|once|until)\b/;
const condition = /\b(without|twice|that|which|who|when|while|if|unless|before|after|until) /;

function excludes(part: string, scene: Scene): boolean {
  const match = excludingWords.exec(part);
  if (match === null) return false;
  if (subordinate.test(part.slice(0, match.index))) return false;
  const after = part.slice(match.index + match[0].length);
  // `A note does not need a text`: a field that may be left out.
  if (/\bneed/.test(match[0]) && speaksOfKept(part.slice(0, match.index), scene)) return false;
  if (isRule(match[0]) && condition.test(`${after} `)) return false;
  // `No notes are lost` asks for something; `No tickets are sold` asks for nothing that is kept.
  return !(match[0].startsWith("no ") && scene.vocabulary.entityIn(match[0]) !== undefined);
}

function speaksOfKept(words: string, scene: Scene): boolean {
  const { vocabulary } = scene;
  return (
    vocabulary.entityIn(words) !== undefined ||
    vocabulary.entities.some((entity) => scene.fieldNamed(words.trim(), entity) !== undefined)
  );
}

/** Negatives that forbid as often as they exclude. */
function isRule(words: string): boolean {
  return /\b(will|shall|there|does|do|is|are)\b/.test(words);
}
