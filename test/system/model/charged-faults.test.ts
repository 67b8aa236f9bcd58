import fc from "fast-check";
import { expect, test } from "vitest";
import { createLimitedCalls, usualPatience } from "../../../src/adapters/models/limited-fetch.ts";
import {
  createModel,
  modelProviders,
  type ModelProvider,
} from "../../../src/adapters/models/create-model.ts";
import { createMemoryLimitStore } from "../../../src/delivery/agent/limits/memory-limit-store.ts";
import { createLimiter } from "../../../src/delivery/agent/limits/limiter.ts";
import { askModel } from "../../../src/delivery/agent/loop/ask-model.ts";
import { AttemptHistory } from "../../../src/delivery/agent/loop/attempt-history.ts";
import { Conversation } from "../../../src/delivery/agent/loop/conversation.ts";
import { RunBudget, spentByJournal } from "../../../src/delivery/agent/model/budget.ts";
import { ModelError } from "../../../src/delivery/agent/model/errors.ts";
import type { Model } from "../../../src/delivery/agent/model/model.port.ts";
import type { JournalRecord } from "../../../src/delivery/agent/model/prompt-journal.port.ts";
import type { LedgerEntry } from "../../support/model-server/ledger.ts";
import { type Reply, callTool, refuse, say } from "../../support/model-server/script.ts";
import { startModelServer } from "../../support/model-server/server.ts";

const price = { input: 3_000_000, cachedInput: 300_000, output: 15_000_000 };
const maxOutputTokens = 500;
const nothing = { tokens: 0, microusd: 0 };

/** What a server can do to a request, paid for or not. */
const replies: readonly (readonly [name: string, reply: Reply])[] = [
  ["answer", say("fine")],
  ["call", callTool("read", { path: "a" })],
  ["plain", say("fine", { form: "plain" })],
  ["cut", say("x".repeat(300), { delivery: "cut" })],
  ["eof", say("x".repeat(300), { delivery: "eof" })],
  ["malformed", say("x".repeat(300), { delivery: "malformed" })],
  ["half of a JSON", say("x".repeat(300), { form: "plain", delivery: "eof" })],
  ["filtered", say("x", { finish: "filtered" })],
  ["500", refuse(500)],
  ["429", refuse(429, { "retry-after": "2" })],
  ["429 for long", refuse(429, { "retry-after": "3600" })],
  ["404", refuse(404)],
  ["400", refuse(400)],
  ["no credit", refuse(429, {}, { code: "insufficient_quota", message: "empty" })],
];

/** Waits take no time; the watch for silence never ends. */
function modelAt(provider: ModelProvider, url: string, skipped: { ms: number }): Promise<Model> {
  const clock = {
    now: () => Date.now() + skipped.ms,
    monotonicMs: () => performance.now() + skipped.ms,
  };
  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (ms !== usualPatience.maxSilenceMs / 2) skipped.ms += ms;
    else await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  let ids = 0;
  const store = createMemoryLimitStore();
  const nextId = (): string => String(ids++);
  const limiter = createLimiter({ store, clock, wait, owner: "test", nextId });
  const shared = { limiter, clock, wait, random: () => 0.5, onWaiting: () => undefined };
  return createModel({
    ...{ provider, model: "m", key: async () => "key", clock },
    baseUrl: `${url}${provider === "google" ? "/v1beta" : "/v1"}`,
    calls: createLimitedCalls({ ...shared, patience: usualPatience }),
  });
}

async function* entriesOf(records: readonly JournalRecord[]): AsyncIterable<JournalRecord> {
  yield* records;
}

/** What the server was paid, in the units of a budget. */
function paidTo(entries: readonly LedgerEntry[]): { tokens: number; microusd: number } {
  const input = entries.reduce((sum, one) => sum + one.inputTokens, 0);
  const output = entries.reduce((sum, one) => sum + one.outputTokens, 0);
  return { tokens: input + output, microusd: input * 3 + output * 15 };
}

test("whatever a server does, no less is charged than it was paid, once, and a resume knows it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...modelProviders),
      fc.array(fc.constantFrom(...replies), { minLength: 1, maxLength: 8 }),
      async (provider, script) => {
        let next = 0;
        const server = await startModelServer(() => script[next++]?.[1] ?? say("the end"));
        const skipped = { ms: 0 };
        const model = await modelAt(provider, server.url, skipped);
        const records: JournalRecord[] = [];
        const budget = new RunBudget({ maxTokens: 1e9, maxCostMicrousd: 1e12 }, nothing, "run_1");
        const signal = new AbortController().signal;
        let turn = 0;
        try {
          for (let asked = 0; next < script.length && asked < 20; asked += 1) {
            const place = { run: "run_1", story: "ST-1", attempt: 1, turn };
            const conversation = new Conversation({
              ...{ system: "s", tools: [], maxOutputTokens, first: "hello" },
              circumstances: { turn: String(turn) },
            });
            const before = budget.committed;
            const paidBefore = server.ledger.paid.length;
            const failed = await askModel({
              ...{ model, price, budget, conversation, place, signal, maxOutputTokens },
              prompt: { id: "implement@1" },
              history: new AttemptHistory(records),
              append: async (entry) => void records.push({ ...place, ts: "t", ...entry }),
            }).then(
              () => false,
              (error: unknown) => {
                if (error instanceof ModelError) return true;
                throw error;
              },
            );
            const paid = paidTo(server.ledger.paid.slice(paidBefore));
            const { tokens, microusd } = budget.committed;
            expect(tokens - before.tokens).toBeGreaterThanOrEqual(paid.tokens);
            expect(microusd - before.microusd).toBeGreaterThanOrEqual(paid.microusd);
            // Nothing paid, nothing charged; and what was set aside for two answers is the most.
            if (paid.tokens === 0) expect(tokens).toBe(before.tokens);
            const [intent] = records.filter((one) => one.kind === "intent" && one.turn === turn);
            const reserved = intent?.kind === "intent" ? intent.reservedTokens : 0;
            expect(tokens - before.tokens).toBeLessThanOrEqual(reserved);
            expect(await spentByJournal(entriesOf(records), "run_1")).toEqual(budget.committed);
            // A turn that failed is asked for again, as a resume does that comes after every limit.
            if (failed) skipped.ms += 7_200_000;
            else turn += 1;
          }
        } finally {
          await server.close();
        }
      },
    ),
    { numRuns: 40 },
  );
});
