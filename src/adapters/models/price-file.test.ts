import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { priceOf } from "../../delivery/agent/model/prices.ts";
import { readPriceFile } from "./price-file.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-prices-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("prices are those that were written down, dated releases included; others are not known", async () => {
  const file = join(folder, "prices.json");
  expect(priceOf(await readPriceFile(file), "m-1")).toBeUndefined();
  await writeFile(
    file,
    '{"m-1": {"input": 2.5, "output": 10, "cachedInput": 0.25}, "m-2": {"input": 1, "output": 2}}',
  );
  const table = await readPriceFile(file);
  const price = { input: 2_500_000, output: 10_000_000, cachedInput: 250_000 };
  expect([priceOf(table, "m-1"), priceOf(table, "m-1-2025-04-14")]).toEqual([price, price]);
  // What is not said to be cheaper costs the same.
  expect(priceOf(table, "m-2")?.cachedInput).toBe(1_000_000);
  for (const name of ["m-10", "m", "toString"]) expect(priceOf(table, name)).toBeUndefined();
});

test.each(["{", "[]", '{"m": {"input": -1, "output": 1}}', '{"m": {"input": 1}}'])(
  "a file that holds %s is refused, not read in part",
  async (text) => {
    const file = join(folder, "prices.json");
    await writeFile(file, text);
    await expect(readPriceFile(file)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-UNCONFIGURED",
      exitCode: 2,
    });
  },
);
