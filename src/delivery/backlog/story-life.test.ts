import fc from "fast-check";
import { expect, test } from "vitest";
import { type Story, storySchema, storyStatuses } from "./backlog.ts";
import { definitionOfDone } from "./definition-of-done.ts";
import { doneStory, exampleAttempt, exampleBacklog, exampleStory } from "./example-backlog.ts";
import {
  beginAttempt,
  completeStory,
  declareUnimplemented,
  endAttempt,
  failStory,
  reopenStory,
  storyTransitions,
  withStory,
} from "./story-life.ts";

const commit = "a".repeat(40);
const { evidence } = exampleAttempt();
const verified = { outcome: "verified" as const, endedAt: "2026-01-01T00:01:00.000Z", evidence };
const at = "2026-01-01T00:00:30.000Z";

test("goes from ready to done by a verified attempt", () => {
  const begun = beginAttempt(exampleStory(1), at);
  expect(begun).toMatchObject({ status: "in_progress", attempts: [{ number: 1, startedAt: at }] });
  const done = completeStory(endAttempt(begun, verified), commit);
  expect(done).toMatchObject({ status: "done", commit });
  expect(storySchema.parse(done)).toEqual(done);
});

test("refuses done for an attempt that was rejected, and says what is missing", () => {
  const tried = endAttempt(beginAttempt(exampleStory(1), at), { ...verified, outcome: "rejected" });
  expect(() => completeStory(tried, commit)).toThrow(/Attempt 1 was rejected/);
});

test("refuses to touch a done story", () => {
  const done = doneStory(1);
  expect(() => beginAttempt(done, at)).toThrow(/ST-1 is done and cannot become in_progress/);
  expect(() => failStory(done, "no")).toThrow(/cannot become failed/);
  expect(() => reopenStory(done)).toThrow(/cannot become ready/);
});

test("marks an attempt that a dead process left running as interrupted", () => {
  const twice = beginAttempt(beginAttempt(exampleStory(1), at), "2026-01-01T00:02:00.000Z");
  expect(twice.attempts.map((one) => [one.number, one.outcome])).toEqual([
    [1, "interrupted"],
    [2, "running"],
  ]);
});

test("drops the reason of the status it leaves", () => {
  const failed = failStory(beginAttempt(exampleStory(1), at), "tests is red");
  expect(failed.statusReason).toBe("tests is red");
  expect(beginAttempt(failed, at).statusReason).toBeUndefined();
});

test("ends only an attempt that runs", () => {
  expect(() => endAttempt(exampleStory(1), verified)).toThrow(/no running attempt/);
});

test("replaces a story of the backlog and refuses one that is not in it", () => {
  const backlog = exampleBacklog([exampleStory(1), exampleStory(2)]);
  const changed = withStory(backlog, exampleStory(2, { title: "New" }), at);
  expect(changed.stories.map((one) => one.title)).toEqual(["Story 1", "New"]);
  expect(changed.updatedAt).toBe(at);
  expect(() => withStory(backlog, exampleStory(3), at)).toThrow(/no story ST-3/);
});

const moves: Readonly<Record<string, (story: Story) => Story>> = {
  begin: (story) => beginAttempt(story, at),
  verify: (story) => endAttempt(story, verified),
  reject: (story) => endAttempt(story, { ...verified, outcome: "rejected", evidence: [] }),
  complete: (story) => completeStory(story, commit),
  fail: (story) => failStory(story, "no"),
  declare: (story) => declareUnimplemented(story, "no"),
  reopen: reopenStory,
};

test("is done only with evidence, and takes only legal steps, whatever is tried in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 12 }), (names) => {
      let story = exampleStory(1);
      for (const name of names) {
        const before = story;
        try {
          story = moves[name]?.(story) ?? story;
        } catch {
          expect(story).toBe(before);
          continue;
        }
        if (story.status !== before.status)
          expect(storyTransitions[before.status]).toContain(story.status);
        expect(story.status === "done").toBe(story.commit !== null);
        if (story.status === "done") expect(definitionOfDone(story).kind).toBe("done");
        story.attempts.forEach((one, index) => expect(one.number).toBe(index + 1));
      }
    }),
  );
});

test("knows a way on from every status but done", () => {
  for (const status of storyStatuses)
    expect(storyTransitions[status].length === 0).toBe(status === "done");
});
