import { describe, expect, it } from "vitest";
import { bearsId, judgeAcceptance, type AcceptanceQuestion } from "./acceptance.ts";
import type { TestReport } from "./test-report.ts";
import type { TestCaseResult } from "./toolchain.ts";

const file = "test/acceptance/st-3.test.ts";
const criteria = ["AC-3.1", "AC-3.2"].map((id) => ({ id, given: "g", when: "w", then: "t" }));

const report = (
  ...tests: readonly (readonly [string, TestCaseResult["outcome"]])[]
): TestReport => ({
  results: tests.map(([name, outcome]) => ({ file, name, outcome })),
  files: new Set([file]),
});

const done: AcceptanceQuestion = {
  criteria,
  acceptanceTests: [file],
  testFiles: new Set([file]),
  result: report(["AC-3.1 creates", "passed"], ["group > AC-3.2 refuses", "passed"]),
  base: { kind: "ran", report: report(["AC-3.1 creates", "failed"]) },
};

describe("acceptance", () => {
  it("is shown by tests that fail or are absent without the story", () => {
    expect(judgeAcceptance(done)).toMatchObject({
      verdict: "green",
      finding: "2 criteria met by tests that fail without the story",
    });
    expect(judgeAcceptance({ ...done, base: { kind: "nothing-there" } }).verdict).toBe("green");
  });

  it.each<[string, Partial<AcceptanceQuestion>, string]>([
    [
      "a test that passed before",
      { base: { kind: "ran", report: report(["AC-3.1 creates", "passed"]) } },
      '"AC-3.1 creates" passes without the story, so it shows nothing',
    ],
    [
      "a criterion without test",
      { result: report(["AC-3.1 creates", "passed"], ["AC-3.20 other", "passed"]) },
      "AC-3.2 has no test whose name begins with it",
    ],
    [
      "a failing test",
      { result: report(["AC-3.1 a", "passed"], ["AC-3.2 b", "failed"]) },
      '"AC-3.2 b" failed',
    ],
    [
      "a skipped test",
      { result: report(["AC-3.1 a", "passed"], ["AC-3.2 b", "skipped"]) },
      '"AC-3.2 b" skipped',
    ],
    [
      "tests in files that were not named",
      { acceptanceTests: ["test/other.test.ts"], testFiles: new Set([file, "test/other.test.ts"]) },
      "AC-3.1 has no test whose name begins with it (and 1 more)",
    ],
    [
      "a named file that is no test",
      { acceptanceTests: [file, "src/a.ts"] },
      "src/a.ts was named as acceptance test but is not a test file",
    ],
    ["no named file", { acceptanceTests: [] }, "no acceptance test was named"],
    ["no criterion", { criteria: [] }, "the story has no acceptance criterion"],
    [
      "tests that were not run",
      { result: undefined },
      "the tests were not run, so no criterion is shown to be met",
    ],
    [
      "a base that could not be tried",
      { base: { kind: "broken", reason: "it hung" } },
      "the acceptance tests could not be tried without the story: it hung",
    ],
  ])("is not shown by %s", (_name, change, finding) => {
    expect(judgeAcceptance({ ...done, ...change })).toMatchObject({ verdict: "red", finding });
  });

  it.each([
    ["AC-3.1 creates", true],
    ["AC-3.1: creates", true],
    ["AC-3.1", true],
    ["bookmarks > AC-3.1 creates", true],
    ["test_ac_3_1_creates", true],
    ["AC-3.10 creates", false],
    ["AC-3.1.2 creates", false],
    ["AC-13.1 creates", false],
    ["creates AC-3.1", false],
    ["test_ac_3_10_creates", false],
  ])("takes %j for AC-3.1: %s", (name, expected) => {
    expect(bearsId(name, "AC-3.1")).toBe(expected);
  });
});
