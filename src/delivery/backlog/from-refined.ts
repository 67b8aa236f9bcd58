import { articleOf } from "../requirements/article.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { RequirementsDocument } from "../requirements/document.ts";
import type { RefinedRequirements, UserStory } from "../requirements/refined-requirements.ts";
import type { Backlog, Story } from "./backlog.ts";
import { assertOrderable } from "./dependencies.ts";

export interface BacklogOrigin {
  /** Project id. */
  readonly project: string;
  /** ISO time. */
  readonly updatedAt: string;
  /** The backlog before; stories that ask for the same keep their status and evidence. */
  readonly previous?: Backlog | undefined;
}

/**
 * The backlog of refined requirements. A story that asks for the same as the previous story of its
 * id keeps status, attempts, commit and sprint; any other starts afresh. Throws
 * AUTOSD-BACKLOG-UNORDERED when the stories cannot be ordered.
 */
export function backlogFromRefined(
  refined: RefinedRequirements,
  document: RequirementsDocument,
  origin: BacklogOrigin,
): Backlog {
  assertOrderable(refined.stories);
  const texts = new Map(document.sentences.map((sentence) => [sentence.id, sentence.text]));
  const previous = new Map((origin.previous?.stories ?? []).map((story) => [story.id, story]));
  return {
    schema: "autosd/backlog@1",
    project: origin.project,
    requirementsDigest: document.digest,
    updatedAt: origin.updatedAt,
    stories: refined.stories.map((asked) => {
      const fresh = freshStory(asked, texts);
      const before = previous.get(asked.id);
      return before !== undefined && storyDigest(before) === storyDigest(fresh)
        ? kept(before, fresh, asked)
        : fresh;
    }),
  };
}

/**
 * Digest of what a story asks for: title, narrative, criteria, the words it comes from and the
 * planner's handles. Ids, order, points and priority may change without a story being another.
 */
export function storyDigest(story: Story): string {
  return sha256(
    canonicalJson({
      title: story.title,
      narrative: story.narrative,
      criteria: story.criteria.map(({ given, when, then }) => ({ given, when, then })),
      sentences: story.sentences.map((sentence) => sentence.text),
      features: story.features,
    }),
  );
}

function freshStory(asked: UserStory, texts: ReadonlyMap<string, string>): Story {
  return {
    id: asked.id,
    title: asked.title,
    narrative: `As ${withArticle(asked.asA)}, I want ${asked.iWant}, so that ${asked.soThat}.`,
    criteria: asked.criteria,
    sentences: asked.sentences.map((id) => ({ id, text: texts.get(id) ?? "" })),
    features: asked.features,
    dependsOn: asked.dependsOn,
    points: asked.points,
    priority: asked.priority,
    ...(asked.unimplementable === undefined
      ? { status: "ready" as const }
      : { status: "unimplemented" as const, statusReason: asked.unimplementable }),
    attempts: [],
    commit: null,
    sprint: null,
  };
}

function withArticle(persona: string): string {
  if (/^(an?|the) /i.test(persona)) return persona;
  return `${articleOf(persona)} ${persona}`;
}

/** What happened stays; how the story is placed and worded by id comes from the new reading. */
function kept(before: Story, fresh: Story, asked: UserStory): Story {
  const untouched = before.attempts.length === 0;
  // Without an attempt the status is only the planner's word, and the new reading has the newer one.
  if (untouched && before.status !== "done") return { ...fresh, sprint: before.sprint };
  if (asked.unimplementable !== undefined && before.status === "ready")
    return { ...fresh, attempts: before.attempts, sprint: before.sprint };
  return {
    ...fresh,
    status: before.status,
    statusReason: before.statusReason,
    attempts: before.attempts,
    commit: before.commit,
    sprint: before.sprint,
  };
}
