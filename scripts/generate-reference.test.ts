import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { options } from "../src/config/options.ts";

const root = join(import.meta.dirname, "..");
let house = "";

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), "autosd-house-"));
  for (const part of [
    "scripts/generate-reference.mjs",
    "scripts/reference",
    "src/kernel",
    "src/config",
  ])
    cpSync(join(root, part), join(house, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
});

afterAll(() => {
  rmSync(house, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

function generate(...args: string[]): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, [join(house, "scripts/generate-reference.mjs"), ...args], {
    encoding: "utf8",
    cwd: tmpdir(),
  });
}

function page(name: string): string {
  return readFileSync(join(house, "docs/reference", name), "utf8");
}

const error = (more = ""): string =>
  `{ exitCode: 5, summary: "The barn | is\\nfull.", remedy: "Sell hay.", retryable: true${more} }`;

describe("the generated reference", () => {
  test("has each error of each table, sorted, and each option", () => {
    write("src/barn/errors.ts", `export const barnErrors = { "AUTOSD-BARN-FULL": ${error()} };`);
    expect(generate()).toMatchObject({ status: 0, stderr: "" });
    const codes = [...page("errors.md").matchAll(/`(AUTOSD-[A-Z-]+)`/g)].map((match) => match[1]);
    expect(codes).toEqual([
      "AUTOSD-BARN-FULL",
      "AUTOSD-CONFIG-INVALID",
      "AUTOSD-CONFIG-UNREADABLE",
      "AUTOSD-DISK-FULL",
    ]);
    expect(page("errors.md")).toContain("| 5 | The barn \\| is full. | Sell hay. | yes |");
    expect(page("config.md")).toMatch(
      /## maxTaskAttempts\n[^#]*from 1 to 20[^#]*AUTOSD_MAX_TASK_ATTEMPTS/,
    );
  });

  test("is fresh right after it was written, and stale once the source says something else", () => {
    expect(generate("--check")).toMatchObject({ status: 0, stderr: "" });
    const before = page("errors.md");
    write("src/barn/errors.ts", `export const barnErrors = { "AUTOSD-BARN-BURNT": ${error()} };`);
    const { status, stderr } = generate("--check");
    expect(status).toBe(1);
    expect(stderr).toContain("docs/reference/errors.md is stale; npm run generate");
    expect(stderr).toMatch(/^- .*AUTOSD-BARN-FULL/m);
    expect(stderr).toMatch(/^\+ .*AUTOSD-BARN-BURNT/m);
    expect(page("errors.md")).toBe(before);
  });

  test.each([
    [
      "a code that two rooms define",
      { "AUTOSD-CONFIG-INVALID": error() },
      "AUTOSD-CONFIG-INVALID is defined in src/barn/errors.ts too",
    ],
    [
      "a code of another form",
      { "BARN-FULL": error() },
      "BARN-FULL is not of the form AUTOSD-WORDS",
    ],
    [
      "an unknown exit code",
      { "AUTOSD-BARN": error(", exitCode: 9") },
      "AUTOSD-BARN has no known exit code (9)",
    ],
    ["a missing remedy", { "AUTOSD-BARN": error(', remedy: " "') }, "AUTOSD-BARN has no remedy"],
  ])("refuses %s", (_name, table, problem) => {
    const entries = Object.entries(table).map(([code, spec]) => `"${code}": ${spec}`);
    write("src/barn/errors.ts", `export const barnErrors = { ${entries.join(", ")} };`);
    const { status, stderr } = generate();
    expect(status).toBe(1);
    expect(stderr).toContain(problem);
  });

  test("has the help of each command, and refuses an option whose flag no command has", () => {
    write("src/barn/errors.ts", "export {};");
    const program = (flags: string): string => `
      import { Command } from "commander";
      export function buildProgram(context: { stdout: { write(text: string): void } }): Command {
        const program = new Command("autosd").configureOutput({ writeOut: (text) => context.stdout.write(text) });
        program.command("feed").description("feeds the cow")${flags};
        return program;
      }`;
    write("src/cli/program.ts", program(""));
    expect(generate()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "config option logFile: no command has the flag --log-file",
      ) as string,
    });
    const flags = Object.values(options).flatMap(({ flag }) => flag ?? []);
    expect(flags).toContain("--verbose");
    write("src/cli/program.ts", program(flags.map((flag) => `.option("${flag} <x>")`).join("")));
    expect(generate()).toMatchObject({ status: 0, stderr: "" });
    expect(page("cli.md")).toMatch(
      /## autosd feed\n\n```text\nUsage: autosd feed [^`]*feeds the cow/,
    );
  });
});
