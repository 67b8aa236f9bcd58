import pluralize from "pluralize";
import type { RequirementsDocument, Sentence } from "../../delivery/requirements/document.ts";
import { standsUnderBackground } from "./classify.ts";
import type { Fact } from "./facts.ts";

/**
 * Takes back what was filed as background by its wording alone, where the wording proves nothing: a
 * sentence about what the product keeps, after the requirements have begun. It may be a wish, and a
 * wish that is dropped is worse than background that is reported.
 */
export function doubtBackground(
  document: RequirementsDocument,
  facts: readonly Fact[],
  entities: readonly string[],
): readonly Fact[] {
  const begun = firstRequirement(document, facts);
  const nouns = entities.flatMap((noun) => [noun, pluralize.plural(noun)]);
  const places = new Map(document.sentences.map((sentence, index) => [sentence.id, index]));
  return facts.map((fact) => {
    if (fact.kind !== "context" || fact.context !== "background") return fact;
    const place = places.get(fact.sentence) ?? 0;
    const sentence = document.sentences[place];
    if (sentence === undefined || place < begun || standsUnderBackground(sentence)) return fact;
    // What a lead-in asks for is said by the items below it.
    if (sentence.text.endsWith(":")) return fact;
    const noun = nouns.find((one) => mentions(sentence, one));
    if (noun === undefined) return fact;
    return {
      kind: "unread",
      sentence: fact.sentence,
      reason: `speaks of ${noun}, and it is not clear what is to be built`,
    };
  });
}

/** Place of the first sentence that something is built from. */
function firstRequirement(document: RequirementsDocument, facts: readonly Fact[]): number {
  const leading = new Set(
    facts.filter((fact) => fact.kind !== "context" && fact.kind !== "unread").map(sentenceOf),
  );
  const place = document.sentences.findIndex((sentence) => leading.has(sentence.id));
  return place < 0 ? document.sentences.length : place;
}

function sentenceOf(fact: Fact): string {
  return fact.sentence;
}

function mentions(sentence: Sentence, noun: string): boolean {
  return ` ${sentence.text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, " ")} `.includes(
    ` ${noun.toLowerCase()} `,
  );
}
