import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The tests open their own services and databases and share nothing: threads are enough.
    pool: "threads",
    isolate: false,
    globalSetup: "test/support/build-folder.ts",
    testTimeout: 30_000,
  },
});
