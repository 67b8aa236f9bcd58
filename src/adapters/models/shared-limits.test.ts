import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleModule } from "../../../test/chaos/bundle.ts";
import type { LimitedOrders } from "../../../test/support/limited-worker.ts";
import { say } from "../../../test/support/model-server/script.ts";
import { type ModelServer, startModelServer } from "../../../test/support/model-server/server.ts";

const source = join(import.meta.dirname, "../../../test/support/limited-worker.ts");

describe("two processes with four workers each on a real limited server", () => {
  let folder = "";
  let program = "";
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "autosd-limits-"));
    program = await bundleModule(source, join(folder, "worker.mjs"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const start = (orders: Omit<LimitedOrders, "workers">): ChildProcess =>
    spawn(process.execPath, [program, JSON.stringify({ ...orders, workers: 4 })], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  const limitedServer = (shape: "window" | "refill"): Promise<ModelServer> =>
    startModelServer(() => say("hi"), {
      limits: { requests: { limit: 10, windowMs: 1_500, shape } },
    });
  const limits = (): string => join(folder, `limits-${(count += 1)}`);

  it.each(["window", "refill"] as const)(
    "are all answered and nobody is refused (%s)",
    async (shape) => {
      const server = await limitedServer(shape);
      try {
        const orders = { url: server.url, folder: limits(), answers: 15 };
        const startMs = performance.now();
        const ends = await Promise.all([1, 2].map(() => once(start(orders), "close")));
        const tookMs = performance.now() - startMs;
        expect(ends).toEqual([
          [0, null],
          [0, null],
        ]);
        expect(server.ledger.paid).toHaveLength(30);
        expect(server.ledger.refused).toHaveLength(0);
        // Two windows at least. How close it comes to them is shown on a clock of its own (limiter.test.ts).
        expect(tookMs).toBeGreaterThan(2_500);
      } finally {
        await server.close();
      }
    },
  );

  it("go on without the one that is killed in the middle of its calls", async () => {
    const server = await limitedServer("window");
    try {
      const orders = { url: server.url, folder: limits() };
      const doomed = start({ ...orders, answers: 1_000 });
      const ended = once(doomed, "close");
      if (doomed.stdout === null) throw new Error("there is no output");
      // Its workers have calls under way whenever one of them has been answered.
      await once(createInterface(doomed.stdout), "line");
      doomed.kill("SIGKILL");
      expect(await ended).toEqual([null, "SIGKILL"]);
      const [code] = (await once(start({ ...orders, answers: 12 }), "close")) as [number];
      expect(code).toBe(0);
      expect(server.ledger.paid.length).toBeGreaterThanOrEqual(12);
      expect(server.ledger.refused).toHaveLength(0);
    } finally {
      await server.close();
    }
  });
});
