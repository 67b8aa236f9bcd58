import { expect, test } from "vitest";
import { definitionOfDone, indispensableGates } from "./definition-of-done.ts";
import { doneStory, exampleAttempt, exampleEvidence, exampleStory } from "./example-backlog.ts";

const missing = (story: Parameters<typeof definitionOfDone>[0]) => {
  const done = definitionOfDone(story);
  return done.kind === "open" ? done.missing : [];
};
const green = indispensableGates.map((gate) => exampleEvidence(gate));

test("is done with a commit and green gates on one tree", () => {
  expect(definitionOfDone(doneStory(1))).toEqual({
    kind: "done",
    commit: "c".repeat(40),
    tree: "tree-1",
  });
});

test("does not believe the status field", () => {
  expect(missing(exampleStory(1, { status: "done" }))).toEqual(["It was not attempted."]);
  expect(definitionOfDone(doneStory(1, { status: "failed" })).kind).toBe("done");
});

test("misses a commit", () => {
  expect(missing(doneStory(1, { commit: null }))).toEqual(["It has no commit."]);
});

test.each(indispensableGates)("misses gate %s when it was not run", (gate) => {
  const evidence = green.filter((one) => one.gate !== gate);
  expect(missing(doneStory(1, { attempts: [exampleAttempt({ evidence })] }))).toEqual([
    `Gate ${gate} was not run.`,
  ]);
});

test.each(["red", "unavailable"] as const)("misses a gate that is %s, any gate", (verdict) => {
  const evidence = [...green, exampleEvidence("lint", { verdict, finding: "x is unused" })];
  expect(missing(doneStory(1, { attempts: [exampleAttempt({ evidence })] }))).toEqual([
    `Gate lint is ${verdict}: x is unused`,
  ]);
});

test("misses one tree when the gates ran on several", () => {
  const evidence = [...green.slice(1), exampleEvidence("install", { tree: "tree-2" })];
  expect(missing(doneStory(1, { attempts: [exampleAttempt({ evidence })] }))).toEqual([
    "Its gates ran on different trees.",
  ]);
});

test("looks at the last attempt: an earlier green one does not help", () => {
  const attempts = [
    exampleAttempt(),
    exampleAttempt({ number: 2, outcome: "rejected", reason: "tests is red" }),
  ];
  expect(missing(doneStory(1, { attempts }))).toEqual(["Attempt 2 was rejected. tests is red"]);
});

test.each(["running", "unimplemented", "interrupted"] as const)(
  "is open when the last attempt is %s, green gates or not",
  (outcome) => {
    expect(missing(doneStory(1, { attempts: [exampleAttempt({ outcome })] }))).toHaveLength(1);
  },
);
