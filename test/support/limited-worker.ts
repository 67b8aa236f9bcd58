// One of several processes that share the limits of one key: asks a model server from several
// workers until it was answered so often, says each answer in a line, and at its end what it counted.
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createLimitFiles } from "../../src/adapters/models/limit-files.ts";
import { createLimitedCalls, usualPatience } from "../../src/adapters/models/limited-fetch.ts";
import { createModel } from "../../src/adapters/models/create-model.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { createLimiter } from "../../src/delivery/agent/limits/limiter.ts";
import { silentLog } from "../../src/kernel/log.ts";

/** What one process is told. */
export interface LimitedOrders {
  /** Of the model server. */
  readonly url: string;
  /** Of the limits, shared with the others. */
  readonly folder: string;
  readonly workers: number;
  readonly answers: number;
}

const orders = JSON.parse(process.argv[2] ?? "{}") as LimitedOrders;
const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(ms, undefined, { signal }).catch(() => undefined);
const model = await createModel({
  provider: "openai-compatible",
  model: "scripted-model",
  baseUrl: `${orders.url}/v1`,
  key: async () => "",
  clock: systemClock,
  calls: createLimitedCalls({
    limiter: createLimiter({
      store: createLimitFiles({ folder: orders.folder, log: silentLog }),
      clock: systemClock,
      wait,
      owner: String(process.pid),
      nextId: randomUUID,
    }),
    ...{ clock: systemClock, wait, random: () => 0.5, patience: usualPatience },
    onWaiting: () => undefined,
  }),
});
const request = {
  system: "s",
  messages: [{ role: "user", text: "u" }],
  tools: [],
  maxOutputTokens: 10,
  answerSchema: undefined,
} as const;
const never = new AbortController().signal;
let left = orders.answers;
let retries = 0;
async function worker(): Promise<void> {
  while (left > 0) {
    left -= 1;
    retries += (await model.answer(request, never)).facts.retries;
    writeSync(1, "answered\n");
  }
}
await Promise.all(Array.from({ length: orders.workers }, worker));
writeSync(1, `${JSON.stringify({ retries })}\n`);
