import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { notesDocument, notesDraft } from "../../../../test/support/planned-notes.ts";
import { traceGaps } from "../../requirements/trace-gaps.ts";
import type { RefinedRequirements } from "../../requirements/refined-requirements.ts";
import { checkRefinement, refinementAnswer } from "./refinement-draft.ts";

const document = notesDocument();

function accepted(value: unknown): RefinedRequirements {
  const checked = checkRefinement(document, value);
  if (checked.kind === "refused") throw new Error(checked.problems.join("\n"));
  return checked.value;
}

function problems(value: unknown): readonly string[] {
  const checked = checkRefinement(document, value);
  return checked.kind === "refused" ? checked.problems : [];
}

/** The draft with a member of one story changed. */
function withStory(at: number, change: Readonly<Record<string, unknown>>) {
  const stories = notesDraft.stories.map((story, index) =>
    index === at ? { ...(story as object), ...change } : story,
  );
  return { ...notesDraft, stories };
}

test("a draft becomes refined requirements: stories and criteria numbered, the source of autosd", () => {
  const refined = accepted(notesDraft);
  expect(refined.source).toEqual({ name: "notes.md", digest: document.digest });
  expect(refined.stories.map(({ id, origin }) => [id, origin])).toEqual([
    ["ST-1", "engineering"],
    ["ST-2", "requirements"],
    ["ST-3", "requirements"],
    ["ST-4", "requirements"],
  ]);
  expect(refined.stories[1]?.criteria.map(({ id }) => id)).toEqual(["AC-2.1", "AC-2.2"]);
});

test("what cannot be planned is an open story with the reason, so that no run without it is complete", () => {
  const open = accepted(notesDraft).stories[3];
  expect(open).toMatchObject({
    title: "Not planned: It should feel nice.",
    sentences: ["S4"],
    unimplementable: "nobody can test what feels nice",
  });
  expect(traceGaps(document, accepted(notesDraft)).map(({ sentence }) => sentence)).toEqual(["S4"]);
});

test("a model's own numbers of stories are replaced, and what refers to them follows", () => {
  const renamed = JSON.parse(
    JSON.stringify(notesDraft).replaceAll("ST-2", "b").replaceAll("ST-3", "story c"),
  ) as unknown;
  expect(accepted(renamed)).toEqual(accepted(notesDraft));
});

describe("refuses, and says what is wrong with", () => {
  test.each([
    [
      "a sentence that is lost",
      { ...notesDraft, notCovered: [] },
      "in no story and not in notCovered: S1, S4",
    ],
    [
      "a sentence in a story and not covered",
      withStory(1, { sentences: ["S2", "S1"] }),
      "S1 is in a story and in notCovered",
    ],
    [
      "a sentence that does not exist",
      withStory(1, { sentences: ["S2", "S9"] }),
      "there is no sentence S9",
    ],
    [
      "a story that nobody asked for",
      withStory(2, { sentences: [] }),
      "ST-3 comes from no sentence",
    ],
    ["a story without criteria", withStory(1, { criteria: [] }), "ST-2 has no criterion"],
    ["two stories of one id", withStory(2, { id: "ST-2" }), "two stories have the id ST-2"],
    [
      "a story that waits for a later one",
      withStory(1, { dependsOn: ["ST-3"] }),
      "ST-2 depends on ST-3",
    ],
    ["points of its own", withStory(1, { points: 4 }), "points are one of"],
    [
      "an edge case of no story",
      { ...notesDraft, edgeCases: [{ text: "x", stories: ["ST-9"] }] },
      "there is no story ST-9",
    ],
    ["a missing member", { ...notesDraft, title: undefined }, "title: "],
    ["an endless title", { ...notesDraft, title: "x".repeat(500) }, "title: "],
    ["something else altogether", ["stories"], "expected object"],
  ])("%s", (_, draft, problem) => {
    expect(problems(draft).join("\n")).toContain(problem);
  });
});

test("whatever is accepted accounts for every sentence once: in stories or not covered", () => {
  const ids = ["S1", "S2", "S3", "S4", "S5"];
  const somewhere = fc.record({
    stories: fc.array(fc.subarray(ids), { minLength: 3, maxLength: 3 }),
    notCovered: fc.subarray(ids),
  });
  fc.assert(
    fc.property(somewhere, ({ stories, notCovered }) => {
      const draft = {
        ...notesDraft,
        stories: notesDraft.stories.map((story, index) => ({
          ...(story as object),
          sentences: stories[index],
        })),
        notCovered: notCovered.map((sentence) => ({ sentence, kind: "context", reason: "r" })),
      };
      const told = stories.flat();
      const isWhole =
        document.sentences.every(({ id }) => told.includes(id) !== notCovered.includes(id)) &&
        ![...told, ...notCovered].includes("S5") &&
        stories.slice(1).every((one) => one.length > 0);
      expect(checkRefinement(document, draft).kind).toBe(isWhole ? "accepted" : "refused");
    }),
    { numRuns: 500 },
  );
});

test("the schema that providers get says types and members only, all of them needed", () => {
  const text = JSON.stringify(refinementAnswer.schema);
  for (const keyword of ["minLength", "maxItems", "pattern", "default", "$schema", "maximum"])
    expect(text).not.toContain(`"${keyword}"`);
  expect(refinementAnswer.schema["required"]).toEqual(Object.keys(notesDraft));
  expect(refinementAnswer.schema["additionalProperties"]).toBe(false);
});
