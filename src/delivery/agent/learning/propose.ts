import { failureClasses } from "./failure-class.ts";
import { costsOf } from "./journal-lessons.ts";
import type { PromptTemplate } from "./prompt-templates.port.ts";
import { remedies, type Remedy } from "./remedies.ts";
import { learnedLines, reviseTemplate } from "./revise-template.ts";
import type { Finding, LessonPlace, TemplateLessons } from "./template-lessons.ts";

/** A change of one template, for a person to judge. */
export interface Proposal {
  readonly template: string;
  readonly remedy: string;
  readonly against: Finding["kind"];
  /** The line that would be added. */
  readonly line: string;
  /** What was counted, in one sentence. */
  readonly evidence: string;
  readonly places: readonly LessonPlace[];
  readonly expectation: string;
  /** `proposed`; or why it is not: it is there already, or the template has no room for it. */
  readonly standing: "proposed" | "there-already" | "no-room";
}

/** Below, a failure is an accident. */
const minAttempts = 3;
const minShare = 0.1;
/** So few at a time that the next figures can say what helped. */
const maxAtOnce = 3;
/** With tools and facts of a project the first request of a story stays below 8 KB. */
const maxTemplateBytes: Readonly<Record<string, number>> = { implement: 2_300 };
const maxPlanningBytes = 6_000;

/** Bytes that a template may have. */
export function roomOf(name: string): number {
  return maxTemplateBytes[name] ?? maxPlanningBytes;
}

/**
 * What to add to a template in force, by what went wrong with exactly this version: most expensive
 * failures first, from the fixed catalogue. What was seen too seldom leads to nothing.
 */
export function proposalsFor(
  template: PromptTemplate,
  lessons: TemplateLessons | undefined,
): readonly Proposal[] {
  if (lessons?.id !== template.id) return [];
  const there = new Set(learnedLines(template.text));
  const room = roomOf(lessons.name);
  const taken: string[] = [];
  return lessons.findings.flatMap((finding) => {
    const remedy = remedyFor(lessons, finding);
    if (remedy === undefined) return [];
    const proposal = proposalOf(template.id, remedy, finding, lessons);
    if (there.has(remedy.line)) return [{ ...proposal, standing: "there-already" as const }];
    if (taken.length >= maxAtOnce) return [];
    const text = reviseTemplate(template.text, [...taken, remedy.line]);
    if (Buffer.byteLength(text) > room) return [{ ...proposal, standing: "no-room" as const }];
    taken.push(remedy.line);
    return [proposal];
  });
}

function remedyFor(lessons: TemplateLessons, finding: Finding): Remedy | undefined {
  if (finding.attempts < minAttempts || finding.attempts < minShare * lessons.attempts)
    return undefined;
  return remedies.find(
    (one) => one.against === finding.kind && one.templates.includes(lessons.name),
  );
}

function proposalOf(
  template: string,
  remedy: Remedy,
  finding: Finding,
  lessons: TemplateLessons,
): Proposal {
  const { kind, places } = finding;
  const what = `${failureClasses[kind].title}: ${finding.count} times in ${finding.attempts} of ${lessons.attempts} ${lessons.name === "implement" ? "attempts" : "questions"}`;
  const evidence = `${what}; ${finding.tokens} tokens in ${costsOf(kind)} with it`;
  const { id, line, expectation } = remedy;
  return {
    ...{ template, remedy: id, against: kind, line, evidence, places, expectation },
    standing: "proposed",
  };
}
