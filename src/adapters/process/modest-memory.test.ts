import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { keepMemoryModest } from "./modest-memory.ts";

const modest: string[] = [];
keepMemoryModest((flag) => modest.push(flag));

/** What a process of its own prints, which changes its settings while it runs. */
function printed(program: string, flags: readonly string[]): unknown {
  const set = `for (const flag of ${JSON.stringify(flags)}) require("node:v8").setFlagsFromString(flag);`;
  const ended = spawnSync(process.execPath, ["-e", `${set}\n${program}`], {
    encoding: "utf8",
  });
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

/** How many calls it took until a function was compiled better than at first; 0 for never. */
const warm = `
  const isAsFirst = new Function("f", "return %ActiveTierIsIgnition(f)");
  const add = (sum, one) => sum + one * one;
  function callsUntilWarm() {
    let sum = 0;
    for (let calls = 1; calls < 500_000_000; calls += 1) {
      sum = add(sum, calls) % 1000;
      if (!isAsFirst(add)) return calls;
    }
    return 0;
  }
  // Or it would take the other one into itself.
  new Function("f", "%NeverOptimizeFunction(f)")(callsUntilWarm);
  console.log(callsUntilWarm());
`;

test("room for what was just made grows no further", () => {
  expect(printed(churn, [])).toBeGreaterThan(4e6);
  expect(printed(churn, modest)).toBeLessThan(3e6);
});

test("WebAssembly is compiled once", () => {
  expect(printed(count, ["--allow-natives-syntax", ...modest])).toBe(true);
});

test("what runs now and then is not compiled again, what runs all the time is", () => {
  const usual = Number(printed(warm, ["--allow-natives-syntax"]));
  const late = Number(printed(warm, ["--allow-natives-syntax", ...modest]));
  expect([usual > 0, late > 3 * usual]).toEqual([true, true]);
});

test("a V8 that nobody has tried is given no words that it may not know", () => {
  const flags: string[] = [];
  keepMemoryModest((flag) => flags.push(flag), "99.1.2");
  expect(flags.filter((flag) => /budget|count/.test(flag))).toEqual([]);
});
