import { describe, expect, test } from "vitest";
import { RunBudget } from "./budget.ts";

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
  test("names the command that goes on with the run, with a limit that is large enough", () => {
    const budget = new RunBudget({ maxTokens: 100, maxCostMicrousd: undefined }, nothing, "run_1");
    expect(refusal(budget, 60, 50)).toMatchObject({
      code: "AUTOSD-BUDGET-SPENT",
      remedy: "autosd runs resume run_1 --max-tokens 200",
    });
    expect(refusal(budget, 600, 50)).toMatchObject({
      remedy: "autosd runs resume run_1 --max-tokens 650",
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
      remedy: "autosd runs resume run_1 --max-cost-usd 0.12",
    });
  });
});
