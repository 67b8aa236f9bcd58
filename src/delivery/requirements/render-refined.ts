import { articleOf } from "./article.ts";
import type { RequirementsDocument } from "./document.ts";
import { proofOf, proofText } from "./quality-proof.ts";
import { inlineMarkdown, markdownList, markdownTable } from "./markdown-text.ts";
import {
  nonfunctionalKinds,
  type RefinedRequirements,
  type UserStory,
} from "./refined-requirements.ts";

/** Markdown of `refined_requirements.md`. Text of the document is shown as text: it cannot add mark-up or rows. */
export function renderRefined(
  refined: RefinedRequirements,
  document: RequirementsDocument,
): string {
  const sections: readonly (readonly [title: string, body: string])[] = [
    ["Product brief", inlineMarkdown(refined.brief)],
    ["Personas", personas(refined)],
    ["User stories", refined.stories.map(story).join("\n\n")],
    ["Non-functional requirements", nonfunctional(refined)],
    ["Ambiguities", ambiguities(refined)],
    ["Contradictions", contradictions(refined)],
    ["Missing constraints", markdownList(refined.missingConstraints, "None found.")],
    ["Edge cases", edgeCases(refined)],
    ["External dependencies", externalDependencies(refined)],
    ["Assumptions", assumptions(refined)],
    ["Stack", stack(refined)],
    ["Traceability", traceability(refined, document)],
  ];
  return [
    `# ${inlineMarkdown(refined.title)}: refined requirements`,
    `Source: ${inlineMarkdown(refined.source.name)} (${refined.source.digest})`,
    ...notesOf(document),
    ...sections.flatMap(([title, body]) => [`## ${title}`, body]),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function notesOf(document: RequirementsDocument): readonly string[] {
  const notes = document.notes ?? [];
  return notes.length === 0 ? [] : [markdownList(notes, "")];
}

function personas(refined: RefinedRequirements): string {
  return markdownList(
    refined.personas.map((one) => `${one.name}: ${one.needs}`),
    "The document names nobody.",
  );
}

function story(one: UserStory): string {
  const facts = [
    `${one.points} points`,
    one.priority,
    ...(one.dependsOn.length > 0 ? [`after ${one.dependsOn.join(", ")}`] : []),
    one.origin === "requirements" ? `from ${one.sentences.join(", ")}` : "needed to run",
  ];
  return [
    `### ${one.id} ${inlineMarkdown(one.title)}`,
    "",
    `As ${articleOf(one.asA)} ${inlineMarkdown(one.asA)} I want ${inlineMarkdown(one.iWant)} so that ${inlineMarkdown(one.soThat)}.`,
    "",
    `_${inlineMarkdown(facts.join("; "))}_`,
    ...(one.unimplementable === undefined
      ? []
      : ["", `**Cannot be built as it stands:** ${inlineMarkdown(one.unimplementable)}`]),
    ...(one.criteria.length === 0 ? [] : [""]),
    ...one.criteria.map(
      (criterion) =>
        `- **${criterion.id}** Given ${inlineMarkdown(criterion.given)}, when ${inlineMarkdown(criterion.when)}, then ${inlineMarkdown(criterion.then)}.`,
    ),
  ].join("\n");
}

function nonfunctional(refined: RefinedRequirements): string {
  const kinds = nonfunctionalKinds.flatMap((kind) => {
    const statements = refined.nonfunctional.filter((one) => one.kind === kind);
    if (statements.length === 0) return [];
    const heading = `### ${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
    return [
      `${heading}\n\n${markdownList(
        statements.map(
          (one) =>
            `${one.statement} (${one.sentences.join(", ") || "assumed"}): ${proofText(proofOf(one))}`,
        ),
        "",
      )}`,
    ];
  });
  return kinds.length === 0 ? "The document states none." : kinds.join("\n\n");
}

function ambiguities(refined: RefinedRequirements): string {
  return markdownList(
    refined.ambiguities.map(
      (one) => `${one.text} Read as: ${one.reading} (${one.sentences.join(", ")})`,
    ),
    "None found.",
  );
}

function contradictions(refined: RefinedRequirements): string {
  return markdownList(
    refined.contradictions.map((one) => `${one.text} (${one.sentences.join(", ")})`),
    "None found.",
  );
}

function edgeCases(refined: RefinedRequirements): string {
  return markdownList(
    refined.edgeCases.map((one) => `${one.text} (${one.stories.join(", ")})`),
    "None beyond the criteria of the stories.",
  );
}

function externalDependencies(refined: RefinedRequirements): string {
  return markdownList(
    refined.externalDependencies.map((one) => `${one.name}: ${one.why}`),
    "None: nothing outside the service is needed.",
  );
}

function assumptions(refined: RefinedRequirements): string {
  if (refined.assumptions.length === 0) return "None.";
  return markdownTable(
    ["Assumption", "It is wrong if this fails"],
    refined.assumptions.map((one) => [one.text, one.criterion]),
  );
}

function stack(refined: RefinedRequirements): string {
  if (refined.stack.length === 0) return "Not chosen yet.";
  return markdownTable(
    ["Choice", "Why"],
    refined.stack.map((one) => [one.choice, one.why]),
  );
}

/** Every sentence of the document, once. */
function traceability(refined: RefinedRequirements, document: RequirementsDocument): string {
  const storiesOf = new Map<string, string[]>();
  for (const one of refined.stories) {
    for (const id of one.sentences) storiesOf.set(id, [...(storiesOf.get(id) ?? []), one.id]);
  }
  const proofs = new Map(
    refined.nonfunctional.flatMap((one) =>
      one.sentences.map((id) => [id, proofText(proofOf(one))] as const),
    ),
  );
  const uncovered = new Map(refined.notCovered.map((one) => [one.sentence, one]));
  const rows = document.sentences.map((sentence) => {
    const stories = storiesOf.get(sentence.id) ?? [];
    const entry = uncovered.get(sentence.id);
    const proof = proofs.get(sentence.id);
    const isContext = entry?.kind === "context";
    // What proves a statement on the whole product says more than that it is one.
    const listed =
      entry === undefined || (isContext && proof !== undefined)
        ? []
        : [`${entry.kind}: ${entry.reason}`];
    const leadsTo = [
      ...(stories.length > 0 ? [stories.join(", ")] : []),
      ...listed,
      ...(proof === undefined ? [] : [proof]),
    ];
    return [
      sentence.id,
      `${sentence.line}`,
      sentence.text,
      leadsTo.length === 0
        ? "not covered: no story names it"
        : coverage(stories.length > 0 || proof?.startsWith("proven") === true, leadsTo),
    ];
  });
  return markdownTable(["Sentence", "Line", "Text", "Leads to"], rows);
}

function coverage(isCovered: boolean, leadsTo: readonly string[]): string {
  return isCovered ? leadsTo.join("; ") : `not covered, ${leadsTo.join("; ")}`;
}
