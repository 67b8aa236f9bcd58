import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { diskOf, freeBytes, fullestBelow } from "./free-space.ts";

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "autosd-space-"));
});
afterAll(async () => {
  await rm(base, { recursive: true, force: true });
});

it("answers for a path that does not exist yet by the folder where it will be", () => {
  expect(diskOf(join(base, "not", "yet"))).toBe(diskOf(base));
  expect(freeBytes(join(base, "not", "yet"))).toBeGreaterThan(0);
});

it("names the folder with the least room only when that is less than asked for", () => {
  expect(fullestBelow([base], Infinity)).toBe(base);
  expect(fullestBelow([base], 0)).toBeUndefined();
  expect(fullestBelow([], Infinity)).toBeUndefined();
});
