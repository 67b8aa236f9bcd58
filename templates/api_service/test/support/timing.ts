import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { TestService } from "./service.ts";

/** Runs `work` with a service whose database is a file, as in production: writes wait for the disk. */
export async function withStoredService(
  work: (service: TestService) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "service-timing-"));
  const service = await TestService.start(join(folder, "service.db"));
  try {
    await work(service);
  } finally {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The fewest of which five in a hundred is a whole number. */
const callsPerTry = 20;
const maxTries = 5;
const maxTotalMs = 15_000;

/**
 * Milliseconds within which 95 of 100 answers came, in the best of a few tries. Other work on the
 * machine slows answers down and never speeds them up: one try within the limit shows that the
 * service keeps it. Tries end with the first one within `limitMs`.
 */
export async function p95OfBestTry(call: () => Promise<unknown>, limitMs: number): Promise<number> {
  const started = performance.now();
  await call();
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < maxTries && best > limitMs; tries += 1) {
    const times: number[] = [];
    while (times.length < callsPerTry && performance.now() - started < maxTotalMs) {
      const before = performance.now();
      await call();
      times.push(performance.now() - before);
    }
    if (times.length > 0) best = Math.min(best, p95Of(times));
  }
  return best;
}

function p95Of(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.POSITIVE_INFINITY;
}
