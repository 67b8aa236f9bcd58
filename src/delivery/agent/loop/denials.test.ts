import { describe, expect, it } from "vitest";
import {
  type AttemptScript,
  bench,
  exampleTask,
  Killed,
  memoryWorkspace,
  runAttempt,
} from "../../../../test/support/scripted-attempt.ts";
import type { Read } from "../read-set.ts";

const base = { "a.txt": "a\n" };

describe("an attempt", () => {
  it("that gives up on what is denied says so, also when it goes on from its journal", async () => {
    const script: AttemptScript = (request) =>
      request.messages.some((one) => one.role === "assistant")
        ? { text: "I cannot." }
        : { calls: [["run", { command: "git push" }]] };
    const whole = bench(base);
    const { events } = await runAttempt(whole, { script });
    expect(events.at(-1)).toMatchObject({
      kind: "failed",
      retryable: false,
      denial: { code: "AUTOSD-ACTION-DENIED", action: "git push" },
    });
    expect(whole.ran).toEqual([]);
    for (let dieAfter = 0; dieAfter < whole.records.length; dieAfter += 1) {
      const on = bench(base);
      await expect(runAttempt(on, { script, dieAfter })).rejects.toThrow(Killed);
      const again = await runAttempt(on, { script });
      expect(again.events.at(-1), `after ${dieAfter}`).toEqual(events.at(-1));
    }
  });

  it("that found another way and gave up on that was not stopped by what was denied", async () => {
    const script: AttemptScript = (_, number) =>
      number < 2
        ? {
            calls: [
              number === 0
                ? ["run", { command: "git push" }]
                : ["write", { path: "b", content: "b" }],
            ],
          }
        : { text: "I cannot." };
    const { events } = await runAttempt(bench(base), { script });
    expect(events.at(-1)).toEqual({
      kind: "failed",
      reason: "the model stopped without calling done",
      retryable: true,
    });
  });

  it("that goes in circles around what is denied was denied it, and is no reason to end the run", async () => {
    const script: AttemptScript = () => ({
      calls: [
        ["delete", { path: "../b" }],
        ["run", { command: "ssh host" }],
      ],
    });
    const { events } = await runAttempt(bench(base), { script });
    expect(events.at(-1)).toMatchObject({ kind: "failed", denial: { action: "ssh" } });
    expect(events.at(-1)).not.toHaveProperty("isWithoutProgress");
  });

  it("that comes to an end all the same says what it went without, once each, from its journal too", async () => {
    const test = "test/a.test.js";
    const script: AttemptScript = (_, number) =>
      [
        {
          calls: [
            ["run", { command: "git push" }] as const,
            ["run", { command: "git push" }] as const,
          ],
        },
        { calls: [["write", { path: test, content: "" }] as const] },
        { calls: [["done", { summary: "it is pushed", acceptanceTests: [test] }] as const] },
      ][number] ?? { text: "I cannot." };
    const whole = bench(base);
    const { events } = await runAttempt(whole, { script });
    expect(events.at(-1)).toMatchObject({
      kind: "proposal",
      denials: [{ code: "AUTOSD-ACTION-DENIED", action: "git push" }],
    });
    const again = await runAttempt(whole, { script });
    expect(again.events.at(-1)).toEqual(events.at(-1));
  });

  it.each<[string, string, Read[]]>([
    ["nothing when it is denied", "npm test && git push", []],
    ["everything when it is run", "npm test", [{ kind: "command", inputs: undefined }]],
  ])("learns from a command %s, which others may change", async (_, command, learnt) => {
    const saw: Read[] = [];
    const files = memoryWorkspace(new Map(Object.entries(base)));
    const workspace = { ...files, witness: { files, saw: (one: Read) => void saw.push(one) } };
    const script: AttemptScript = (_request, number) =>
      number === 0 ? { calls: [["run", { command }]] } : { text: "I cannot." };
    await runAttempt(bench(base), { script, task: exampleTask(workspace) });
    expect(saw.filter(({ kind }) => kind === "command")).toEqual(learnt);
  });
});
