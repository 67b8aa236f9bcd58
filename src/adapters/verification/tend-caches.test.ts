import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundleModule } from "../../../test/chaos/bundle.ts";
import { leaseOf } from "./cache-places.ts";
import { createStoreLeases } from "./store-leases.ts";
import { measureCaches, tendCaches } from "./tend-caches.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-caches-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let places = 0;

const dayMs = 86_400_000;
const nowMs = Date.UTC(2040, 0, 1);
const kibibyte = 1_024;

async function caches() {
  const home = join(base, `p${String((places += 1))}`);
  const cacheFolder = join(home, "cache");
  const checkoutsFolder = join(home, "work");
  const leases = createStoreLeases(join(cacheFolder, "leases"));
  let clockMs = nowMs;
  const used = (path: string, daysAgo: number): Promise<void> => {
    const seconds = (nowMs - daysAgo * dayMs) / 1_000;
    return utimes(path, seconds, seconds);
  };
  const put = async (path: string, kib: number, daysAgo: number): Promise<void> => {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, Buffer.alloc(kib * kibibyte, 1));
    await used(path, daysAgo);
  };
  return {
    cacheFolder,
    checkoutsFolder,
    leases,
    used,
    put,
    /** A store of `kib` that was used `daysAgo`. */
    store: async (key: string, kib: number, daysAgo: number): Promise<void> => {
      await put(join(cacheFolder, "deps", key, "node_modules", "a", "index.js"), kib, daysAgo);
      await put(join(cacheFolder, "deps", key, "stamp.json"), 1, daysAgo);
    },
    later: (ms: number) => void (clockMs += ms),
    names: async (part: string) => (await readdir(join(cacheFolder, part)).catch(() => [])).sort(),
    tend: (maxKib: number, signal = new AbortController().signal) =>
      tendCaches(
        {
          cacheFolder,
          checkoutsFolder,
          clock: { now: () => clockMs, monotonicMs: () => 0 },
          leases: createStoreLeases(join(cacheFolder, "leases")),
        },
        { unusedMs: 30 * dayMs, maxBytes: maxKib * kibibyte, signal },
      ),
  };
}

const roomy = 1_000_000;

describe("upkeep of the caches", () => {
  it("removes stores and remembered gates that nobody used for long, and keeps the others", async () => {
    const { store, put, tend, names, cacheFolder } = await caches();
    await store("fresh", 100, 29);
    await store("stale", 100, 31);
    await put(join(cacheFolder, "evidence", "ab", "ab1.json"), 1, 29);
    await put(join(cacheFolder, "evidence", "ab", "ab2.json"), 1, 31);
    await tend(roomy);
    expect(await names("deps")).toEqual(["fresh"]);
    expect(await names("evidence/ab")).toEqual(["ab1.json"]);
  });

  it("removes the least recently used until the rest fits", async () => {
    const { store, tend, names } = await caches();
    await store("a", 400, 3);
    await store("b", 400, 1);
    await store("c", 400, 2);
    await tend(1_000);
    expect(await names("deps")).toEqual(["b", "c"]);
  });

  it("forgets the oldest gates when they take more than their share", async () => {
    const { put, tend, names, cacheFolder } = await caches();
    for (const day of [1, 2, 3, 4])
      await put(join(cacheFolder, "evidence", "ab", `${String(day)}.json`), 40, day);
    await tend(1_000);
    expect(await names("evidence/ab")).toEqual(["1.json", "2.json"]);
  });

  it("empties the package manager's cache when it takes more than its share, unless an install uses it", async () => {
    const { put, tend, names, cacheFolder, leases, later } = await caches();
    await put(join(cacheFolder, "npm", "_cacache", "x"), 600, 0);
    await leases.share("npm");
    await tend(1_000);
    expect(await names("npm")).toEqual(["_cacache"]);
    await leases.close();
    later(3_600_000);
    await tend(1_000);
    expect(await names("npm")).toEqual([]);
  });

  it("never removes a store that a process uses, however old and large", async () => {
    const { store, tend, names, leases, later } = await caches();
    await store("used", 400, 90);
    await store("other", 400, 80);
    await leases.share(leaseOf("used"));
    await tend(1);
    expect(await names("deps")).toEqual(["used"]);
    await leases.close();
    later(3_600_000);
    await tend(1);
    expect(await names("deps")).toEqual([]);
    expect((await names("leases")).filter((name) => name.startsWith("deps-"))).toEqual([]);
  });

  it("takes the lease of a process that was killed for given back", async () => {
    const { store, tend, names, cacheFolder, later } = await caches();
    await store("used", 10, 90);
    const module = await bundleModule(
      join(import.meta.dirname, "store-leases.ts"),
      join(base, "leases.mjs"),
    );
    const script = `
      const { createStoreLeases } = await import(${JSON.stringify(pathToFileURL(module).href)});
      await createStoreLeases(${JSON.stringify(join(cacheFolder, "leases"))}).share("deps-used");
      process.stdout.write("shared");
      setInterval(() => undefined, 1_000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    await tend(roomy);
    expect(await names("deps")).toEqual(["used"]);
    child.kill("SIGKILL");
    await exited;
    later(3_600_000);
    await tend(roomy);
    expect(await names("deps")).toEqual([]);
  });

  it("removes what killed installs, killed removals and killed verifications left", async () => {
    const { used, tend, names, cacheFolder, checkoutsFolder } = await caches();
    for (const name of [".fill-old", ".fill-new", ".doomed-x"])
      await mkdir(join(cacheFolder, "deps", name, "node_modules"), { recursive: true });
    await mkdir(join(cacheFolder, ".doomed-npm"));
    for (const name of ["checkout-old", "checkout-new"])
      await mkdir(join(checkoutsFolder, name), { recursive: true });
    await used(join(cacheFolder, "deps", ".fill-old"), 2);
    await used(join(cacheFolder, "deps", ".fill-new"), 0.5);
    await used(join(checkoutsFolder, "checkout-old"), 2);
    await used(join(checkoutsFolder, "checkout-new"), 0.5);
    await tend(roomy);
    expect(await names("deps")).toEqual([".fill-new"]);
    expect(await readdir(checkoutsFolder)).toEqual(["checkout-new"]);
    expect(await names(".")).not.toContain(".doomed-npm");
  });

  it("follows no link out of the cache", async () => {
    const { store, tend, names, cacheFolder } = await caches();
    const outside = join(base, `outside${String((places += 1))}`);
    await mkdir(outside);
    await writeFile(join(outside, "precious"), Buffer.alloc(500 * kibibyte, 1));
    await store("stale", 1, 90);
    await symlink(outside, join(cacheFolder, "deps", "stale", "node_modules", "out"));
    await symlink(outside, join(cacheFolder, "deps", ".doomed-link"));
    await symlink(outside, join(cacheFolder, "npm"));
    await tend(100);
    expect(await names("deps")).toEqual([]);
    expect(await readdir(outside)).toEqual(["precious"]);
  });

  it("rests after a complete upkeep, and not when the clock was set back", async () => {
    const { store, tend, names, later } = await caches();
    await tend(roomy);
    await store("stale", 1, 90);
    await tend(roomy);
    expect(await names("deps")).toEqual(["stale"]);
    later(-1_000);
    await tend(roomy);
    expect(await names("deps")).toEqual([]);
  });

  it("stops when its time is over, and goes on the next time", async () => {
    const { store, tend, names } = await caches();
    await store("stale", 1, 90);
    await tend(roomy, AbortSignal.abort());
    expect(await names("deps")).toEqual(["stale"]);
    await tend(roomy);
    expect(await names("deps")).toEqual([]);
  });

  it("leaves everything to another process that is at it", async () => {
    const { store, tend, names, leases } = await caches();
    await store("stale", 1, 90);
    const lease = await leases.exclusive("upkeep");
    await tend(roomy);
    expect(await names("deps")).toEqual(["stale"]);
    await lease?.release();
    await tend(roomy);
    expect(await names("deps")).toEqual([]);
  });

  it("never fails: no cache, a file in its place, a folder that it may not enter", async () => {
    const { tend, cacheFolder } = await caches();
    await tend(roomy);
    await rm(cacheFolder, { recursive: true, force: true });
    await writeFile(cacheFolder, "a file");
    await tend(roomy);
    expect(await readFile(cacheFolder, "utf8")).toBe("a file");
    await rm(cacheFolder);
    await mkdir(join(cacheFolder, "deps"), { recursive: true });
    await chmod(join(cacheFolder, "deps"), 0);
    await tend(roomy);
    await chmod(join(cacheFolder, "deps"), 0o700);
  });

  it("measures what the caches take, and says when there was no time for all of it", async () => {
    const { store, put, cacheFolder } = await caches();
    await store("a", 400, 1);
    await put(join(cacheFolder, "npm", "x"), 40, 0);
    await put(join(cacheFolder, "evidence", "ab", "ab1.json"), 4, 0);
    const whole = await measureCaches(cacheFolder, new AbortController().signal);
    expect(whole).toMatchObject({ stores: { count: 1 }, evidence: { count: 1 }, isWhole: true });
    expect(whole.stores.bytes).toBeGreaterThanOrEqual(401 * kibibyte);
    expect(whole.stores.bytes).toBeLessThan(500 * kibibyte);
    expect(whole.npmBytes).toBeGreaterThanOrEqual(40 * kibibyte);
    expect(await measureCaches(cacheFolder, AbortSignal.abort())).toMatchObject({ isWhole: false });
  });
});

describe("leases of stores", () => {
  it("are shared by many, and exclusive while nobody shares", async () => {
    const folder = join(base, `l${String((places += 1))}`);
    const [one, other] = [createStoreLeases(folder), createStoreLeases(folder)];
    await Promise.all([one.share("x"), other.share("x"), one.share("x")]);
    expect(await one.exclusive("x")).toBeUndefined();
    await one.close();
    expect(await one.exclusive("x")).toBeUndefined();
    await other.close();
    const lease = await one.exclusive("x");
    expect(lease).toBeDefined();
    const waiting = other.share("x");
    await lease?.retire();
    await waiting;
    expect(await readdir(folder)).toEqual(["x.lease"]);
    expect(await one.exclusive("x")).toBeUndefined();
    await other.close();
  });

  it("are no reason to fail where nothing can be written", async () => {
    const file = join(base, `f${String((places += 1))}`);
    await writeFile(file, "");
    const leases = createStoreLeases(join(file, "leases"));
    await leases.share("x");
    expect(await leases.exclusive("x")).toBeUndefined();
    await leases.close();
  });
});
