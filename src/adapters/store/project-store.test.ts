import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectStoreContract } from "../../state/projects.contract.ts";
import { MemoryJournal } from "../engine/memory-journal.ts";
import { openDatabase } from "./database.ts";
import { createMemoryProjectStore } from "./memory-project-store.ts";
import { createProjectStore } from "./project-store.ts";

projectStoreContract("state database", async () => {
  const home = await mkdtemp(join(tmpdir(), "autosd-projects-"));
  const database = await openDatabase({ home });
  return {
    store: createProjectStore(database),
    transaction: (work) => database.transaction(work),
    close: async () => {
      await database.close();
      await rm(home, { recursive: true });
    },
  };
});

projectStoreContract("memory", async () => {
  const journal = new MemoryJournal();
  return {
    store: createMemoryProjectStore({ onRollback: journal.onRollback }),
    transaction: (work) => journal.transaction(work),
    close: async () => undefined,
  };
});

it("finds its way among 10,000 projects without reading them all", async () => {
  const home = await mkdtemp(join(tmpdir(), "autosd-projects-"));
  const database = await openDatabase({ home });
  const store = createProjectStore(database);
  await database.transaction(async (tx) => {
    for (let index = 0; index < 10_000; index += 1) {
      const id = `p${String(index).padStart(5, "0")}`;
      await store.upsert(
        {
          id,
          title: `Project ${index}`,
          directory: `/projects/${id}`,
          platform: "api-service",
          status: index % 10 === 0 ? "retired" : "open",
          health: index % 3 === 0 ? "verified" : "failed",
          storiesDone: 1,
          storiesTotal: 2,
          lastRunId: undefined,
          createdAtMs: index,
          updatedAtMs: index,
        },
        tx,
      );
    }
  });
  const fastestMs = async (work: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const startedMs = performance.now();
      await work();
      times.push(performance.now() - startedMs);
    }
    return Math.min(...times);
  };
  const measured = {
    page: await fastestMs(() => store.list({ limit: 50, after: "p05000" })),
    filtered: await fastestMs(() => store.list({ limit: 50, status: "retired", after: "p09000" })),
    byDirectory: await fastestMs(() => store.byDirectory("/projects/p09999")),
    summary: await fastestMs(() => store.summary()),
    text: await fastestMs(() => store.list({ limit: 50, text: "project 9999" })),
  };
  // Against reading and parsing them all, on the same machine at the same time.
  const allMs = await fastestMs(() => store.list({ limit: 10_000 }));
  console.log("10,000 projects, fastest of 7, ms:", measured, "all:", allMs);
  expect(measured.page).toBeLessThan(allMs / 10);
  expect(measured.filtered).toBeLessThan(allMs / 10);
  expect(measured.byDirectory).toBeLessThan(allMs / 10);
  expect(measured.summary).toBeLessThan(allMs / 5);
  expect(measured.text).toBeLessThan(allMs);
  await database.close();
  await rm(home, { recursive: true });
});
