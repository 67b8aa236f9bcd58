import { canonicalJson } from "../../kernel/canonical-json.ts";
import type {
  Criterion,
  RefinedRequirements,
  UserStory,
} from "../requirements/refined-requirements.ts";
import type { Backlog, Story } from "./backlog.ts";
import { storyNumber } from "./next-stories.ts";

/**
 * The same refined requirements with story ids that fit the backlog before: a story that was there
 * keeps its number (and with it the names of its committed tests) when others come or go above it,
 * and a number that once stood for something else is not given away again. Matches by wording and
 * planner's handles first, then by title alone, then by handles alone. Without a backlog nothing changes.
 */
export function keepStoryIds(
  refined: RefinedRequirements,
  previous: Backlog | undefined,
): RefinedRequirements {
  if (previous === undefined) return refined;
  const ids = newIds(refined.stories, previous.stories);
  const renamed = (id: string) => ids.get(id) ?? id;
  return {
    ...refined,
    stories: refined.stories.map((story) => ({
      ...story,
      id: renamed(story.id),
      dependsOn: story.dependsOn.map(renamed),
      criteria: story.criteria.map((one) => underStory(one, renamed(story.id))),
    })),
    edgeCases: refined.edgeCases.map((one) => ({ ...one, stories: one.stories.map(renamed) })),
  };
}

function newIds(
  stories: readonly UserStory[],
  before: readonly Story[],
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const open = new Set(before);
  for (const isSame of [sameWording, sameTitle, sameHandles]) {
    for (const story of stories) {
      if (ids.has(story.id)) continue;
      const match = [...open].find((old) => isSame(story, old));
      if (match === undefined) continue;
      ids.set(story.id, match.id);
      open.delete(match);
    }
  }
  const taken = new Set(before.map((story) => story.id));
  let highest = Math.max(0, ...before.map((story) => storyNumber(story.id)));
  for (const story of stories) {
    if (ids.has(story.id)) continue;
    // Its own number when it was never used, so that a first change at the end renames nothing.
    const number = storyNumber(story.id);
    const id = !taken.has(story.id) && number > highest ? story.id : `ST-${highest + 1}`;
    highest = Math.max(highest, storyNumber(id));
    taken.add(id);
    ids.set(story.id, id);
  }
  return ids;
}

function sameWording(story: UserStory, old: Story): boolean {
  return sameTitle(story, old) && wording(story) === wording(old);
}

function sameTitle(story: UserStory, old: Story): boolean {
  return story.title === old.title;
}

/** Another title for the same thing, such as the product's new name. */
function sameHandles(story: UserStory, old: Story): boolean {
  return story.features.length > 0 && canonicalJson(story.features) === canonicalJson(old.features);
}

function wording(story: {
  readonly criteria: readonly Criterion[];
  readonly features: readonly string[];
}): string {
  const criteria = story.criteria.map(({ given, when, then }) => [given, when, then]);
  return JSON.stringify([criteria, story.features]);
}

/** `AC-3.1` of `ST-3` becomes `AC-7.1` of `ST-7`. */
function underStory(criterion: Criterion, id: string): Criterion {
  return { ...criterion, id: criterion.id.replace(/^AC-[0-9]+/, `AC-${storyNumber(id)}`) };
}
