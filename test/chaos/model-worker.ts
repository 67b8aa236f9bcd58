// A process of autosd that builds with a model and dies right after a record of its prompt journal.
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createModel } from "../../src/adapters/models/create-model.ts";
import { createLimitedCalls, usualPatience } from "../../src/adapters/models/limited-fetch.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { createLimiter } from "../../src/delivery/agent/limits/limiter.ts";
import { createMemoryLimitStore } from "../../src/delivery/agent/limits/memory-limit-store.ts";
import type { ParallelSettings } from "../../src/engine/run/parallel/parallel-settings.ts";
import type { ProjectFiles } from "../../src/state/project-files.port.ts";
import { openWorld } from "../support/model-world/world.ts";

export interface ModelWorkerOrders {
  readonly root: string;
  readonly packageFolder: string;
  readonly url: string;
  readonly searchPath: string;
  /** Each command that is run, one a line. */
  readonly commandsFile: string;
  /** How many records it writes before it dies; null: it lives. */
  readonly records: number | null;
  /** `SIGKILL`, or `SIGINT` as Ctrl-C would be. */
  readonly signal: "SIGKILL" | "SIGINT";
  /** Builds stories that wait for nothing, several at once. */
  readonly parallel?: ParallelSettings;
}

const orders = JSON.parse(process.argv[2] ?? "") as ModelWorkerOrders;
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
let written = 0;

function mortal(files: ProjectFiles): ProjectFiles {
  return {
    ...files,
    async append(project, path, line) {
      await files.append(project, path, line);
      if (path !== "prompt_journal.jsonl") return;
      written += 1;
      if (written === orders.records) process.kill(process.pid, orders.signal);
    },
  };
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);
let tickets = 0;
const calls = createLimitedCalls({
  limiter: createLimiter({
    store: createMemoryLimitStore(),
    clock: systemClock,
    wait,
    owner: "worker",
    nextId: () => String((tickets += 1)),
  }),
  clock: systemClock,
  wait,
  random: () => 0.5,
  patience: usualPatience,
  onWaiting: () => undefined,
});
const world = await openWorld({
  root: orders.root,
  packageFolder: orders.packageFolder,
  searchPath: orders.searchPath,
  files: mortal,
  onCommand: (command) => appendFileSync(orders.commandsFile, `${command}\n`),
  signal: stop.signal,
  ...(orders.parallel === undefined ? {} : { parallel: orders.parallel }),
  model: await createModel({
    provider: "openai-compatible",
    model: "scripted-model",
    baseUrl: `${orders.url}/v1`,
    key: async () => "",
    calls,
    clock: systemClock,
  }),
});
try {
  const { outcome, exitCode } = await world.run();
  process.stdout.write(JSON.stringify({ outcome, exitCode, written }));
} catch (error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  process.stdout.write(JSON.stringify({ outcome: code, written }));
} finally {
  await world.close();
}
