import { expect, test } from "vitest";
import { RunBudget, spentByJournal } from "../model/budget.ts";
import { ModelError } from "../model/errors.ts";
import type { ModelAnswer, ModelRequest } from "../model/model.port.ts";
import type { JournalRecord } from "../model/prompt-journal.port.ts";
import { askForPlan, type PlanningParts, type PlanQuestion } from "./ask-for-plan.ts";

const never = new AbortController().signal;
const facts = { latencyMs: 1, retries: 0, waitedMs: 0, responseId: undefined };
const usage = { inputTokens: 50, outputTokens: 10, cachedInputTokens: 0 };

type Scripted = string | ModelError | Partial<ModelAnswer>;

/** A model that answers in order, and a journal that outlives the process. */
class Bench {
  readonly requests: ModelRequest[] = [];
  readonly records: JournalRecord[] = [];
  /** Digests of answers that count in other runs. */
  readonly remembered = new Set<string>();
  /** The process dies before it writes so many records. */
  dieAt = Infinity;
  readonly #answers: Scripted[];

  constructor(...answers: readonly Scripted[]) {
    this.#answers = [...answers];
  }

  ask<T = number>(
    more: Partial<PlanningParts> = {},
    question: Partial<PlanQuestion<T>> = {},
    signal = never,
  ): Promise<T> {
    return askForPlan({ ...this.#parts(), ...more }, { ...sum<T>(), ...question }, signal);
  }

  #parts(): PlanningParts {
    const { records } = this;
    return {
      model: {
        provider: "openai",
        name: "scripted",
        answer: (request) => Promise.resolve().then(() => this.#answer(request)),
      },
      price: undefined,
      budget: budget({}),
      journal: {
        append: async (record) => {
          if (records.length >= this.dieAt) throw new Error("killed");
          records.push(record);
        },
        of: async () => records,
        async *all() {
          await Promise.resolve();
          yield* records;
        },
      },
      clock: { now: () => 0, monotonicMs: () => 0 },
      ownAnswers: {
        remember: async (digest) => void this.remembered.add(digest),
        knows: async (digest) => this.remembered.has(digest),
      },
      run: "run_1",
      contextTokens: 10_000,
      maxOutputTokens: 500,
    };
  }

  #answer(request: ModelRequest): ModelAnswer {
    this.requests.push(request);
    const next = this.#answers.shift();
    if (next === undefined) throw new Error("nothing more was scripted");
    if (next instanceof ModelError) throw next;
    const said = typeof next === "string" ? { text: next } : next;
    return { text: "", toolCalls: [], finish: "stop", usage, facts, ...said };
  }
}

function budget(limits: { readonly maxTokens?: number }): RunBudget {
  const { maxTokens } = limits;
  return new RunBudget({ maxTokens, maxCostMicrousd: undefined }, { tokens: 0, microusd: 0 });
}

/** Wants `{"sum": 3}`. */
function sum<T>(): PlanQuestion<T> {
  return {
    turn: 2,
    prompt: { id: "sum@1", text: "You add." },
    schema: { name: "sum", schema: { type: "object" } },
    first: "1 and 2",
    check: (value) =>
      JSON.stringify(value) === '{"sum":3}'
        ? { kind: "accepted", value: 3 as T }
        : { kind: "refused", problems: [`${JSON.stringify(value)} is not the sum`] },
  };
}

const good = '{"sum": 3}';
const bad = '{"sum": 4}';

test("the answer is asked for in its shape, without tools, and is on record with its end", async () => {
  const bench = new Bench(good);
  expect(await bench.ask()).toBe(3);
  expect(bench.requests).toMatchObject([
    { system: "You add.", tools: [], answerSchema: { name: "sum" }, maxOutputTokens: 500 },
  ]);
  expect(bench.records.map(({ kind, story, turn }) => [kind, story, turn])).toEqual([
    ["intent", "plan", 2],
    ["answer", "plan", 2],
    ["end", "plan", 2],
  ]);
});

test("a bad answer is asked for once more, with what is wrong with it, at the end of the conversation", async () => {
  const bench = new Bench(bad, good);
  expect(await bench.ask()).toBe(3);
  const [first, second] = bench.requests;
  expect(second?.messages.slice(0, 1)).toEqual(first?.messages);
  expect(second?.messages.at(1)).toMatchObject({ role: "assistant", text: bad });
  expect(JSON.stringify(second?.messages.at(2))).toContain("is not the sum");
});

test.each([
  ["wrong", bad, "is not the sum"],
  ["no JSON", "Sure! Here it is.", "it is not JSON"],
  ["empty", "", "it is not JSON"],
  [
    "a call of a tool that was not offered",
    { toolCalls: [{ id: "1", name: "x", arguments: {} }] },
    "not JSON",
  ],
  ["cut at its longest length", { text: good, finish: "length" as const }, "cut"],
])("two answers that are %s are an error, never a made-up plan", async (_, answer, words) => {
  const bench = new Bench(answer, answer, good);
  const error: unknown = await bench.ask().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "AUTOSD-MODEL-ANSWER" });
  expect(String(error)).toContain(words);
  expect(bench.requests).toHaveLength(2);
});

test("killed before any record of the journal, the next process pays only for what has no answer", async () => {
  for (let dieAt = 0; dieAt < 6; dieAt += 1) {
    const bench = new Bench(bad, good, bad, good);
    bench.dieAt = dieAt;
    await expect(bench.ask()).rejects.toThrow("killed");
    const paid = bench.records.filter(({ kind }) => kind === "answer").length;
    const asked = bench.requests.length;
    bench.dieAt = Infinity;
    // What was asked and not recorded is answered the same way again.
    const next = new Bench(...[bad, good].slice(paid));
    next.records.push(...bench.records);
    expect(await next.ask(), `killed at ${dieAt}`).toBe(3);
    expect(next.requests).toHaveLength(2 - paid);
    expect(asked - paid).toBeLessThanOrEqual(1);
    const answers = next.records.filter(({ kind }) => kind === "answer");
    expect(answers).toHaveLength(2);
    expect(next.records.filter(({ kind }) => kind === "end")).toHaveLength(2);
  }
});

test("another run that asks the very same goes by the accepted answer, whichever of the two it was", async () => {
  const bench = new Bench(bad, good);
  await bench.ask();
  expect(await bench.ask({ run: "run_2" })).toBe(3);
  expect(bench.requests).toHaveLength(2);
});

test("an answer that came with the folder is not gone by, however well it is accepted", async () => {
  const bench = new Bench(good, good);
  await bench.ask();
  bench.remembered.clear();
  expect(await bench.ask({ run: "run_2" })).toBe(3);
  expect(bench.requests).toHaveLength(2);
});

test("another prompt, model or question is asked anew, and so is one that was never accepted", async () => {
  const bench = new Bench(good, good, bad, bad, good);
  await bench.ask();
  await bench.ask({ run: "run_2" }, { first: "2 and 1" });
  await bench.ask({ run: "run_3" }, { first: "0 and 3" }).catch(() => undefined);
  expect(await bench.ask({ run: "run_4" }, { first: "0 and 3" })).toBe(3);
  expect(bench.requests).toHaveLength(5);
});

test("an answer that was accepted once and is not any more is asked for anew", async () => {
  const bench = new Bench(bad, good);
  const lax = { check: () => ({ kind: "accepted" as const, value: 4 }) };
  expect(await bench.ask({}, lax)).toBe(4);
  expect(await bench.ask({ run: "run_2" })).toBe(3);
});

test("a call that could cross the budget is not made", async () => {
  const bench = new Bench(good);
  await expect(bench.ask({ budget: budget({ maxTokens: 600 }) })).rejects.toMatchObject({
    code: "AUTOSD-BUDGET-SPENT",
  });
  expect(bench.requests).toHaveLength(0);
  expect(bench.records).toHaveLength(0);
});

test("both answers count in what the run has spent", async () => {
  const bench = new Bench(bad, good);
  const shared = budget({});
  await bench.ask({ budget: shared });
  expect(shared.committed.tokens).toBe(120);
  async function* all(): AsyncGenerator<JournalRecord> {
    await Promise.resolve();
    yield* bench.records;
  }
  expect((await spentByJournal(all(), "run_1")).tokens).toBe(120);
});

test("what the provider refuses is passed on as it is, and is no answer", async () => {
  const bench = new Bench(new ModelError("AUTOSD-MODEL-QUOTA", "no credit"), good);
  await expect(bench.ask()).rejects.toMatchObject({ code: "AUTOSD-MODEL-QUOTA" });
  expect(await bench.ask()).toBe(3);
});

test("requirements that do not fit into the model's context are not sent", async () => {
  const bench = new Bench(good);
  await expect(bench.ask({}, { first: "word ".repeat(20_000) })).rejects.toMatchObject({
    code: "AUTOSD-MODEL-REFUSED",
  });
  expect(bench.requests).toHaveLength(0);
});

test("what is wrong with an endless answer is told in a bounded number of words", async () => {
  const many = Array.from({ length: 5_000 }, (_, index) => `problem ${index} ${"x".repeat(1_000)}`);
  const bench = new Bench("{}", "{}");
  const check = () => ({ kind: "refused" as const, problems: many });
  await expect(bench.ask({}, { check })).rejects.toMatchObject({ code: "AUTOSD-MODEL-ANSWER" });
  expect(JSON.stringify(bench.requests[1]?.messages.at(-1)).length).toBeLessThan(16_000);
  expect(JSON.stringify(bench.requests[1])).toContain("and 4970 more");
});

test("secrets of the requirements and of the answer are in neither request nor journal", async () => {
  const secret = ["ghp", "abcdefghijklmnopqrstuvwxyz0123456789"].join("_");
  const bench = new Bench(`{"sum": "${secret}"}`, good);
  await bench.ask({}, { first: `1 and 2 with ${secret}` });
  expect(JSON.stringify([bench.requests, bench.records])).not.toContain(secret);
});

test("a run that is told to stop asks nothing", async () => {
  const bench = new Bench(good);
  await expect(bench.ask({}, {}, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
  expect(bench.requests).toHaveLength(0);
});
