import { describe, expect, it } from "vitest";
import { type Costs, type LimitState, unknownLimits, zeroCosts } from "./limit-records.ts";
import { admit, ended, heard } from "./limit-state.ts";

const one: Costs = { ...zeroCosts, requests: 1 };

function sent(state: LimitState, id: string, nowMs: number): LimitState {
  const admission = admit(state, { id, owner: "o", costs: one }, nowMs);
  if (admission.kind !== "go") throw new Error(`${id} was to go at ${nowMs}`);
  return admission.state;
}

/** How many requests go at a moment before one has to wait. */
function going(state: LimitState, nowMs: number): number {
  let next = state;
  for (let count = 0; count < 100; count += 1) {
    const admission = admit(next, { id: `g${count}`, owner: "o", costs: one }, nowMs);
    if (admission.kind === "wait") return count;
    next = admission.state;
  }
  throw new Error("there was no end");
}

/** A limit of ten a minute, whose window ends at 60,000 ms, of which one is used. */
function announced(): LimitState {
  const news = {
    limits: [{ of: "requests", limit: 10, remaining: 9, resetMs: 60_000 }],
    retryAfterMs: undefined,
  } as const;
  return ended(heard(sent(unknownLimits, "first", 0), "first", news, 0), "first", {
    nowMs: 0,
    whole: true,
  });
}

describe("a limit at the reset of its window", () => {
  it("is whole again when nothing is under way", () => {
    expect(going(announced(), 59_999)).toBe(9);
    expect(going(announced(), 60_000)).toBe(10);
  });

  it("leaves room for what was sent just before the reset and may be counted after it", () => {
    let state = announced();
    for (const [index, atMs] of [59_200, 59_500, 59_900].entries())
      state = sent(state, `late${index}`, atMs);
    expect(going(state, 60_001)).toBe(7);
  });

  it("leaves none for what was sent long before and is counted already", () => {
    const state = sent(sent(announced(), "early1", 10_000), "early2", 58_999);
    expect(going(state, 60_001)).toBe(10);
  });

  it("leaves none for what was answered before the reset", () => {
    const state = ended(sent(announced(), "late", 59_900), "late", { nowMs: 59_950, whole: true });
    expect(going(state, 60_001)).toBe(10);
  });

  it("does the same at later resets that nobody announced", () => {
    const state = sent(announced(), "late", 119_800);
    expect(going(state, 120_001)).toBe(9);
    expect(going(announced(), 120_001)).toBe(10);
  });
});
