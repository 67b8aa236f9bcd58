import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unknownLimits } from "../../delivery/agent/limits/limit-records.ts";
import { limitStoreContract } from "../../delivery/agent/limits/limit-store.contract.ts";
import { createMemoryLimitStore } from "../../delivery/agent/limits/memory-limit-store.ts";
import { silentLog } from "../../kernel/log.ts";
import { createLimitFiles } from "./limit-files.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-limits-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let places = 0;
limitStoreContract("memory", createMemoryLimitStore);
limitStoreContract("files", () =>
  createLimitFiles({ folder: join(folder, String(places++)), log: silentLog }),
);

const costs = { requests: 1, tokens: 0, "input-tokens": 0, "output-tokens": 0 };
function flightOf(owner: string): (typeof unknownLimits.flights)[number] {
  return { id: owner, owner, sentAtMs: 1, costs, sentCosts: costs, closeBefore: costs };
}

test("stores on one folder share what they know, and forget the requests of the dead", async () => {
  const options = {
    folder: join(folder, "shared"),
    log: silentLog,
    isAlive: (owner: string) => owner !== "dead",
  };
  const flights = [flightOf("dead"), flightOf("alive")];
  await createLimitFiles(options).change("key", () => [
    { ...unknownLimits, notBeforeMs: 5, flights },
    undefined,
  ]);
  const seen = await createLimitFiles(options).change("key", (state = unknownLimits) => [
    state,
    state,
  ]);
  expect(seen.notBeforeMs).toBe(5);
  expect(seen.flights.map(({ owner }) => owner)).toEqual(["alive"]);
});

test("two stores at once lose no change", async () => {
  const place = join(folder, "two");
  const stores = [0, 1].map(() => createLimitFiles({ folder: place, log: silentLog }));
  await Promise.all(
    stores.flatMap((store) =>
      Array.from({ length: 15 }, () =>
        store.change("key", (state = unknownLimits) => [
          { ...state, notBeforeMs: state.notBeforeMs + 1 },
          undefined,
        ]),
      ),
    ),
  );
  const text = await readFile(join(place, "key.json"), "utf8");
  expect(JSON.parse(text)).toMatchObject({ notBeforeMs: 30 });
});

test.each(["", "{", '{"schema":"autosd/limits@9"}', "null", "x".repeat(100)])(
  "a file with %j in it counts as none",
  async (content) => {
    const place = join(folder, `torn-${content.length}`);
    const store = createLimitFiles({ folder: place, log: silentLog });
    await store.change("key", () => [unknownLimits, undefined]);
    await writeFile(join(place, "key.json"), content);
    expect(await store.change("key", (state) => [unknownLimits, state])).toBeUndefined();
  },
);

test("a link in the file's place is not followed; this process goes on alone", async () => {
  const place = join(folder, "link");
  const store = createLimitFiles({ folder: place, log: silentLog });
  const target = join(folder, "target.txt");
  await writeFile(target, "precious");
  await store.change("other", () => [unknownLimits, undefined]);
  await symlink(target, join(place, "key.json"));
  await store.change("key", () => [{ ...unknownLimits, notBeforeMs: 9 }, undefined]);
  expect(await store.change("key", (state = unknownLimits) => [state, state.notBeforeMs])).toBe(9);
  expect(await readFile(target, "utf8")).toBe("precious");
});
