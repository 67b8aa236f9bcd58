import type { RequirementsDocument } from "../../requirements/document.ts";
import {
  type RefinedRequirements,
  refinedRequirementsSchema,
  type UserStory,
} from "../../requirements/refined-requirements.ts";
import type { Checked } from "./ask-for-plan.ts";
import { draftProblems } from "./draft-problems.ts";
import { portableSchema } from "./portable-schema.ts";
import {
  type RefinementDraft,
  refinementDraftSchema,
  type StoryDraft,
} from "./refinement-schema.ts";
import { storyProblems } from "./story-problems.ts";

/** The shape that a model answers in. */
export const refinementAnswer = {
  name: "refined_requirements",
  schema: portableSchema(refinementDraftSchema),
} as const;

/**
 * Refined requirements from a model's answer, or everything that is wrong with it: its shape, a
 * sentence that is lost or named twice, a story that comes from nothing, references that lead nowhere.
 */
export function checkRefinement(
  document: RequirementsDocument,
  value: unknown,
): Checked<RefinedRequirements> {
  const shape = refinementDraftSchema.safeParse(value);
  if (!shape.success) return { kind: "refused", problems: draftProblems(shape.error) };
  const problems = [...storyProblems(document, shape.data)];
  if (problems.length > 0) return { kind: "refused", problems };
  const refined = refinedRequirementsSchema.safeParse(refinedFrom(document, shape.data));
  return refined.success
    ? { kind: "accepted", value: refined.data }
    : { kind: "refused", problems: draftProblems(refined.error) };
}

function refinedFrom(document: RequirementsDocument, draft: RefinementDraft): RefinedRequirements {
  // Models number as they like; ids of autosd follow the order of the stories.
  const ids = new Map(draft.stories.map((story, index) => [story.id, `ST-${index + 1}`]));
  const planned = draft.stories.map((story, index) => plannedStory(story, index + 1, ids));
  return {
    schema: "autosd/refined-requirements@1",
    source: { name: document.source, digest: document.digest },
    ...draft,
    stories: [...planned, ...openStories(document, draft, planned.length)],
    edgeCases: draft.edgeCases.map((one) => ({
      text: one.text,
      stories: one.stories.flatMap((id) => ids.get(id) ?? []),
    })),
  };
}

function plannedStory(
  story: StoryDraft,
  number: number,
  ids: ReadonlyMap<string, string>,
): UserStory {
  return {
    ...story,
    id: `ST-${number}`,
    criteria: story.criteria.map((one, index) => ({ id: `AC-${number}.${index + 1}`, ...one })),
    origin: story.sentences.length === 0 ? "engineering" : "requirements",
    dependsOn: story.dependsOn.flatMap((id) => ids.get(id) ?? []),
    features: [],
  };
}

const maxTitleLength = 70;

/** What was asked for and is not planned stays in the backlog, open: a run without it is not complete. */
function openStories(
  document: RequirementsDocument,
  draft: RefinementDraft,
  planned: number,
): readonly UserStory[] {
  const texts = new Map(document.sentences.map((one) => [one.id, one.text]));
  const byReason = new Map<string, string[]>();
  for (const { sentence, kind, reason } of draft.notCovered)
    if (kind === "gap") byReason.set(reason, [...(byReason.get(reason) ?? []), sentence]);
  return [...byReason].map(([reason, sentences], index) => {
    const words = texts.get(sentences[0] ?? "") ?? "";
    const shown =
      words.length <= maxTitleLength ? words : `${words.slice(0, maxTitleLength).trimEnd()}…`;
    const more = sentences.length > 1 ? ` (and ${sentences.length - 1} more)` : "";
    return {
      id: `ST-${planned + index + 1}`,
      title: `Not planned: ${shown}${more}`,
      asA: "product owner",
      iWant: "what these sentences ask for to be built or withdrawn",
      soThat: "nothing that was asked for is lost without a word",
      criteria: [],
      sentences,
      origin: "requirements",
      dependsOn: [],
      points: 3,
      priority: "should",
      features: [],
      unimplementable: reason,
    };
  });
}
