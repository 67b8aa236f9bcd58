import pluralize from "pluralize";
import type { RequirementsDocument, Sentence } from "../../delivery/requirements/document.ts";
import { reasonBeyondReach, standsUnderBackground } from "./classify.ts";
import type { Fact } from "./facts.ts";
import { wishIn } from "./wishes.ts";

/**
 * Takes back what was filed as background, a person or an assumption where nothing proves that it is:
 * a sentence with a wish in it wherever it stands, and a sentence about what the product keeps after
 * the requirements have begun. A wish that is dropped is worse than background that is reported.
 */
export function doubtBackground(
  document: RequirementsDocument,
  facts: readonly Fact[],
  entities: readonly string[],
): readonly Fact[] {
  const begun = firstRequirement(document, facts);
  const nouns = entities.flatMap((noun) => [noun, pluralize.plural(noun)]);
  const places = new Map(document.sentences.map((sentence, index) => [sentence.id, index]));
  const names = document.title === undefined ? [] : [document.title];
  return facts.map((fact) => {
    if (fact.kind !== "context" || !doubtful.has(fact.context)) return fact;
    const place = places.get(fact.sentence) ?? 0;
    const sentence = document.sentences[place];
    // What a lead-in asks for is said by the items below it.
    if (sentence === undefined || sentence.text.endsWith(":")) return fact;
    const wish = wishIn(sentence.text, names);
    if (wish !== undefined)
      return {
        kind: "unread",
        sentence: fact.sentence,
        reason: reasonBeyondReach(sentence.text) ?? wish,
      };
    if (fact.context !== "background") return fact;
    if (place < begun || standsUnderBackground(sentence)) return fact;
    const noun = nouns.find((one) => mentions(sentence, one));
    if (noun === undefined) return fact;
    return {
      kind: "unread",
      sentence: fact.sentence,
      reason: `speaks of ${noun}, and it is not clear what is to be built`,
    };
  });
}

const doubtful: ReadonlySet<string> = new Set(["background", "persona", "assumption"]);

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
