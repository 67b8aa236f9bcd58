/**
 * Figures of governance: the verification of a grant, a decision of the door, and what the commands
 * that are asked most cost beside a bare `node -e 0`. dist/ must be built.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundle, ordered, root } from "./bundled.mjs";
import { measuredEnvironment } from "./surroundings.mjs";

const run = promisify(execFile);
const timeoutMs = 5 * 60_000;
/** Three times a bare Node that starts in 49 ms; scripts/bench.mjs scales it to the machine. */
const listTargetMs = 3 * 49;

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Median times, taking turns: what else the machine does hits all of them. */
async function sideBySide(commands, home, runs) {
  const times = commands.map(() => []);
  for (let round = 0; round < runs + 1; round += 1)
    for (const [index, args] of commands.entries()) {
      const startedAt = performance.now();
      await run(process.execPath, args, {
        env: { ...measuredEnvironment, AUTOSD_HOME: home },
        maxBuffer: 64 * 1024 * 1024,
        timeout: timeoutMs,
      });
      // The first round fills the file cache.
      if (round > 0) times[index].push(performance.now() - startedAt);
    }
  return times.map(median);
}

/** Rows of `{name, value, unit, target}`. */
export async function benchGovernance({ grants = 1_000, checks = 500, runs = 21 } = {}) {
  const program = await bundle("governance");
  const home = await mkdtemp(join(tmpdir(), "autosd-bench-governance-"));
  try {
    const verify = await ordered(program, { task: "verify", home, count: checks }, timeoutMs);
    const decide = await ordered(program, { task: "decide", home, count: checks }, timeoutMs);
    await ordered(program, { task: "fill", home, count: grants }, timeoutMs);
    const main = join(root, "dist/main.js");
    const [floor, list, show] = await sideBySide(
      [
        ["-e", "0"],
        [main, "preauth", "list", "--json"],
        [main, "policy", "show"],
      ],
      home,
      runs,
    );
    const listed = `preauth list of ${grants.toLocaleString("en")} grants`;
    return [
      { name: "verification of a grant with two links, CPU", value: verify, unit: "ms", target: 1 },
      { name: "decision of the door without an append, CPU", value: decide, unit: "ms" },
      { name: listed, value: list, unit: "ms", target: listTargetMs },
      { name: "node -e 0 beside them (floor)", value: floor, unit: "ms" },
      { name: "policy show, start-up", value: show, unit: "ms" },
    ];
  } finally {
    await rm(home, { recursive: true });
    await rm(program, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const row of await benchGovernance()) console.log(JSON.stringify(row));
