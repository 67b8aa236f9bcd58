import type { RequirementsDocument } from "../../requirements/document.ts";
import type { RefinementDraft, StoryDraft } from "./refinement-schema.ts";

const allowedPoints: readonly number[] = [1, 2, 3, 5, 8, 13];

/** What a draft of refined requirements gets wrong about its document, a sentence each. */
export function* storyProblems(
  document: RequirementsDocument,
  draft: RefinementDraft,
): Generator<string, void> {
  const earlier = new Set<string>();
  for (const [index, story] of draft.stories.entries()) {
    yield* oneStory(story, index, earlier);
    earlier.add(story.id);
  }
  for (const { stories } of draft.edgeCases)
    for (const id of stories) if (!earlier.has(id)) yield `edgeCases: there is no story ${id}`;
  yield* tracing(document, draft);
}

function* oneStory(
  story: StoryDraft,
  index: number,
  earlier: ReadonlySet<string>,
): Generator<string, void> {
  if (earlier.has(story.id)) yield `two stories have the id ${story.id}`;
  if (story.criteria.length === 0) yield `${story.id} has no criterion`;
  if (!allowedPoints.includes(story.points))
    yield `${story.id}: points are one of ${allowedPoints.join(", ")}, not ${story.points}`;
  if (story.sentences.length === 0 && index > 0)
    yield `${story.id} comes from no sentence, so nobody asked for it; only the first story may set the project up`;
  for (const id of story.dependsOn)
    if (!earlier.has(id)) yield `${story.id} depends on ${id}, which is no story before it`;
}

function* tracing(document: RequirementsDocument, draft: RefinementDraft): Generator<string, void> {
  const known = new Set(document.sentences.map((sentence) => sentence.id));
  const inStories = new Set(draft.stories.flatMap((story) => story.sentences));
  const listed = new Set<string>();
  for (const { sentence } of draft.notCovered) {
    if (listed.has(sentence)) yield `notCovered lists ${sentence} twice`;
    if (inStories.has(sentence))
      yield `${sentence} is in a story and in notCovered; it is one or the other`;
    listed.add(sentence);
  }
  const named = [
    ...inStories,
    ...listed,
    ...[...draft.nonfunctional, ...draft.ambiguities, ...draft.contradictions].flatMap(
      (one) => one.sentences,
    ),
  ];
  const unknown = [...new Set(named)].filter((id) => !known.has(id));
  if (unknown.length > 0) yield `there is no sentence ${unknown.join(", ")}`;
  const lost = [...known].filter((id) => !inStories.has(id) && !listed.has(id));
  if (lost.length > 0) yield `in no story and not in notCovered: ${lost.join(", ")}`;
}
