import { describe, expect, test } from "vitest";
import { setAside } from "../loop/ask-model.ts";
import { RunBudget, spentByJournal } from "./budget.ts";
import type { JournalRecord } from "./prompt-journal.port.ts";

const price = { input: 1_000_000, cachedInput: 500_000, output: 2_000_000 };
const nothing = { tokens: 0, microusd: 0 };

function refusal(budget: RunBudget, inputTokens: number, outputTokens: number): unknown {
  try {
    budget.reserve({ inputTokens, outputTokens }, price);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a spent budget", () => {
  test("names the command that goes on with the run, with a limit that is large enough for what comes next, too", () => {
    const budget = new RunBudget({ maxTokens: 100, maxCostMicrousd: undefined }, nothing, "run_1");
    expect(refusal(budget, 60, 50)).toMatchObject({
      code: "AUTOSD-BUDGET-SPENT",
      remedy: "autosd runs resume run_1 --max-tokens 550",
    });
    expect(refusal(budget, 600, 50)).toMatchObject({
      remedy: "autosd runs resume run_1 --max-tokens 3300",
    });
  });

  test("of money does so in whole cents", () => {
    const budget = new RunBudget(
      { maxTokens: undefined, maxCostMicrousd: 1_000 },
      nothing,
      "run_1",
    );
    expect(refusal(budget, 100_000, 7_501)).toMatchObject({
      code: "AUTOSD-BUDGET-SPENT",
      remedy: "autosd runs resume run_1 --max-cost-usd 0.58",
    });
  });
});

describe("what is made ahead of its turn", () => {
  const limits = { maxTokens: 100, maxCostMicrousd: undefined };
  const size = { inputTokens: 10, outputTokens: 10 };
  const usage = { inputTokens: 5, outputTokens: 5, cachedInputTokens: undefined };
  const spent = expect.objectContaining({ code: "AUTOSD-BUDGET-SPENT" }) as Error;

  test("leaves a quarter of the limit, and no less than the largest call, to those whose turn it is", () => {
    const budget = new RunBudget(limits, nothing);
    const ahead = budget.ahead();
    for (let call = 1; call <= 3; call += 1) ahead.reserve(size, price);
    expect(() => ahead.reserve(size, price)).toThrow(spent);
    expect(budget.committed.tokens).toBe(60);
    budget.reserve({ inputTokens: 30, outputTokens: 5 }, price);
    expect(() => ahead.reserve({ inputTokens: 1, outputTokens: 0 }, price)).toThrow(spent);
    const money = new RunBudget({ maxTokens: undefined, maxCostMicrousd: 100 }, nothing);
    expect(() => money.ahead().reserve({ inputTokens: 76, outputTokens: 0 }, price)).toThrow(spent);
  });

  test("is waited for when it has set aside what a turn needs, and never waits itself", async () => {
    const budget = new RunBudget(limits, nothing);
    expect(budget.freed()).toBeUndefined();
    const ahead = budget.ahead().reserve({ inputTokens: 30, outputTokens: 10 }, price);
    expect(budget.ahead().freed()).toBeUndefined();
    const { signal } = new AbortController();
    const wanted = { inputTokens: 70, outputTokens: 10 };
    const waiting = setAside({ budget, price, signal }, wanted);
    ahead.settle(usage);
    expect((await waiting).tokens).toBe(80);
    expect(budget.committed.tokens).toBe(90);
    await expect(setAside({ budget, price, signal }, wanted)).rejects.toThrow(spent);
  });
});

describe("an answer that broke off before the whole one", () => {
  const limits = { maxTokens: 1_000, maxCostMicrousd: undefined };
  const usage = { inputTokens: 100, outputTokens: 10, cachedInputTokens: undefined };

  test("is paid for as if it had been as long as it may be", () => {
    const budget = new RunBudget(limits, nothing);
    const reservation = budget.reserve({ inputTokens: 400, outputTokens: 100 }, price);
    const spent = reservation.settle(usage, { count: 1, outputTokens: 50 });
    expect(spent).toEqual({ tokens: 260, microusd: 320 });
    expect(budget.committed).toEqual(spent);
  });

  test("is still counted when the run goes on by its journal", async () => {
    const place = { run: "run_1", story: "ST-1", attempt: 1, turn: 0, ts: "2026-01-01T00:00:00Z" };
    const facts = { latencyMs: 1, retries: 1, cuts: 1, waitedMs: 0, responseId: undefined };
    const answer = { text: "", toolCalls: [], finish: "stop", usage, facts } as const;
    async function* records(): AsyncIterable<JournalRecord> {
      yield {
        ...place,
        ...{ kind: "answer", prompt: "p", answer, costMicrousd: 320, spentTokens: 260 },
      };
    }
    expect(await spentByJournal(records(), "run_1")).toEqual({ tokens: 260, microusd: 320 });
  });
});
