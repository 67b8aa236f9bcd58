import fc from "fast-check";
import { expect, test } from "vitest";
import { assertOrderable, dependencyCycle, unknownDependencies } from "./dependencies.ts";

const story = (id: string, ...dependsOn: string[]) => ({ id, dependsOn });

/** Stories that depend only on earlier ones, in random order. */
const orderable = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 12 })
  .map((rows) =>
    rows.map((row, index) =>
      story(`ST-${index + 1}`, ...(index === 0 ? [] : row.map((one) => `ST-${(one % index) + 1}`))),
    ),
  )
  .chain((stories) => fc.shuffledSubarray(stories, { minLength: stories.length }));

test("finds no circle where every story depends on earlier ones, whatever the order", () => {
  fc.assert(
    fc.property(orderable, (stories) => {
      expect(dependencyCycle(stories)).toBeUndefined();
      assertOrderable(stories);
    }),
  );
});

test("finds a circle that was closed, and each of its stories waits for the next", () => {
  fc.assert(
    fc.property(orderable, fc.nat(), fc.integer({ min: 1, max: 4 }), (stories, start, length) => {
      const ring = Array.from({ length }, (_, index) => `R-${index}`);
      const closed = ring.map((id, index) => story(id, ring[(index + 1) % length] ?? id));
      const all = [...stories, ...closed];
      const rotated = [...all.slice(start % all.length), ...all.slice(0, start % all.length)];
      const cycle = dependencyCycle(rotated);
      expect(cycle).toBeDefined();
      const dependencies = new Map(all.map((one) => [one.id, one.dependsOn]));
      cycle?.forEach((id, index) =>
        expect(dependencies.get(id)).toContain(cycle[(index + 1) % cycle.length]),
      );
    }),
  );
});

test("finds the circle and not the stories that only lead into it", () => {
  const stories = [story("A", "B"), story("B", "C"), story("C", "B")];
  expect(dependencyCycle(stories)).toEqual(["B", "C"]);
});

test("names the circle and the missing stories in its errors", () => {
  expect(() => assertOrderable([story("ST-1", "ST-2"), story("ST-2", "ST-1")])).toThrow(
    /ST-1 -> ST-2 -> ST-1/,
  );
  expect(() => assertOrderable([story("ST-1", "ST-9")])).toThrow(/ST-1 needs ST-9/);
  expect(unknownDependencies([story("ST-1", "ST-9")])).toEqual([["ST-1", "ST-9"]]);
});
