import { defineConfig } from "vitest/config";

/** `unit`: pure and fast, one thread pool. `system`: real files, processes, databases. `e2e`, `chaos`: the built CLI. */
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
        },
      },
      {
        test: {
          name: "system",
          include: ["src/{adapters,cli}/**/*.test.ts", "src/*.test.ts", "test/system/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "chaos",
          include: ["test/chaos/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
