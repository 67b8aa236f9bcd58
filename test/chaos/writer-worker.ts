// One of several processes that open the same home at the same instant and write to it.
import { writeSync } from "node:fs";
import { once } from "node:events";
import { createProjectFiles } from "../../src/adapters/store/project-files.ts";
import { openDatabase } from "../../src/adapters/store/database.ts";
import { createProjectStore } from "../../src/adapters/store/project-store.ts";
import type { ProjectRecord } from "../../src/state/projects.port.ts";
import type { WriterOrders } from "./concurrent-writers.test.ts";

const orders = JSON.parse(process.argv[2] ?? "") as WriterOrders;

function project(id: string, storiesDone: number): ProjectRecord {
  return {
    id,
    title: id,
    directory: `/projects/${id}`,
    platform: "chaos",
    status: "open",
    health: "unknown",
    storiesDone,
    storiesTotal: 0,
    lastRunId: undefined,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

// All begin together: each waits for the starting shot.
writeSync(1, "READY\n");
await once(process.stdin, "data");
const database = await openDatabase({ home: orders.home });
const projects = createProjectStore(database);
const files = createProjectFiles();
for (let index = 0; index < orders.writes; index += 1) {
  const id = `p-${orders.writer}-${index}`;
  await database.transaction(async (tx) => {
    const row = await database
      .within(tx)
      .selectFrom("projects")
      .select("stories_done")
      .where("id", "=", "shared")
      .executeTakeFirst();
    await projects.upsert(project(id, 0), tx);
    await projects.upsert(project("shared", (row?.stories_done ?? 0) + 1), tx);
  });
  const padding = "x".repeat(10 + ((index * 997) % 20_000));
  await files.append(orders.project, "log.jsonl", JSON.stringify({ id, padding }));
  await files.write(orders.project, "progress.json", JSON.stringify({ id, padding }));
}
await database.close();
writeSync(1, "DONE\n");
process.exit(0);
