import type { RequirementsDocument } from "./document.ts";
import type { RefinedRequirements } from "./refined-requirements.ts";

/** A sentence of the document that no story covers, or a reference that leads nowhere. */
export interface TraceGap {
  readonly sentence: string;
  /** 1-based source line; 0 when the document has no such sentence. */
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/**
 * What is wrong with the traceability, in document order, unknown ids last. Empty exactly when every
 * sentence leads to a buildable story or is context. Recomputed from both arguments; never believed.
 */
export function traceGaps(
  document: RequirementsDocument,
  refined: RefinedRequirements,
): readonly TraceGap[] {
  if (refined.source.digest !== document.digest)
    return [
      {
        sentence: "",
        line: 0,
        text: refined.source.name,
        reason: `refined from another text (${refined.source.digest}), the document is ${document.digest}`,
      },
    ];
  return [...sentenceGaps(document, refined), ...unknownReferences(document, refined)];
}

function sentenceGaps(document: RequirementsDocument, refined: RefinedRequirements): TraceGap[] {
  const built = new Set(
    refined.stories
      .filter((story) => story.unimplementable === undefined)
      .flatMap((story) => story.sentences),
  );
  const open = new Map(
    refined.stories.flatMap((story) =>
      story.unimplementable === undefined
        ? []
        : story.sentences.map((id) => [id, story.unimplementable ?? ""] as const),
    ),
  );
  const listed = new Map(refined.notCovered.map((one) => [one.sentence, one]));
  return document.sentences.flatMap((sentence) => {
    const gap = (reason: string): TraceGap[] => [
      { sentence: sentence.id, line: sentence.line, text: sentence.text, reason },
    ];
    const entry = listed.get(sentence.id);
    if (entry?.kind === "gap") return gap(entry.reason);
    const unimplementable = open.get(sentence.id);
    if (unimplementable !== undefined) return gap(unimplementable);
    if (built.has(sentence.id) || entry !== undefined) return [];
    return gap("no story comes from it and it is not listed as not covered");
  });
}

function unknownReferences(
  document: RequirementsDocument,
  refined: RefinedRequirements,
): readonly TraceGap[] {
  const known = new Set(document.sentences.map((sentence) => sentence.id));
  const stories = new Set(refined.stories.map((story) => story.id));
  const unknown = (id: string, where: string): TraceGap => ({
    sentence: id,
    line: 0,
    text: where,
    reason: `${where} names ${id}, which does not exist`,
  });
  return [
    ...refined.stories.flatMap((story) => [
      ...story.sentences.filter((id) => !known.has(id)).map((id) => unknown(id, story.id)),
      ...story.dependsOn.filter((id) => !stories.has(id)).map((id) => unknown(id, story.id)),
    ]),
    ...refined.notCovered
      .filter((one) => !known.has(one.sentence))
      .map((one) => unknown(one.sentence, "the list of sentences not covered")),
    ...refined.nonfunctional.flatMap((one) =>
      one.sentences.filter((id) => !known.has(id)).map((id) => unknown(id, one.statement)),
    ),
  ];
}
