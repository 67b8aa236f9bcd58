import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { say } from "../../../test/support/model-server/script.ts";
import { startModelServer } from "../../../test/support/model-server/server.ts";
import { createLimiter } from "../../delivery/agent/limits/limiter.ts";
import { silentLog } from "../../kernel/log.ts";
import { createModel } from "./create-model.ts";
import { createLimitFiles } from "./limit-files.ts";
import { createLimitedCalls, usualPatience } from "./limited-fetch.ts";

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);

test.each(["window", "refill"] as const)(
  "eight workers on two stores and a real limited server (%s): all answered, nobody refused",
  async (shape) => {
    const folder = await mkdtemp(join(tmpdir(), "autosd-limits-"));
    const server = await startModelServer(() => say("hi"), {
      limits: { requests: { limit: 10, windowMs: 1_500, shape } },
    });
    try {
      const models = await Promise.all(
        [1, 2].map(() =>
          createModel({
            provider: "openai-compatible",
            model: "scripted-model",
            baseUrl: `${server.url}/v1`,
            key: async () => "",
            clock,
            calls: createLimitedCalls({
              limiter: createLimiter({
                store: createLimitFiles({ folder, log: silentLog }),
                clock,
                wait,
                owner: String(process.pid),
                nextId: randomUUID,
              }),
              ...{ clock, wait, random: () => 0.5, patience: usualPatience },
              onWaiting: () => undefined,
            }),
          }),
        ),
      );
      let left = 30;
      const startMs = performance.now();
      const worker = async (index: number): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await models[index % 2]?.answer(
            {
              system: "s",
              messages: [{ role: "user", text: "u" }],
              tools: [],
              maxOutputTokens: 10,
              answerSchema: undefined,
            },
            new AbortController().signal,
          );
        }
      };
      await Promise.all(Array.from({ length: 8 }, (_, index) => worker(index)));
      const tookMs = performance.now() - startMs;
      expect(server.ledger.paid).toHaveLength(30);
      expect(server.ledger.refused).toHaveLength(0);
      // Two windows; the rest is what a busy machine takes.
      expect(tookMs).toBeGreaterThan(2_500);
      expect(tookMs).toBeLessThan(6_000);
    } finally {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
