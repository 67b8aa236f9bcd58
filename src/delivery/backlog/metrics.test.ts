import { expect, test } from "vitest";
import { doneStory, exampleAttempt, exampleStory } from "./example-backlog.ts";
import { sprintFigures, velocityOf } from "./metrics.ts";

test("counts points, first attempts and attempts from evidence", () => {
  const second = doneStory(2, {
    points: 3,
    attempts: [exampleAttempt({ outcome: "rejected" }), exampleAttempt({ number: 2 })],
  });
  const failed = exampleStory(3, { attempts: [exampleAttempt({ outcome: "rejected" })] });
  expect(sprintFigures([doneStory(1, { points: 2 }), second, failed], null)).toEqual({
    donePoints: 5,
    storiesDone: 2,
    storiesTotal: 3,
    firstAttemptGreen: 1,
    attempts: 4,
  });
});

test("counts attempts of the sprint only", () => {
  const story = doneStory(1, {
    attempts: [
      exampleAttempt({ startedAt: "2026-01-01T00:00:00.000Z", outcome: "rejected" }),
      exampleAttempt({ number: 2, startedAt: "2026-01-02T00:00:00.000Z" }),
    ],
  });
  expect(sprintFigures([story], "2026-01-02T00:00:00.000Z").attempts).toBe(1);
});

test("holds an interruption against nobody", () => {
  const attempts = [exampleAttempt({ outcome: "interrupted" }), exampleAttempt({ number: 2 })];
  expect(sprintFigures([doneStory(1, { attempts })], null).firstAttemptGreen).toBe(1);
});

test("means the last three sprints by velocity, and knows none without history", () => {
  expect(velocityOf([])).toBeNull();
  expect(velocityOf([4])).toBe(4);
  expect(velocityOf([100, 3, 6, 9])).toBe(6);
});
