import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = dirname(fileURLToPath(import.meta.url));
const deepFastCheck = join(root, "test", "support", "deep-fast-check.ts");
const runsFactor = process.env["AUTOSD_TEST_RUNS_FACTOR"] ?? "50";
if (!/^[1-9]\d{0,4}$/.test(runsFactor)) {
  throw new Error(`AUTOSD_TEST_RUNS_FACTOR is a number from 1 to 99999, not ${runsFactor}`);
}

const sources = ["src", "test"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(test|contract)\.ts$/.test(path))
    .map((path) => ({
      path: join(folder, path),
      text: readFileSync(join(root, folder, path), "utf8"),
    })),
);
const suites = sources
  .filter(({ path, text }) => path.endsWith(".contract.ts") && text.includes('"fast-check"'))
  .map(({ path }) => path.slice(path.lastIndexOf("/") + 1));

/**
 * `npm run test:deep`: the files with properties, each property with many times its usual runs and
 * another seed each time. What one input in ten thousand breaks is found here, not on somebody's change.
 */
export default defineConfig({
  plugins: [
    {
      name: "deep-fast-check",
      enforce: "pre",
      resolveId: (source, importer) =>
        source === "fast-check" && importer !== deepFastCheck ? deepFastCheck : undefined,
    },
  ],
  test: {
    reporters: ["default"],
    include: sources
      .filter(({ path }) => path.endsWith(".test.ts"))
      .filter(({ text }) => [`"fast-check"`, ...suites].some((one) => text.includes(one)))
      .map(({ path }) => path),
    env: { AUTOSD_TEST_RUNS_FACTOR: runsFactor },
    // As long as it takes: fast-check cannot be stopped from outside, and the number of runs bounds it.
    testTimeout: 4 * 3_600_000,
    hookTimeout: 600_000,
  },
});
