/** Programs of `bench/` as one file each, and what they answer to orders. */
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { measuredEnvironment } from "./surroundings.mjs";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const run = promisify(execFile);

/** Path of the bundle of `source`, by default `bench/<name>.ts`. */
export async function bundle(name, source = `bench/${name}.ts`) {
  const { build } = await import("esbuild");
  // Inside the repository: native packages are found from there.
  const outfile = join(root, `dist/bench-${name}.mjs`);
  await build({
    entryPoints: [join(root, source)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["fs-native-extensions"],
    logLevel: "error",
  });
  return outfile;
}

/** What the program prints for the orders, parsed. */
export async function ordered(program, orders, timeoutMs) {
  const { stdout } = await run(process.execPath, [program, JSON.stringify(orders)], {
    timeout: timeoutMs,
    env: measuredEnvironment,
  });
  return JSON.parse(stdout);
}
