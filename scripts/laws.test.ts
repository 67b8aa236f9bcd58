import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let house: string;

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), "autosd-laws-"));
  mkdirSync(join(house, "scripts"));
  copyFileSync(join(import.meta.dirname, "laws.mjs"), join(house, "scripts/laws.mjs"));
  // The ports that the laws excuse by name.
  for (const [, port] of readFileSync(join(house, "scripts/laws.mjs"), "utf8").matchAll(
    /"(src\/\S+\.port\.ts)"/g,
  ))
    write(port ?? "", "");
});

afterEach(() => {
  rmSync(house, { recursive: true, force: true });
});

function write(path: string, code: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), code);
}

function broken(): string {
  const ended = spawnSync(process.execPath, [join(house, "scripts/laws.mjs")], {
    encoding: "utf8",
  });
  expect(ended.status).toBe(ended.stderr === "" ? 0 : 1);
  return ended.stderr;
}

describe("the laws of the house", () => {
  it("are silent about a house in order", () => {
    write("src/kernel/clock.port.ts", "");
    write("src/kernel/clock.contract.ts", "");
    write("src/a/errors.ts", 'const a = {\n  "AUTOSD-A-GONE": { exitCode: 2 },\n};\n');
    write("src/b/errors.ts", 'const b = {\n  "AUTOSD-B-GONE": { exitCode: 2 },\n};\n');
    write("src/b/b.ts", "// eslint-disable-next-line no-control-regex -- terminals send these\n");
    const assertion = "@typescript-eslint/no-unsafe-type-assertion";
    write(
      "src/b/c.ts",
      `// eslint-disable-next-line ${assertion} -- each value came by its schema\n`,
    );
    expect(broken()).toBe("");
  });

  it("refuse a port without a contract suite", () => {
    write("src/state/things.port.ts", "");
    expect(broken()).toBe(
      "src/state/things.port.ts has no contract suite src/state/things.contract.ts\n",
    );
  });

  it("refuse an excuse that is no longer needed", () => {
    write("src/delivery/verification/verification.contract.ts", "");
    expect(broken()).toContain("verification.port.ts, which has a contract suite");
  });

  it("refuse two rooms with the same error code", () => {
    write("src/a/errors.ts", 'const a = {\n  "AUTOSD-GONE": { exitCode: 2 },\n};\n');
    write("src/b/errors.ts", 'const b = {\n  "AUTOSD-GONE": { exitCode: 2 },\n};\n');
    expect(broken()).toBe("AUTOSD-GONE is defined 2 times: src/a/errors.ts, src/b/errors.ts\n");
  });

  it.each([
    ["a wall", "// eslint-disable-next-line no-restricted-syntax -- needed"],
    ["everything", "/* eslint-disable */"],
    ["everything, with words", "/* eslint-disable -- needed */"],
    ["unsafe types", "x(); // eslint-disable-line @typescript-eslint/no-unsafe-return -- needed"],
    [
      "assertions beside a minted value",
      "// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- VerifiedTree",
    ],
    [
      "instances of other classes beside a minted value",
      "// eslint-disable-next-line rule/no-unsafe-class-instance-assignment -- Authorization",
    ],
  ])("refuse a comment that switches off %s", (_, line) => {
    write("src/a/a.ts", `\n${line}\n`);
    expect(broken()).toBe("src/a/a.ts:2 switches off a rule that holds a wall\n");
  });

  it("refuse a rule switched off without a reason", () => {
    write("src/a/a.ts", "// eslint-disable-next-line no-control-regex\n");
    expect(broken()).toContain("src/a/a.ts:1 switches off a rule without a reason");
  });
});
