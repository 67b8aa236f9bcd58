import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineUnderTest } from "../../engine/ports/engine-under-test.contract.ts";
import { runEngineContract } from "../../engine/ports/run-engine.contract.ts";
import { openDatabase } from "../store/database.ts";
import { createMemoryProjectStore } from "../store/memory-project-store.ts";
import { createProjectStore } from "../store/project-store.ts";
import { createRunJournal } from "../store/run-journal.ts";
import { createPartitionLock } from "./partition-lock.ts";
import { createTestEngine } from "./test-engine.ts";

runEngineContract("local engine over the state database", async () => {
  const home = await mkdtemp(join(tmpdir(), "autosd-engine-"));
  const database = await openDatabase({ home });
  const engine = createTestEngine({
    journal: createRunJournal(database),
    lock: createPartitionLock(join(home, "locks")),
  });
  const underTest: EngineUnderTest = Object.assign(engine, {
    projects: createProjectStore(database),
    close: async () => {
      await Promise.all([engine.client.close(), engine.neighbour.close()]);
      await database.close();
      await rm(home, { recursive: true });
    },
  });
  return underTest;
});

runEngineContract("local engine over memory", async () => {
  const engine = createTestEngine();
  return Object.assign(engine, {
    projects: createMemoryProjectStore({ onRollback: engine.onRollback }),
    close: async () => {
      await Promise.all([engine.client.close(), engine.neighbour.close()]);
    },
  });
});
