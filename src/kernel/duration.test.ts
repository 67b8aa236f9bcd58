import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["250ms", 250],
    ["1.2s", 1_200],
    ["1.2 s", 1_200],
    ["2m05s", 125_000],
    ["1h 30m", 5_400_000],
    [" 3d ", 259_200_000],
    ["0s", 0],
    ["1d1h1m1s1ms", 90_061_001],
  ])("reads %j as %d milliseconds", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "5",
    "s",
    "-1s",
    "1s1m",
    "1s1s",
    "1.s",
    "1e3s",
    "1,5s",
    "1sec",
    "1 s x",
    "٣s",
    "9999999999999s",
    "999999999999d",
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("refuses a hundred thousand digits", () => {
    expect(parseDuration(`${"1".repeat(100_000)}s`)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0ms"],
    [0.4, "0ms"],
    [250, "250ms"],
    [999.6, "1.0s"],
    [1_200, "1.2s"],
    [9_960, "10s"],
    [59_499, "59s"],
    [59_500, "1m00s"],
    [125_000, "2m05s"],
    [3_599_600, "1h00m"],
    [3_720_000, "1h02m"],
    [86_399_000, "1d00h"],
    [273_600_000, "3d04h"],
    [-5, "0ms"],
    [Number.NaN, "0ms"],
    [Number.POSITIVE_INFINITY, "0ms"],
  ])("writes %d milliseconds as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

test("what is written can be read, within the precision shown", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 11 }), (ms) => {
      const read = parseDuration(formatDuration(ms));
      expect(read).toBeDefined();
      expect(Math.abs((read ?? Infinity) - ms)).toBeLessThanOrEqual(Math.max(1, ms * 0.06));
    }),
  );
});
