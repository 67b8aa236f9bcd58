import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTestReport, unloadable } from "./test-report.ts";
import type { ReportFormat } from "./toolchain.ts";

const read = (format: ReportFormat, text: string) =>
  readTestReport(format, text, "/workspace")?.results;

describe("reports of test runners", () => {
  it("reads vitest and jest", () => {
    const report = {
      testResults: [
        {
          name: "/workspace/test/a.test.ts",
          status: "failed",
          assertionResults: [
            { ancestorTitles: ["", "group"], title: "works", status: "passed" },
            {
              ancestorTitles: [],
              title: "breaks",
              status: "failed",
              failureMessages: ["Error: no\n at x"],
            },
            { title: "later", status: "pending" },
          ],
        },
        {
          name: "/workspace/test/b.test.ts",
          status: "failed",
          message: "Cannot find x",
          assertionResults: [],
        },
      ],
    };
    expect(read("vitest-json", JSON.stringify(report))).toEqual([
      { file: "test/a.test.ts", name: "group > works", outcome: "passed" },
      { file: "test/a.test.ts", name: "breaks", outcome: "failed", message: "Error: no" },
      { file: "test/a.test.ts", name: "later", outcome: "skipped" },
      { file: "test/b.test.ts", name: unloadable, outcome: "failed", message: "Cannot find x" },
    ]);
  });

  it("reads mocha", () => {
    const test = (title: string) => ({
      title,
      fullTitle: `group ${title}`,
      file: "/workspace/a.js",
    });
    const report = {
      tests: [test("works"), test("breaks"), test("later")],
      passes: [test("works")],
      failures: [{ ...test("breaks"), err: { message: "no" } }],
    };
    expect(read("mocha-json", JSON.stringify(report))).toEqual([
      { file: "a.js", name: "group > works", outcome: "passed" },
      { file: "a.js", name: "group > breaks", outcome: "failed", message: "no" },
      { file: "a.js", name: "group > later", outcome: "skipped" },
    ]);
  });

  it("reads node's events only when the runner came to its end", () => {
    const lines = [
      { file: "/workspace/a.test.js", name: "group > works", outcome: "passed" },
      {
        file: "/workspace/b.test.js",
        name: "/workspace/b.test.js",
        outcome: "failed",
        message: "boom",
      },
      { file: "/workspace/c.test.js", name: "c.test.js", outcome: "passed" },
    ].map((one) => JSON.stringify(one));
    expect(read("node-events", [...lines, '{"end":true}', ""].join("\n"))).toEqual([
      { file: "a.test.js", name: "group > works", outcome: "passed" },
      { file: "b.test.js", name: unloadable, outcome: "failed", message: "boom" },
    ]);
    expect(read("node-events", lines.join("\n"))).toBeUndefined();
  });

  it("reads pytest's JUnit file", () => {
    const text = `<?xml version="1.0"?><testsuites><testsuite name="pytest">
<testcase classname="tests.test_a" name="test_one" file="tests/test_a.py" line="1" time="0.1"/>
<testcase classname="tests.test_a" name="test_two" file="tests/test_a.py"><failure message="assert 1 == &quot;2&quot;&#10;more">trace</failure></testcase>
<testcase classname="tests.test_a" name="test_three" file="tests/test_a.py"><skipped type="pytest.skip" message="no"/></testcase>
</testsuite></testsuites>`;
    expect(read("junit", text)).toEqual([
      { file: "tests/test_a.py", name: "test_one", outcome: "passed" },
      { file: "tests/test_a.py", name: "test_two", outcome: "failed", message: 'assert 1 == "2"' },
      { file: "tests/test_a.py", name: "test_three", outcome: "skipped" },
    ]);
    expect(read("junit", text.slice(0, -10))).toBeUndefined();
  });

  it("takes anything else for no report, and never fails", () => {
    const formats = ["vitest-json", "mocha-json", "node-events", "junit", "unittest-json"] as const;
    for (const format of formats) {
      for (const text of ["", "{", "null", "[]", "{}"]) expect(read(format, text)).toBeUndefined();
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
          read(format, text);
        }),
      );
    }
  });
});
