import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import { reasonBeyondReach } from "./classify.ts";
import type { Fact } from "./facts.ts";

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
  return facts.map((fact) => {
    if (fact.kind !== "field" || fact.rules.length > 0) return fact;
    const text = texts.get(fact.sentence);
    const reason = reasonBeyondReach(fact.label);
    if (text === undefined || reason === undefined || consisting.test(text)) return fact;
    return { kind: "unread", sentence: fact.sentence, reason };
  });
}
