import { describe, expect, it } from "vitest";
import {
  bench,
  exampleTask,
  memoryWorkspace,
  runAttempt,
  type AttemptScript,
} from "../../../../test/support/scripted-attempt.ts";
import { createTreeSitterSymbols } from "../../../adapters/outline/tree-sitter-symbols.ts";
import type { Read } from "../read-set.ts";

const base = {
  "src/numbers.ts": "export function sumOf(a: number, b: number): number {\n  return a + b;\n}\n",
  "src/clock.ts": "export const now = 1;\n",
  "src/large.ts": `export class First {}\n${`// ${"words ".repeat(20)}\n`.repeat(400)}export function last() {}\n`,
};
const reading: AttemptScript = (_, number) =>
  number === 0
    ? { calls: [["read", { path: "src/large.ts" }]] }
    : { calls: [["write", { path: `a${number}.txt`, content: "x" }]] };
const looking: AttemptScript = (request, number) =>
  number < 2
    ? reading(request, number)
    : { calls: [["done", { summary: "s", acceptanceTests: ["a1.txt"] }]] };

describe("what an attempt sees of a project", { timeout: 60_000 }, () => {
  it("begins with what the files around its story declare, which counts as read", async () => {
    const on = bench(base);
    const symbols = createTreeSitterSymbols();
    const saw: Read[] = [];
    const files = memoryWorkspace(new Map(Object.entries(base)));
    const workspace = { ...files, witness: { files, saw: (one: Read) => void saw.push(one) } };
    await runAttempt(on, { script: looking, symbols, task: { ...exampleTask(workspace) } });
    const [first] = on.requests[0]?.messages ?? [];
    expect(first?.role === "user" ? first.text : "").toContain(
      "# What some files declare, by line\nsrc/numbers.ts: 1 function sumOf\n",
    );
    expect(saw).toContainEqual({ kind: "file", path: "src/numbers.ts" });
    expect(saw).not.toContainEqual({ kind: "file", path: "src/clock.ts" });
  });

  it("is told where to go on in a file that had to be cut", async () => {
    const on = bench(base);
    await runAttempt(on, { script: looking, symbols: createTreeSitterSymbols() });
    const answer = on.requests[1]?.messages.at(-1);
    const text = answer?.role === "tool" ? (answer.results[0]?.text ?? "") : "";
    expect(text).toContain("characters cut");
    expect(text.endsWith("[by line: 1 class First; 402 function last]")).toBe(true);
    expect(text.length).toBeLessThanOrEqual(16_000);
  });

  it("holds no secret of a file that it looks into", async () => {
    const token = ["ghp", "Zq8RtW3vYx5Lm2Nb7Kc4Jh6Gf1DsPa9QeUo0"].join("_");
    const on = bench({ "src/numbers.ts": `export function ${token}() {}\n` });
    await runAttempt(on, { script: looking, symbols: createTreeSitterSymbols() });
    expect(JSON.stringify(on.requests[0])).toContain("src/numbers.ts");
    expect(JSON.stringify(on.requests)).not.toContain(token);
  });
});
