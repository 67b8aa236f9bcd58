import { describe, expect, it } from "vitest";
import { createPaint } from "../paint.ts";
import { changeLines } from "./requirements-change.ts";

const paint = createPaint(false);

describe("the change of requirements in the closing summary", () => {
  it("says what was removed, with the commit, and what was built again", () => {
    const change = {
      removed: [{ id: "ST-9", title: "Count\u001b[2J tasks" }],
      reopened: ["ST-2", "ST-3"],
      commit: "0123456789abcdef0123456789abcdef01234567",
      problem: undefined,
    };
    const lines = changeLines(change, paint, 80);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^- ST-9 {3}removed: Count.* tasks {2}01234567$/);
    expect(lines[0]).not.toContain("\u001b");
    expect(lines[1]).toBe("built again: ST-2, ST-3");
  });

  it("says why it could not be followed, and nothing when there is none", () => {
    const problem = "changed by somebody else since it was written: README.md";
    const change = { removed: [], reopened: [], commit: undefined, problem };
    expect(changeLines(change, paint, 80)).toEqual([problem]);
    expect(changeLines(undefined, paint, 80)).toEqual([]);
  });
});
