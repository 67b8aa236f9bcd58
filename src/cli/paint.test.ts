import { expect, test } from "vitest";
import { createPaint, wantsColor } from "./paint.ts";

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "false" }, true, false],
  [{ TERM: "dumb" }, true, false],
  [{ TERM: "dumb", FORCE_COLOR: "1" }, true, true],
] as const)("decides %j on a terminal %j as %j", (wishes, isTerminal, colored) => {
  expect(wantsColor(wishes, isTerminal)).toBe(colored);
});

test("closes each style that it opens, and does nothing when it is off", () => {
  expect(createPaint(true).bold(createPaint(true).red("x"))).toBe(
    "\u001b[1m\u001b[31mx\u001b[39m\u001b[22m",
  );
  expect(createPaint(false).red("x")).toBe("x");
});
