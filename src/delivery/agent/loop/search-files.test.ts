import { describe, expect, it } from "vitest";
import { memoryWorkspace } from "../../../../test/support/scripted-attempt.ts";
import { compileLinePattern } from "../../../adapters/outline/line-patterns.ts";
import { searchFiles, type SearchQuestion } from "./search-files.ts";

const files = memoryWorkspace(
  new Map([
    ["README.md", "export function in words\n"],
    ["src/cart.ts", "export function addItem() {}\nexport const total = 1;\n"],
    ["src/deep/(x)/order.ts", "export async function addItems() {}\n"],
    ["src/view.tsx", "export function View() {}\n"],
    ["long.txt", "a".repeat(100_000)],
  ]),
);

async function found(question: Partial<SearchQuestion> & { readonly text: string }) {
  const asked = { folder: undefined, ignoreCase: false, ...question };
  const told = await searchFiles(files, asked, new AbortController().signal, async (...given) =>
    compileLinePattern(...given),
  );
  return told.split("\n").map((line) => line.slice(0, 60));
}

describe("a search", () => {
  it("for a text takes it as it is", async () => {
    expect(await found({ text: "addItem()" })).toEqual([
      "src/cart.ts:1: export function addItem() {}",
    ]);
    expect(await found({ text: "add.tem" })).toEqual(["No line holds it."]);
  });

  it("for a pattern finds the lines that fit it", async () => {
    expect(await found({ text: String.raw`function \w+Items?\(`, isPattern: true })).toEqual([
      "src/cart.ts:1: export function addItem() {}",
      "src/deep/(x)/order.ts:1: export async function addItems() {}",
    ]);
    expect(await found({ text: "^EXPORT CONST", isPattern: true, ignoreCase: true })).toEqual([
      "src/cart.ts:2: export const total = 1;",
    ]);
  });

  it.each([
    ["*.ts", ["src/cart.ts", "src/deep/(x)/order.ts"]],
    ["src/*.ts*", ["src/cart.ts", "src/view.tsx"]],
    ["**/order.ts", ["src/deep/(x)/order.ts"]],
    ["src/**/*.ts", ["src/cart.ts", "src/deep/(x)/order.ts"]],
    ["src/deep/(x)/*", ["src/deep/(x)/order.ts"]],
    ["READM?.md", ["README.md"]],
    ["*.py", ["No line holds it."]],
  ])("in the files that %s means", async (glob, paths) => {
    const lines = await found({ text: "export", files: glob });
    expect([...new Set(lines.map((line) => line.split(":")[0]))]).toEqual(paths);
  });

  it("with what is no pattern, or too large a one, says so", async () => {
    expect(await found({ text: "(", isPattern: true })).toEqual([
      "This is no pattern: error parsing regexp: missing closing ):",
    ]);
    const [large] = await found({ text: `[a-q]{900}[a-q]{900}[a-q]{900}`, isPattern: true });
    expect(large).toContain("too large");
  });

  it("is not slowed down by a pattern that others backtrack on for ever", async () => {
    const startMs = performance.now();
    await found({ text: "(a+)+$b", isPattern: true });
    await found({ text: "(a|aa)*c", isPattern: true });
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });
});
