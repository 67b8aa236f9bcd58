import { openDatabase } from "../src/adapters/store/database.ts";
import { createProjectStore } from "../src/adapters/store/project-store.ts";

/** Fills the state database of a home with projects: `node seed-projects.js HOME COUNT`. */
const [home = "", count = "0"] = process.argv.slice(2);
const database = await openDatabase({ home });
const projects = createProjectStore(database);
const health = ["verified", "incomplete", "failed", "unknown"] as const;
// One transaction: what is measured is reading.
await database.transaction(async (tx) => {
  for (let index = 0; index < Number(count); index += 1) {
    const id = `project-${String(index).padStart(6, "0")}`;
    await projects.upsert(
      {
        id,
        title: `Project ${String(index)}`,
        directory: `/projects/${id}`,
        platform: "api_service",
        status: index % 10 === 0 ? "retired" : "open",
        health: health[index % health.length] ?? "unknown",
        storiesDone: index % 12,
        storiesTotal: 12,
        lastRunId: undefined,
        createdAtMs: 1_700_000_000_000 + index,
        updatedAtMs: 1_700_000_000_000 + index,
      },
      tx,
    );
  }
});
await database.close();
