// A process of autosd that executes one run and can be told where to stand still until it is killed.
import { randomBytes } from "node:crypto";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { createLocalEngine } from "../../src/adapters/engine/local-engine.ts";
import { createPartitionLock } from "../../src/adapters/engine/partition-lock.ts";
import { createIds } from "../../src/adapters/process/system-ids.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { openDatabase } from "../../src/adapters/store/database.ts";
import { createProjectStore } from "../../src/adapters/store/project-store.ts";
import { createRunJournal } from "../../src/adapters/store/run-journal.ts";
import type { RunJournal } from "../../src/engine/ports/run-journal.port.ts";
import { chaosFlow } from "./chaos-flow.ts";
import type { WorkerOrders } from "./chaos-driver.ts";

const orders = JSON.parse(process.argv[2] ?? "") as WorkerOrders;
const standStillMs = 60_000;
let markCount = 0;

/** One line of progress for each instant that matters. */
function mark(name: string): void {
  markCount += 1;
  writeSync(1, `MARK ${name}\n`);
  if (markCount !== orders.standStillAt) return;
  writeSync(1, "STILL\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, standStillMs);
  process.exit(99);
}

/** Every call of the journal is an instant before and an instant after. */
function marked(journal: RunJournal): RunJournal {
  return new Proxy(journal, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function") return method;
      const name = String(property);
      return async (...given: unknown[]): Promise<unknown> => {
        mark(`before-${name}`);
        const result: unknown = await Reflect.apply(method, target, given);
        mark(`after-${name}`);
        return result;
      };
    },
  });
}

/** The mutants that the checker has to catch. */
function mutated(journal: RunJournal): RunJournal {
  const steps: RunJournal["steps"] = async (runId) => {
    const remembered = await journal.steps(runId);
    if (orders.mutant === "no-remembered-steps") return [];
    return remembered.filter((step) => step.kind !== "effect" || step.state !== "intended");
  };
  return new Proxy(journal, {
    get(target, property) {
      if (property === "steps") return steps;
      const method: unknown = Reflect.get(target, property);
      if (typeof method !== "function") return method;
      return (...given: unknown[]): unknown => Reflect.apply(method, target, given);
    },
  });
}

const database = await openDatabase({ home: orders.home });
const projects = createProjectStore(database);
const stored = createRunJournal(database);
const engine = createLocalEngine({
  journal: marked(orders.mutant === undefined ? stored : mutated(stored)),
  lock: createPartitionLock(join(orders.home, "locks")),
  clock: systemClock,
  ids: createIds({ clock: systemClock, random: randomBytes }),
  pollIntervalMs: 5,
});
const flow = chaosFlow({
  ledger: orders.ledger,
  projects,
  counted: async (tx, runId) => {
    const row = await database
      .within(tx)
      .selectFrom("projects")
      .select("stories_done")
      .where("id", "=", runId)
      .executeTakeFirst();
    return row?.stories_done ?? 0;
  },
  random: () => randomBytes(8).toString("hex"),
  mark,
});
const result = await engine.execute(flow, orders.runId, new AbortController().signal);
writeSync(1, `RESULT ${JSON.stringify(result)}\n`);
await engine.close();
await database.close();
