import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxRefusals, maxRefusalsInARow, RefusalsInARow } from "./refusals-in-a-row.ts";

describe("refusals in a row", () => {
  test("the first is waited for as told, pauses after it double", () => {
    const row = new RefusalsInARow(1_000, () => 1);
    const least = Array.from({ length: 6 }, () => row.add(7, 3_600_000).leastMs);
    expect(least).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(row.count).toBe(6);
  });

  test("begin anew when anybody was let through: what others are refused does not count", () => {
    const row = new RefusalsInARow(1_000, () => 1);
    for (let answers = 0; answers < 500; answers += 1)
      expect(row.add(answers, 60_000)).toEqual({ untoldMs: 1_000, leastMs: 0 });
    expect(row.count).toBe(1);
    expect(row.isOver).toBe(false);
  });

  test("end, also where everybody else is let through", () => {
    const alone = new RefusalsInARow(1_000, () => 0.5);
    for (let each = 0; each < maxRefusalsInARow; each += 1) {
      expect(alone.isOver).toBe(false);
      alone.add(0, 60_000);
    }
    expect(alone.isOver).toBe(true);
    const starved = new RefusalsInARow(1_000, () => 0.5);
    for (let answers = 0; answers < maxRefusals; answers += 1) starved.add(answers, 60_000);
    expect(starved.isOver).toBe(true);
  });

  test("no pause of our own is longer than what may still be waited, or than ten minutes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: -5_000, max: 10_000_000 }))),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (steps, random) => {
          const row = new RefusalsInARow(1_000, () => random);
          for (const [answers, leftMs] of steps) {
            const { untoldMs, leastMs } = row.add(answers, leftMs);
            expect(leastMs).toBeGreaterThanOrEqual(0);
            expect(leastMs).toBeLessThanOrEqual(Math.max(0, Math.min(leftMs, 600_000)));
            expect(untoldMs).toBeGreaterThanOrEqual(500);
            expect(untoldMs).toBeLessThanOrEqual(Math.max(1_000, Math.min(leftMs, 600_000)));
          }
        },
      ),
    );
  });
});
