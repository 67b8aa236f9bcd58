import fc from "fast-check";
import { expect, test } from "vitest";
import { storyStatuses } from "./backlog.ts";
import { doneStory, exampleBacklog, exampleStory } from "./example-backlog.ts";
import { blockersOf, nextStories } from "./next-stories.ts";

const ids = (stories: readonly { id: string }[]) => stories.map((story) => story.id);

test("takes priority before points before document order", () => {
  const backlog = exampleBacklog([
    exampleStory(1, { priority: "could" }),
    exampleStory(2, { points: 5 }),
    exampleStory(10, { points: 3 }),
    exampleStory(9, { points: 3 }),
    exampleStory(4, { priority: "should" }),
  ]);
  expect(ids(nextStories(backlog, 10))).toEqual(["ST-9", "ST-10", "ST-2", "ST-4", "ST-1"]);
});

test("lets a story inherit the priority of what waits for it", () => {
  const backlog = exampleBacklog([
    exampleStory(1, { priority: "should" }),
    exampleStory(2, { priority: "could" }),
    exampleStory(3, { priority: "must", dependsOn: ["ST-2"] }),
  ]);
  expect(ids(nextStories(backlog, 10))).toEqual(["ST-2", "ST-3", "ST-1"]);
});

test("leaves out what waits for a failed story, and says for which", () => {
  const waiting = exampleStory(2, { dependsOn: ["ST-1"] });
  const backlog = exampleBacklog([exampleStory(1, { status: "failed" }), waiting]);
  expect(nextStories(backlog, 10)).toEqual([]);
  expect(ids(blockersOf(backlog, waiting))).toEqual(["ST-1"]);
});

test("takes up a story that an interruption left in progress, and a failed one when asked to", () => {
  const backlog = exampleBacklog([
    exampleStory(1, { status: "in_progress" }),
    exampleStory(2, { status: "failed" }),
  ]);
  expect(ids(nextStories(backlog, 10))).toEqual(["ST-1"]);
  expect(ids(nextStories(backlog, 10, ["failed"]))).toEqual(["ST-2"]);
});

const anyBacklog = fc
  .array(
    fc.record({
      status: fc.constantFrom(...storyStatuses),
      points: fc.constantFrom(1, 2, 3, 5),
      priority: fc.constantFrom("must" as const, "should" as const, "could" as const),
      needs: fc.array(fc.nat(), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map((rows) =>
    exampleBacklog(
      rows.map(({ needs, status, ...row }, index) => {
        const dependsOn = [...new Set(needs.map((one) => `ST-${(one % rows.length) + 1}`))];
        const parts = { ...row, dependsOn, status };
        return status === "done" ? doneStory(index + 1, parts) : exampleStory(index + 1, parts);
      }),
    ),
  );

test("gives every story after all it depends on, each once, and never more than asked for", () => {
  fc.assert(
    fc.property(anyBacklog, fc.nat({ max: 6 }), (backlog, max) => {
      const settled = new Set(ids(backlog.stories.filter((story) => story.status === "done")));
      const chosen = nextStories(backlog, max);
      expect(chosen.length).toBeLessThanOrEqual(max);
      for (const story of chosen) {
        expect(["ready", "in_progress"]).toContain(story.status);
        expect(settled).not.toContain(story.id);
        story.dependsOn.forEach((id) => expect(settled).toContain(id));
        settled.add(story.id);
      }
    }),
  );
});

test("leaves nothing out that could be done", () => {
  fc.assert(
    fc.property(anyBacklog, (backlog) => {
      const chosen = new Set(ids(nextStories(backlog, backlog.stories.length)));
      const settled = new Set([
        ...chosen,
        ...ids(backlog.stories.filter((story) => story.status === "done")),
      ]);
      for (const story of backlog.stories) {
        if (story.status !== "ready" || chosen.has(story.id)) continue;
        expect(story.dependsOn.some((id) => !settled.has(id))).toBe(true);
      }
    }),
  );
});

test("chooses the same first stories whatever the limit", () => {
  fc.assert(
    fc.property(anyBacklog, fc.nat({ max: 8 }), (backlog, max) => {
      const all = nextStories(backlog, backlog.stories.length);
      expect(nextStories(backlog, max)).toEqual(all.slice(0, max));
    }),
  );
});
