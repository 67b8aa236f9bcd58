import fc from "fast-check";
import { expect, it } from "vitest";
import type { Backlog, Story, StoryStatus } from "../../delivery/backlog/backlog.ts";
import { denialOf, isOnlyDenied } from "./denied-stories.ts";

const denial = { code: "AUTOSD-ACTION-DENIED", action: "git push", remedy: "push it" };

function story(id: number, status: StoryStatus, more: Partial<Story> = {}, denied = false): Story {
  const attempt = {
    number: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:01.000Z",
    outcome: "rejected" as const,
    evidence: [],
    ...(denied ? { denial } : {}),
  };
  return {
    id: `ST-${id}`,
    title: "a story",
    ...{ narrative: "", criteria: [], sentences: [], features: [], dependsOn: [], points: 1 },
    ...{ priority: "must", status, attempts: [attempt], commit: null, sprint: null },
    ...more,
  };
}

function backlog(...stories: readonly Story[]): Backlog {
  const head = {
    schema: "autosd/backlog@1",
    project: "p",
    requirementsDigest: "sha256:0",
  } as const;
  return { ...head, updatedAt: "2026-01-01T00:00:00.000Z", stories: [...stories] };
}

const denied = story(1, "failed", {}, true);
const done = story(9, "done");

it("is so when all that is missing was denied, or waits for it", () => {
  expect(isOnlyDenied(backlog(done, denied))).toBe(true);
  const waiting = story(2, "ready", { dependsOn: ["ST-1", "ST-9"] });
  const after = story(3, "ready", { dependsOn: ["ST-2"] });
  expect(isOnlyDenied(backlog(after, waiting, denied, done))).toBe(true);
});

it.each<[string, readonly Story[]]>([
  ["nothing is missing", [done]],
  ["there are no stories", []],
  ["another story is red", [denied, story(2, "failed")]],
  ["another was not understood", [denied, story(2, "unimplemented")]],
  ["another's turn has not come", [denied, story(2, "ready")]],
  [
    "another waits for a red one as well",
    [denied, story(2, "failed"), story(3, "ready", { dependsOn: ["ST-1", "ST-2"] })],
  ],
  [
    "stories wait for each other",
    [
      denied,
      story(2, "ready", { dependsOn: ["ST-3"] }),
      story(3, "ready", { dependsOn: ["ST-2"] }),
    ],
  ],
])("is not so when %s", (_, stories) => {
  expect(isOnlyDenied(backlog(...stories))).toBe(false);
});

it("counts the last attempt alone, and none of a story that was done since", () => {
  const [attempt] = story(1, "failed").attempts;
  const since = attempt === undefined ? [] : [...denied.attempts, { ...attempt, number: 2 }];
  expect(denialOf({ ...denied, attempts: since })).toBeUndefined();
  expect(denialOf({ ...denied, status: "done" })).toBeUndefined();
  expect(denialOf(denied)).toEqual(denial);
});

it("ends for any backlog, and then no story is missing for another reason", () => {
  const statuses = fc.constantFrom<StoryStatus>("ready", "failed", "done", "unimplemented");
  const one = fc.tuple(statuses, fc.array(fc.integer({ min: 1, max: 8 })), fc.boolean());
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (given) => {
      const stories = given.map(([status, waits, isDenied], at) =>
        story(at + 1, status, { dependsOn: waits.map((id) => `ST-${id}`) }, isDenied),
      );
      if (!isOnlyDenied(backlog(...stories))) return;
      const open = stories.filter(({ status }) => status !== "done");
      expect(open.some((each) => denialOf(each) !== undefined)).toBe(true);
      for (const each of open)
        expect(each.status === "ready" || denialOf(each) !== undefined).toBe(true);
    }),
  );
});
