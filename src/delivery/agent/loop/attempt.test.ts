import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  bench,
  exampleTask,
  Killed,
  memoryWorkspace,
  runAttempt,
  type AttemptScript,
  type Scripted,
} from "../../../../test/support/scripted-attempt.ts";
import { ModelError } from "../model/errors.ts";
import { spentByJournal } from "../model/budget.ts";
import type { JournalRecord } from "../model/prompt-journal.port.ts";

/** Looks, writes, runs, edits what the command wrote, runs again, claims. */
const session: AttemptScript = (_, number) => {
  switch (number) {
    case 0:
      return {
        calls: [
          ["list", {}],
          ["read", { path: "a.txt" }],
        ],
      };
    case 1:
      return { calls: [["write", { path: "sum.js", content: "export const sum = 1;\n" }]] };
    case 2:
      return { calls: [["run", { command: "generate" }]] };
    case 3:
      return { calls: [["replace", { path: "made.txt", old: "1", new: "2" }]] };
    case 4:
      return {
        calls: [
          ["run", { command: "check" }],
          ["write", { path: "sum.test.js", content: "t" }],
        ],
      };
    default:
      return { calls: [["done", { summary: "sums", acceptanceTests: ["sum.test.js"] }]] };
  }
};

const effect = (command: string, files: Map<string, string>): string => {
  if (command === "generate") files.set("made.txt", `${files.size - 1}\n`);
  return command === "check" ? "ok" : "made";
};

async function* entriesOf(records: readonly JournalRecord[]): AsyncIterable<JournalRecord> {
  yield* records;
}

const base = { "a.txt": "a\n" };

describe("an attempt", () => {
  it("that goes nowhere is ended, and its end says so", async () => {
    const on = bench(base);
    const { events } = await runAttempt(on, { script: () => ({ calls: [["list", {}]] }) });
    expect(events.at(-1)).toEqual({
      kind: "failed",
      reason: "no progress: the same calls were made 4 times with the same outcome",
      retryable: false,
      isWithoutProgress: true,
    });
    expect(on.requests).toHaveLength(4);
  });

  it("does what the answers ask for and ends with the claim", async () => {
    const { events, files } = await runAttempt(bench(base), { script: session, effect });
    expect(events.at(-1)).toEqual({
      kind: "proposal",
      proposal: { summary: "sums", acceptanceTests: ["sum.test.js"], changedTests: [] },
    });
    expect(Object.fromEntries(files)).toEqual({
      "a.txt": "a\n",
      "sum.js": "export const sum = 1;\n",
      "made.txt": "2\n",
      "sum.test.js": "t",
    });
  });

  it("killed after any record, goes on without paying or running anything twice", async () => {
    const whole = bench(base);
    const wanted = await runAttempt(whole, { script: session, effect });
    expect(whole.records.length).toBeGreaterThan(20);
    for (let dieAfter = 0; dieAfter < whole.records.length; dieAfter += 1) {
      const on = bench(base);
      // The script answers by the conversation: how many answers are in it.
      const script: AttemptScript = (request) =>
        session(request, request.messages.filter((one) => one.role === "assistant").length);
      await expect(runAttempt(on, { script, effect, dieAfter })).rejects.toThrow(Killed);
      const again = await runAttempt(on, { script, effect });
      expect(again.files, `after ${dieAfter}`).toEqual(wanted.files);
      expect(again.events.at(-1)).toEqual(wanted.events.at(-1));
      // An intent without an answer is a call that was never made here: asked for once.
      expect(on.requests).toHaveLength(whole.requests.length);
      expect(on.ran).toEqual(whole.ran);
      const ends = on.records.filter(({ kind }) => kind === "end");
      expect(ends).toHaveLength(1);
    }
  });

  it("never changes the beginning of its conversation", async () => {
    const on = bench(base);
    await runAttempt(on, { script: session, effect });
    for (const [index, request] of on.requests.entries()) {
      const next = on.requests[index + 1];
      if (next === undefined) continue;
      expect(next.system).toBe(request.system);
      expect(next.tools).toEqual(request.tools);
      expect(next.messages.slice(0, request.messages.length)).toEqual(request.messages);
    }
  });

  it("makes no call of an answer that was cut, and asks once more", async () => {
    const on = bench(base);
    const { events } = await runAttempt(on, {
      script: (request, number) =>
        number === 0
          ? { calls: [["run", { command: "half" }]], finish: "length" }
          : session(request, number - 1),
      effect,
    });
    expect(on.ran).not.toContain("half");
    expect(events.at(-1)?.kind).toBe("proposal");
  });

  it("stops the run at once when no answer can be got, and keeps what it may have cost", async () => {
    const on = bench(base);
    const cut = new ModelError("AUTOSD-MODEL-CUT", "cut");
    await expect(runAttempt(on, { script: () => cut })).rejects.toBe(cut);
    expect(on.requests).toHaveLength(1);
    expect(on.records.map((one) => one.kind)).toEqual(["intent", "call-failed"]);
    const [intent] = on.records;
    const spent = await spentByJournal(entriesOf(on.records), "run_1");
    expect(spent.tokens).toBe(intent?.kind === "intent" ? intent.reservedTokens : -1);
    expect(spent.tokens).toBeGreaterThan(2_000);
  });

  it("stops before the call that could cross the budget, and remembers on resume what is spent", async () => {
    const on = bench(base);
    const limits = { maxTokens: 12_000, maxCostMicrousd: undefined };
    await expect(
      runAttempt(on, {
        script: () => ({
          calls: [["write", { path: "x", content: "y".repeat(3_000) }]],
          usage: { inputTokens: 4_000, outputTokens: 900, cachedInputTokens: undefined },
        }),
        limits,
      }),
    ).rejects.toMatchObject({ code: "AUTOSD-BUDGET-SPENT", exitCode: 7 });
    expect(on.requests).toHaveLength(1);
    expect(await spentByJournal(entriesOf(on.records), "run_1")).toEqual({
      tokens: 4_900,
      microusd: 0,
    });
  });

  it("takes a claim without changes, or with tests that are not there, for a mistake", async () => {
    const on = bench(base);
    const { events } = await runAttempt(on, {
      script: (_, number) => {
        if (number === 0)
          return { calls: [["done", { summary: "x", acceptanceTests: ["a.txt"] }]] };
        if (number === 1)
          return {
            calls: [
              ["write", { path: "b", content: "b" }],
              ["done", { summary: "x", acceptanceTests: ["no"] }],
            ],
          };
        return { calls: [["done", { summary: "x", acceptanceTests: ["b"] }]] };
      },
    });
    expect(on.requests).toHaveLength(3);
    expect(events.at(-1)?.kind).toBe("proposal");
  });

  it("ends an attempt that goes in circles", async () => {
    const on = bench(base);
    const { events } = await runAttempt(on, { script: () => ({ calls: [["list", {}]] }) });
    expect(events.at(-1)).toMatchObject({ kind: "failed", retryable: false });
    expect(on.requests.length).toBeLessThan(8);
  });

  it("shortens once what the provider finds too long, and on resume sends it no more", async () => {
    const files = { "a.txt": "long line\n".repeat(1_500) };
    const read = (n: number): Scripted => ({ calls: [["read", { path: "a.txt", from: n }]] });
    const script: AttemptScript = (request) => {
      const said = request.messages.filter((one) => one.role === "assistant").length;
      if (said < 4) return read(said + 1);
      // A server that takes so much and no more.
      if (JSON.stringify(request).length > 24_000)
        return new ModelError("AUTOSD-MODEL-CONTEXT", "too long", { contextTokens: 9_000 });
      if (said === 4) return { calls: [["write", { path: "b", content: "b" }]] };
      return { calls: [["done", { summary: "x", acceptanceTests: ["b"] }]] };
    };
    const on = bench(files);
    const { events } = await runAttempt(on, { script });
    expect(events.at(-1)?.kind).toBe("proposal");
    const failed = on.records.filter((one) => one.kind === "call-failed");
    expect(failed).toMatchObject([{ code: "AUTOSD-MODEL-CONTEXT", contextTokens: 9_000 }]);
    expect(on.requests).toHaveLength(7);
    const dead = bench(files);
    const until = on.records.findIndex((one) => one.kind === "call-failed");
    await expect(runAttempt(dead, { script, dieAfter: until })).rejects.toThrow(Killed);
    const again = await runAttempt(dead, { script });
    expect(again.events.at(-1)).toEqual(events.at(-1));
    expect(dead.requests).toHaveLength(7);
  });

  it("whose first request is too long stops the run: no other attempt can be shorter", async () => {
    const tooLong = new ModelError("AUTOSD-MODEL-CONTEXT", "too long");
    const on = bench(base);
    await expect(runAttempt(on, { script: () => tooLong })).rejects.toBe(tooLong);
    expect(on.requests.length).toBeLessThan(3);
  });

  it("that stays too long has failed, for another one to begin shorter", async () => {
    const on = bench(base);
    const { events } = await runAttempt(on, {
      script: (_, number) =>
        number === 0
          ? { calls: [["list", {}]] }
          : new ModelError("AUTOSD-MODEL-CONTEXT", "too long"),
    });
    expect(events.at(-1)).toMatchObject({ kind: "failed", retryable: true });
    expect(on.requests).toHaveLength(3);
  });

  it("ends an attempt that only talks", async () => {
    const on = bench(base);
    const { events } = await runAttempt(on, {
      script: () => ({ text: "I am done. All tests pass." }),
    });
    expect(events.at(-1)).toMatchObject({ kind: "failed" });
    expect(on.requests).toHaveLength(3);
  });

  it("explains wrong arguments and unknown tools instead of failing", async () => {
    const on = bench(base);
    await runAttempt(on, {
      script: (request, number) =>
        number === 0
          ? {
              calls: [
                ["read", "{"],
                ["fly", {}],
                ["write", { path: "x" }],
              ],
            }
          : session(request, number - 1),
      effect,
    });
    const results = on.requests[1]?.messages.at(-1);
    expect(results?.role === "tool" && results.results.every((one) => one.isError)).toBe(true);
  });

  it("keeps secrets out of files, conversation and journal", async () => {
    const on = bench(base);
    const secret = `ghp_${"a1B2c3D4e5".repeat(4)}`;
    const { files } = await runAttempt(on, {
      script: (_, number) =>
        number === 0
          ? {
              text: secret,
              calls: [["write", { path: "k.js", content: `const k = "${secret}";` }]],
            }
          : { calls: [["done", { summary: "x", acceptanceTests: ["k.js"] }]] },
    });
    expect(files.get("k.js")).toContain("[redacted:");
    expect(JSON.stringify([on.records, on.requests])).not.toContain(secret);
  });

  it("asks with at most 8 KB and 8 tools, however large the project is", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [`src/folder-${n}/a-rather-long-file-name.ts`, "x"]),
    );
    const on = bench({ ...files, "AGENTS.md": "Use tabs. ".repeat(2_000) });
    const { story } = exampleTask(memoryWorkspace(new Map()));
    const criteria = Array.from({ length: 40 }, (_, n) => ({
      ...{ id: `AC-1.${n + 1}`, given: "a long given ".repeat(8), when: "w", then: "t" },
    }));
    const gate = { command: [], exitCode: 1, durationMs: 1, tree: "t" };
    const finding = "it is red ".repeat(100);
    const failures = [
      { ...gate, verdict: "red" as const, gate: "tests", outputDigest: "d", finding },
    ];
    await runAttempt(on, {
      script: () => ({ text: "no" }),
      task: { story: { ...story, criteria }, failures },
    });
    const [first] = on.requests;
    const { messages, tools } = first ?? { messages: [], tools: [] };
    expect(tools).toHaveLength(8);
    const system = readFileSync("templates/prompts/implement/1.md", "utf8");
    const wrapped = tools.map((one) => ({ type: "function", function: one }));
    const sent = JSON.stringify({ model: "m", system, messages, tools: wrapped });
    expect(Buffer.byteLength(sent)).toBeLessThan(7_900);
  });
});
