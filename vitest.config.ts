import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Vitest itself leaves a core to nobody: on two cores it would run one file at a time. */
const maxWorkers = availableParallelism();

/**
 * `unit`: pure and fast, one thread pool. `system`: real files, processes, databases, and the tools
 * of the house. `chaos`: kills. `e2e`: the built CLI. Groups run one after the other, the cheapest first.
 * Time limits are there for what hangs: a machine with a tenth of the speed must stay below them.
 */
export default defineConfig({
  test: {
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/{kernel,config,state,governance,delivery,blueprint,assurance,engine}/**/*.test.ts",
          ],
          pool: "threads",
          isolate: false,
          maxWorkers,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "system",
          include: [
            "src/{adapters,machine,cli,console}/**/*.test.ts",
            "src/*.test.ts",
            "test/{system,walls,support}/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          maxWorkers,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          maxWorkers,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          // Each has gates of its own that keep a core or two busy.
          maxWorkers: Math.min(2, maxWorkers),
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
