import { expect, test } from "vitest";
import { createIds, systemIds } from "./system-ids.ts";
import { systemClock } from "./system-clock.ts";

/** The time in a ULID: its first ten characters. */
function timeOf(id: string): number {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const digits = id.slice(id.indexOf("_") + 1, id.indexOf("_") + 11);
  return Array.from(digits).reduce((sum, digit) => sum * 32 + alphabet.indexOf(digit), 0);
}

test("an id is its prefix and 26 characters that hold the time", () => {
  const beforeMs = systemClock.now();
  const id = systemIds.next("run");
  expect(id).toMatch(/^run_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  expect(timeOf(id)).toBeGreaterThanOrEqual(beforeMs);
  expect(timeOf(id)).toBeLessThanOrEqual(systemClock.now());
});

test("ids of one process are strictly rising, also within a millisecond", () => {
  const ids = Array.from({ length: 20_000 }, () => systemIds.next("x"));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test("ids keep rising when the clock is set back and when the random part is used up", () => {
  let nowMs = 1_000;
  const ids = createIds({
    clock: { now: () => nowMs, monotonicMs: () => 0 },
    random: (size) => new Uint8Array(size).fill(255),
  });
  const first = ids.next("x");
  nowMs = 500;
  const second = ids.next("x");
  nowMs = 1_001;
  const third = ids.next("x");
  expect([first, second, third]).toEqual([first, second, third].toSorted());
  expect(new Set([first, second, third]).size).toBe(3);
  expect(timeOf(second)).toBe(1_001);
});

test("the clock never goes back and shows the time of day", () => {
  const times = Array.from({ length: 1_000 }, () => systemClock.monotonicMs());
  expect([...times].sort((left, right) => left - right)).toEqual(times);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
});
