import { expect, it } from "vitest";
import { createPaint } from "../paint.ts";
import { aheadLines } from "./ahead.ts";

const paint = createPaint(false);

it("says what was fetched ahead, what of it was used, and which file made the rest stale", () => {
  const stale = [
    { story: "ST-3", because: "read-set: a.js was modified, which it had read", accepted: false },
    { story: "ST-12", because: "read-set: b.js was added, in what it had listed", accepted: true },
  ];
  const report = {
    workers: 4,
    prefetched: 7,
    used: 6,
    discarded: 1,
    cut: 1,
    stale,
    savedMs: 5_400,
  };
  expect(aheadLines(report, paint, 100)).toEqual([
    "4 at once · 7 fetched ahead · 6 used · 1 discarded, 1 on the way · 5.4s saved",
    "~ ST-3   stale, done again: read-set: a.js was modified, which it had read",
    "~ ST-12  stale, accepted: read-set: b.js was added, in what it had listed",
  ]);
});

it("breaks long reasons, cuts long lists and shows no escapes", () => {
  const because = `read-set: ${"a name \u001b[31m".repeat(20)} was added`;
  const stale = Array.from({ length: 10 }, () => ({ story: "ST-1", because, accepted: false }));
  const lines = aheadLines(
    { workers: 2, prefetched: 10, used: 0, discarded: 10, cut: 0, stale, savedMs: 0 },
    paint,
    60,
  );
  expect(lines.at(-1)).toBe("         and 2 more");
  expect(lines.every((line) => line.length <= 64 && !line.includes("\u001b"))).toBe(true);
});

it("is silent when nothing was to be fetched ahead", () => {
  expect(aheadLines(undefined, paint, 80)).toEqual([]);
});
