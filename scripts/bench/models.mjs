/**
 * Figures of runs with a language model: from the start of the built program to its first request,
 * the memory of a whole run, and how near to the ideal a limited server is used by two processes.
 */
import { join } from "node:path";
import { bundle, ordered, root } from "./bundled.mjs";

const timeoutMs = 10 * 60_000;

/** Rows of `{name, value, unit, target, floorMs}`; starts are held to a loop that does the least. */
export async function benchModels({ rounds = 7, calls = 60 } = {}) {
  const starts = await ordered(
    await bundle("model-start"),
    {
      program: join(root, "dist/main.js"),
      floor: join(root, "bench/minimal-loop.mjs"),
      rounds,
      providers: ["openai", "openai-compatible", "anthropic", "google"],
    },
    timeoutMs,
  );
  const worker = await bundle("limited-worker", "test/support/limited-worker.ts");
  const limited = await ordered(await bundle("model-limits"), { worker, calls }, timeoutMs);
  const row = (name, value, unit, target) => ({ name, value, unit, target });
  const { floorMs } = starts;
  return [
    row("models: floor: a minimal synced loop to its first request", floorMs, "ms", undefined),
    ...Object.entries(starts.usedMs).map(([provider, ms]) => ({
      ...row(`models: start to first request, ${provider}`, ms, "ms", 150),
      floorMs,
    })),
    {
      ...row("models: the same in a fresh home, openai", starts.freshMs["openai"], "ms", undefined),
      floorMs,
    },
    row("models: first request of a run", starts.firstBytes, "bytes", 8_192),
    row("models: peak memory of a whole run", starts.peakBytes, "bytes", 100e6),
    row(
      `models: ${calls} calls of 8 workers in 2 processes (ideal ${limited.idealMs / 1000} s, ${limited.refused} refused)`,
      limited.tookMs,
      "ms",
      limited.idealMs * 1.15,
    ),
  ];
}
