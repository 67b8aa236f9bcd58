import { defineConfig } from "vitest/config";

/**
 * `unit`: pure and fast, one thread pool. `system`: real files, processes, databases, and the tools
 * of the house. `chaos`: kills. `e2e`: the built CLI. Groups run one after the other, the cheapest first.
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
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "system",
          include: [
            "src/{adapters,cli,console}/**/*.test.ts",
            "src/*.test.ts",
            "test/{system,walls,support}/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
