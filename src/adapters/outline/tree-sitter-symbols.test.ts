import { expect, it } from "vitest";
import { symbolReaderContract } from "../../delivery/agent/outline/symbols.contract.ts";
import { createTreeSitterSymbols } from "./tree-sitter-symbols.ts";

symbolReaderContract("tree-sitter", () => createTreeSitterSymbols());

it("without the optional package there are no symbols, and nothing fails", async () => {
  const reader = createTreeSitterSymbols({ load: async () => undefined });
  expect(await reader.symbolsOf("a.ts", "class A {}")).toEqual([]);
});

it("loads nothing before the first file that it can read", async () => {
  let loads = 0;
  const reader = createTreeSitterSymbols({
    load: async () => {
      loads += 1;
      return undefined;
    },
  });
  expect(reader.understands("a.ts")).toBe(true);
  await reader.symbolsOf("README.md", "# Words");
  await reader.symbolsOf("a.ts", "x".repeat(1_000_000));
  expect(loads).toBe(0);
  await Promise.all([reader.symbolsOf("a.ts", "let a;"), reader.symbolsOf("b.ts", "let b;")]);
  expect(loads).toBe(1);
});
