import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import { reasonBeyondReach } from "./classify.ts";
import type { Fact } from "./facts.ts";
import { qualityHeading } from "./phrases/context-phrases.ts";

/** Verbs that say of what a thing consists; others (`keeps its history`, `shows a total`) may ask for work. */
const consisting =
  /\b(has|have|having|consists?|contains?|includes?|comprises?|with|needs?|needed|carries|carry|fields?|record(ed|s)?|stores?|stored|notes?|plus|called|named|required|optional|must|is|are|belongs?)\b|:/i;

/**
 * Takes back fields that were read out of a sentence of another kind and whose name alone is beyond
 * what is built: `Notes keep their history` asks for former states, not for a text called history.
 */
export function doubtFields(
  document: RequirementsDocument,
  facts: readonly Fact[],
): readonly Fact[] {
  const texts = new Map(
    document.sentences
      .filter((sentence) => sentence.kind === "prose")
      .map((sentence) => [sentence.id, sentence.text]),
  );
  const elsewhere = labelsElsewhere(document, facts);
  return facts.map((fact) => {
    if (fact.kind !== "field") return fact;
    // `A test coverage of at least 80 % is required` under `Quality` is no field of what was last spoken of.
    if (underQuality(document, fact.sentence) && !elsewhere.has(`${fact.entity} ${fact.label}`))
      return { kind: "unread", sentence: fact.sentence, reason: "no feature was recognised in it" };
    if (fact.rules.length > 0) return fact;
    const text = texts.get(fact.sentence);
    const reason = reasonBeyondReach(fact.label);
    if (text === undefined || reason === undefined || consisting.test(text)) return fact;
    return { kind: "unread", sentence: fact.sentence, reason };
  });
}

function underQuality(document: RequirementsDocument, id: string): boolean {
  const sentence = document.sentences.find((one) => one.id === id);
  return (
    sentence?.kind !== "row" &&
    sentence?.headingPath.slice(1).some((one) => qualityHeading.test(one.toLowerCase())) === true
  );
}

/** Fields that are said where it says what things consist of. */
function labelsElsewhere(
  document: RequirementsDocument,
  facts: readonly Fact[],
): ReadonlySet<string> {
  return new Set(
    facts.flatMap((fact) =>
      fact.kind === "field" && !underQuality(document, fact.sentence)
        ? [`${fact.entity} ${fact.label}`]
        : [],
    ),
  );
}
