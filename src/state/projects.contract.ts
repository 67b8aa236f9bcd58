import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matchesFilter } from "./project-search.ts";
import type { ProjectFilter, ProjectRecord, ProjectStore } from "./projects.port.ts";
import type { Tx } from "./tx.ts";

/** What the contract needs from an adapter. */
export interface ProjectStoreUnderTest {
  readonly store: ProjectStore;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const healths = ["verified", "incomplete", "failed", "running", "unknown"] as const;

function project(id: string, change: Partial<ProjectRecord> = {}): ProjectRecord {
  return {
    id,
    title: `Title of ${id}`,
    directory: `/projects/${id}`,
    platform: "api-service",
    status: "open",
    health: "unknown",
    storiesDone: 1,
    storiesTotal: 3,
    lastRunId: undefined,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000,
    ...change,
  };
}

/** What every portfolio does; an adapter's tests call it. */
export function projectStoreContract(
  name: string,
  open: () => Promise<ProjectStoreUnderTest>,
): void {
  describe(`${name}: portfolio`, () => {
    let underTest: ProjectStoreUnderTest;
    let store: ProjectStore;
    beforeEach(async () => {
      underTest = await open();
      store = underTest.store;
    });
    afterEach(() => underTest.close());

    const ids = async (filter: Partial<ProjectFilter>): Promise<readonly string[]> =>
      (await store.list({ limit: 100, ...filter })).map(({ id }) => id);

    it("gives back what was put in, whole", async () => {
      const record = project("bookmarks", { lastRunId: "run_1", title: "Lesezeichen 📑 'x' %_" });
      await store.upsert(record);
      expect(await store.get("bookmarks")).toEqual(record);
      expect(await store.get("bookmark")).toBeUndefined();
    });

    it("replaces by id and keeps the time of creation", async () => {
      await store.upsert(project("bookmarks", { createdAtMs: 1, lastRunId: "run_1" }));
      await store.upsert(project("bookmarks", { createdAtMs: 9, updatedAtMs: 9, title: "New" }));
      const expected = project("bookmarks", { createdAtMs: 1, updatedAtMs: 9, title: "New" });
      expect(await store.get("bookmarks")).toEqual(expected);
      expect(await ids({})).toEqual(["bookmarks"]);
    });

    it("finds a project by its folder: an open one first, then the one used last", async () => {
      const directory = "/projects/same";
      await store.upsert(project("a", { directory, status: "retired", updatedAtMs: 9 }));
      await store.upsert(project("b", { directory, updatedAtMs: 1 }));
      await store.upsert(project("c", { directory, updatedAtMs: 2 }));
      expect((await store.byDirectory(directory))?.id).toBe("c");
      expect(await store.byDirectory("/projects/sam")).toBeUndefined();
    });

    it("pages through all projects in id order, each once", async () => {
      for (const id of ["d", "b", "a", "c", "e"]) await store.upsert(project(id));
      expect(await ids({ limit: 2 })).toEqual(["a", "b"]);
      expect(await ids({ limit: 2, after: "b" })).toEqual(["c", "d"]);
      expect(await ids({ limit: 2, after: "d" })).toEqual(["e"]);
      expect(await ids({ limit: 2, after: "e" })).toEqual([]);
      expect(await ids({ limit: 0 })).toEqual([]);
    });

    it("finds text in id and title, whatever its case or composition, and takes it literally", async () => {
      await store.upsert(project("cafe", { title: "Caf\u00e9 ORDERS" }));
      await store.upsert(project("percent", { title: "100% of a_b" }));
      expect(await ids({ text: "CAFE\u0301" })).toEqual(["cafe"]);
      expect(await ids({ text: "orders" })).toEqual(["cafe"]);
      expect(await ids({ text: "0%" })).toEqual(["percent"]);
      expect(await ids({ text: "a_b" })).toEqual(["percent"]);
      expect(await ids({ text: "%" })).toEqual(["percent"]);
      expect(await ids({ text: "" })).toEqual(["cafe", "percent"]);
    });

    it("lists exactly the projects that match, for any filter", async () => {
      const arbitrary = fc.record({
        status: fc.constantFrom("open", "retired"),
        health: fc.constantFrom(...healths),
        platform: fc.constantFrom("api-service", "web-app"),
        title: fc.constantFrom("Orders", "orders 2", "Books", "ÉTUDES"),
      });
      const filters = fc.record(
        {
          status: fc.constantFrom("open", "retired"),
          health: fc.constantFrom(...healths),
          platform: fc.constantFrom("api-service", "web-app"),
          text: fc.constantFrom("ORDER", "book", "é", "p1"),
        },
        { requiredKeys: [] },
      );
      const all: ProjectRecord[] = [];
      for (const change of fc.sample(arbitrary, { numRuns: 40, seed: 7 })) {
        const record = project(`p${String(all.length).padStart(2, "0")}`, change);
        all.push(record);
        await store.upsert(record);
      }
      await fc.assert(
        fc.asyncProperty(filters, async (filter) => {
          const wanted = { ...filter, limit: 100 };
          const expected = all.filter((record) => matchesFilter(record, wanted));
          expect(await store.list(wanted)).toEqual(expected);
        }),
        { numRuns: 60 },
      );
    });

    it("counts by status and health", async () => {
      await store.upsert(project("a", { health: "verified" }));
      await store.upsert(project("b", { health: "verified" }));
      await store.upsert(project("c", { health: "failed" }));
      await store.upsert(project("d", { health: "failed", status: "retired" }));
      expect(await store.summary()).toEqual([
        { status: "open", health: "failed", count: 1 },
        { status: "open", health: "verified", count: 2 },
        { status: "retired", health: "failed", count: 1 },
      ]);
    });

    it("retires an open project once", async () => {
      await store.upsert(project("a"));
      expect(await store.retire("a", 5)).toBe(true);
      expect(await store.get("a")).toEqual(project("a", { status: "retired", updatedAtMs: 5 }));
      expect(await store.retire("a", 6)).toBe(false);
      expect(await store.retire("b", 6)).toBe(false);
    });

    it("follows the transaction it is given: kept with it, undone with it", async () => {
      await underTest.transaction(async (tx) => {
        await store.upsert(project("kept"), tx);
        await store.upsert(project("kept", { title: "Twice" }), tx);
      });
      await expect(
        underTest.transaction(async (tx) => {
          await store.upsert(project("kept", { title: "Undone" }), tx);
          await store.upsert(project("new"), tx);
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
      expect(await ids({})).toEqual(["kept"]);
      expect((await store.get("kept"))?.title).toBe("Twice");
    });
  });
}
