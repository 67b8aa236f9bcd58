import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { keepMemoryModest } from "./modest-memory.ts";

const modest: string[] = [];
keepMemoryModest((flag) => modest.push(flag));

/** What a process of its own prints, which changes its settings while it runs. */
function printed(program: string, flags: readonly string[]): unknown {
  const set = `for (const flag of ${JSON.stringify(flags)}) require("node:v8").setFlagsFromString(flag);`;
  const ended = spawnSync(process.execPath, ["-e", `${set}\n${program}`], { encoding: "utf8" });
  expect([ended.status, ended.stderr]).toEqual([0, ""]);
  return JSON.parse(ended.stdout);
}

/** Much of what it makes lives long enough for V8 to want more room for it. */
const churn = `
  const kept = [];
  for (let index = 0; index < 1_000_000; index += 1) kept[index % 100_000] = { index };
  const spaces = require("node:v8").getHeapSpaceStatistics();
  console.log(spaces.find((one) => one.space_name === "new_space").space_size);
`;

/** Counts to ten million again and again: enough for V8 to compile it anew, and better. */
const count = `
  const bytes =
    "0061736d010000000104016000000302010007050101660000" +
    "0a18011601017f034020004101" + "6a22004180ade204480d000b0b";
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes, "hex"))).exports;
  const isAsFirst = new Function("f", "return %IsLiftoffFunction(f)");
  const round = () => {
    for (let index = 0; index < 10; index += 1) f();
  };
  for (let index = 0; index < 5; index += 1) round();
  // Whoever compiles it anew does so aside.
  setTimeout(() => {
    round();
    console.log(isAsFirst(f));
  }, 50);
`;

test("room for what was just made grows no further", () => {
  expect(printed(churn, [])).toBeGreaterThan(4e6);
  expect(printed(churn, modest)).toBeLessThan(3e6);
});

test("WebAssembly is compiled once", () => {
  expect(printed(count, ["--allow-natives-syntax", ...modest])).toBe(true);
});
