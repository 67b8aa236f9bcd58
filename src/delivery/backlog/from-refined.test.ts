import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../kernel/hash.ts";
import type { RequirementsDocument } from "../requirements/document.ts";
import type { RefinedRequirements, UserStory } from "../requirements/refined-requirements.ts";
import { backlogSchema } from "./backlog.ts";
import { doneStory, exampleAttempt } from "./example-backlog.ts";
import { backlogFromRefined } from "./from-refined.ts";
import { keepStoryIds } from "./keep-story-ids.ts";

const updatedAt = "2026-01-01T00:00:00.000Z";
const origin = { project: "example", updatedAt };

function asked(number: number, parts: Partial<UserStory> = {}): UserStory {
  return {
    id: `ST-${number}`,
    title: `Story ${number}`,
    asA: "reader",
    iWant: "something",
    soThat: "it helps",
    criteria: [{ id: `AC-${number}.1`, given: "a state", when: "an action", then: "an effect" }],
    sentences: [`S${number}`],
    origin: "requirements",
    dependsOn: [],
    points: 1,
    priority: "must",
    features: [`feature-${number}`],
    ...parts,
  };
}

function documentOf(texts: readonly string[]): RequirementsDocument {
  const text = texts.join("\n");
  return {
    source: "text",
    text,
    digest: sha256(text),
    title: undefined,
    sentences: texts.map((one, index) => ({
      id: `S${index + 1}`,
      text: one,
      line: index + 1,
      kind: "prose" as const,
      headingPath: [],
    })),
    notes: [],
  };
}

function refinedOf(stories: readonly UserStory[]): RefinedRequirements {
  return {
    schema: "autosd/refined-requirements@1",
    source: { name: "text", digest: "sha256:0" },
    title: "Example",
    brief: "An example.",
    personas: [],
    stories: [...stories],
    nonfunctional: [],
    ambiguities: [],
    contradictions: [],
    missingConstraints: [],
    edgeCases: [],
    externalDependencies: [],
    assumptions: [],
    stack: [],
    notCovered: [],
  };
}

const document = documentOf(["One.", "Two.", "Three."]);

test("carries the words that a story comes from", () => {
  const backlog = backlogFromRefined(refinedOf([asked(2)]), document, origin);
  expect(backlog.stories[0]).toMatchObject({
    narrative: "As a reader, I want something, so that it helps.",
    sentences: [{ id: "S2", text: "Two." }],
    status: "ready",
    commit: null,
  });
  expect(backlog.requirementsDigest).toBe(document.digest);
  expect(backlogSchema.parse(backlog)).toEqual(backlog);
});

test("begins as unimplemented what the planner cannot build", () => {
  const refined = refinedOf([asked(1, { unimplementable: "no e-mail" })]);
  expect(backlogFromRefined(refined, document, origin).stories[0]).toMatchObject({
    status: "unimplemented",
    statusReason: "no e-mail",
  });
});

test("keeps status, evidence and commit of a story that asks for the same", () => {
  const first = backlogFromRefined(refinedOf([asked(1), asked(2)]), document, origin);
  const [one, two] = first.stories;
  if (one === undefined || two === undefined) throw new Error("two stories");
  const done = { ...one, ...pick(doneStory(1)), sprint: "sprint-1" };
  const previous = { ...first, stories: [done, two] };
  const refined = refinedOf([asked(1, { points: 8, priority: "could" }), asked(2)]);
  const [kept] = backlogFromRefined(refined, document, { ...origin, previous }).stories;
  expect(kept).toMatchObject({ ...pick(done), sprint: "sprint-1", points: 8, priority: "could" });
});

test.each<readonly [string, Partial<UserStory>]>([
  ["title", { title: "Other" }],
  ["wish", { iWant: "something else" }],
  ["criterion", { criteria: [{ id: "AC-1.1", given: "a", when: "b", then: "c" }] }],
  ["sentence", { sentences: ["S3"] }],
  ["feature", { features: ["other"] }],
])("starts afresh when the %s of a done story changed", (_what, change) => {
  const first = backlogFromRefined(refinedOf([asked(1)]), document, origin);
  const previous = {
    ...first,
    stories: first.stories.map((story) => ({ ...story, ...pick(doneStory(1)) })),
  };
  const next = backlogFromRefined(refinedOf([asked(1, change)]), document, { ...origin, previous });
  expect(next.stories[0]).toMatchObject({ status: "ready", attempts: [], commit: null });
});

test("believes the newer planner about a story that nobody has tried", () => {
  const refused = refinedOf([asked(1, { unimplementable: "no e-mail" })]);
  const previous = backlogFromRefined(refused, document, origin);
  const next = backlogFromRefined(refinedOf([asked(1)]), document, { ...origin, previous });
  expect(next.stories[0]?.status).toBe("ready");
  expect(next.stories[0]?.statusReason).toBeUndefined();
});

test("refuses stories that cannot be ordered", () => {
  const refined = refinedOf([asked(1, { dependsOn: ["ST-2"] }), asked(2, { dependsOn: ["ST-1"] })]);
  expect(() => backlogFromRefined(refined, document, origin)).toThrow(/wait for each other/);
});

test("computes the same backlog again from its own result", () => {
  const refined = refinedOf([asked(1), asked(2, { dependsOn: ["ST-1"] })]);
  const once = backlogFromRefined(refined, document, origin);
  expect(backlogFromRefined(refined, document, { ...origin, previous: once })).toEqual(once);
});

test("keeps the number of a story when another comes before it", () => {
  const previous = backlogFromRefined(refinedOf([asked(1), asked(2)]), document, origin);
  const moved = refinedOf([
    asked(1, { title: "New" }),
    asked(2, { title: "Story 1", features: ["feature-1"] }),
    asked(3, { title: "Story 2", features: ["feature-2"], dependsOn: ["ST-2", "ST-1"] }),
  ]);
  const { stories } = keepStoryIds(moved, previous);
  expect(stories.map((story) => [story.title, story.id, story.criteria[0]?.id])).toEqual([
    ["New", "ST-3", "AC-3.1"],
    ["Story 1", "ST-1", "AC-1.1"],
    ["Story 2", "ST-2", "AC-2.1"],
  ]);
  expect(stories[2]?.dependsOn).toEqual(["ST-1", "ST-3"]);
});

test("tells stories of the same title apart", () => {
  const twins = refinedOf([asked(1, { title: "Twin" }), asked(2, { title: "Twin" })]);
  const previous = backlogFromRefined(twins, document, origin);
  const changed = refinedOf([
    asked(1, { title: "Twin", features: ["x"] }),
    asked(2, { title: "Twin", features: ["y"] }),
    asked(3, { title: "Twin", features: ["feature-1"], criteria: asked(1).criteria }),
  ]);
  expect(keepStoryIds(changed, previous).stories.map((story) => story.id)).toEqual([
    "ST-2",
    "ST-3",
    "ST-1",
  ]);
});

test("gives no number away twice, and none that stood for something else", () => {
  const titles = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 6 });
  const storiesOf = (list: readonly string[]) =>
    list.map((title, index) => asked(index + 1, { title, features: [title] }));
  fc.assert(
    fc.property(titles, titles, (before, now) => {
      const previous = backlogFromRefined(refinedOf(storiesOf(before)), document, origin);
      const { stories } = keepStoryIds(refinedOf(storiesOf(now)), previous);
      expect(new Set(stories.map((story) => story.id)).size).toBe(now.length);
      for (const story of stories) {
        const old = previous.stories.find((one) => one.id === story.id);
        if (old !== undefined) expect(old.title).toBe(story.title);
        const same = previous.stories.find((one) => one.title === story.title);
        if (same !== undefined) expect(same.id).toBe(story.id);
      }
    }),
  );
});

test("changes nothing without a backlog before", () => {
  const refined = refinedOf([asked(7)]);
  expect(keepStoryIds(refined, undefined)).toBe(refined);
});

function pick(story: ReturnType<typeof doneStory>) {
  const { status, attempts, commit } = story;
  return { status, attempts: attempts.map((one) => ({ ...exampleAttempt(), ...one })), commit };
}
