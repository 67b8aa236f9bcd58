// The built program with stories that have nothing to do with each other and a model that takes its
// time: how long their stories take with a number of workers. Prints one JSON object.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { startModelServer } from "../test/support/model-server/server.ts";
import { lettersProduct } from "../test/support/model-world/scripted-letters.ts";

const orders = JSON.parse(process.argv[2] ?? "{}") as {
  readonly program: string;
  readonly stories: number;
  readonly callMs: number;
  /** Null: the flag is not given. */
  readonly workers: readonly (number | null)[];
};
const folder = await mkdtemp(join(tmpdir(), "autosd-bench-parallel-"));
const product = lettersProduct(orders.stories, { isThorough: true });
let callMs = 0;
/** When questions about stories came: what is planned before is asked one after the other. */
const storyAtMs: number[] = [];
const server = await startModelServer(
  product.script(async () => {
    storyAtMs.push(performance.now());
    await pause(callMs);
  }),
);
const run = promisify(execFile);

try {
  const file = join(folder, "letters.md");
  await writeFile(file, product.document);
  const rows: unknown[] = [];
  // The first run only fills the memory of gates, so that the others measure what is waited for.
  for (const [index, workers] of [null, ...orders.workers].entries()) {
    const out = join(folder, `run-${index}`);
    const before = server.ledger.entries.length;
    storyAtMs.length = 0;
    callMs = index === 0 ? 0 : orders.callMs;
    const { stdout } = await run(
      process.execPath,
      [
        ...[orders.program, "run", "--json", "--requirements-file", file, "--output-dir", out],
        ...["--provider", "openai-compatible", "--model", "m", "--base-url", `${server.url}/v1`],
        ...(workers === null ? [] : ["--parallel-prompt-workers", String(workers)]),
      ],
      { env: { ...process.env, NO_COLOR: "1", AUTOSD_HOME: join(folder, "home") } },
    );
    const tookMs = performance.now() - (storyAtMs[0] ?? 0);
    if (index === 0) continue;
    const { durationsMs, parallelPrompts } = JSON.parse(stdout) as {
      durationsMs: { gates: number };
      parallelPrompts?: { savedMs: number };
    };
    const head = await run("git", ["-C", out, "rev-parse", "HEAD^{tree}"]);
    rows.push({
      ...{ workers, tookMs, gatesMs: durationsMs.gates },
      savedMs: parallelPrompts?.savedMs ?? 0,
      calls: server.ledger.entries.length - before,
      tree: head.stdout.trim(),
    });
  }
  process.stdout.write(JSON.stringify(rows));
} finally {
  await server.close();
  await rm(folder, { recursive: true, force: true });
}
