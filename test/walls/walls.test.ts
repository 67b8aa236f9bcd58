import { spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { innocent, plants, type Plant } from "./plants.ts";

const root = join(import.meta.dirname, "../..");

/** What the tools said: `<tool> <rule>` by file. */
const verdicts = new Map<string, Set<string>>();
let house: string;

function note(file: string, verdict: string): void {
  const known = verdicts.get(file) ?? new Set();
  verdicts.set(file, known.add(verdict));
}

function write(path: string, code: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), code);
}

/** A copy of the program with its real rules, and the planted files in it. */
function build(): void {
  // The tools report real paths; the temporary folder may be a symbolic link.
  house = realpathSync(mkdtempSync(join(tmpdir(), "autosd-walls-")));
  cpSync(join(root, "src"), join(house, "src"), {
    recursive: true,
    filter: (path) => !/\.(test|contract)\.ts$/.test(path),
  });
  for (const name of [
    "eslint.config.js",
    ".dependency-cruiser.cjs",
    "tsconfig.json",
    "package.json",
  ])
    cpSync(join(root, name), join(house, name));
  symlinkSync(join(root, "node_modules"), join(house, "node_modules"));
  for (const { path, code } of innocent) write(path, code);
  for (const plant of plants) {
    write(plant.path, plant.code);
    for (const [path, code] of Object.entries(plant.more ?? {})) write(path, code);
  }
  const files = [...plants, ...innocent].map((one) => one.path);
  const config = { extends: "./tsconfig.json", include: [], files };
  writeFileSync(join(house, "tsconfig.planted.json"), JSON.stringify(config));
}

/** Standard output of one of the tools, run as `npm run check` runs it. */
function outputOf(tool: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [join(root, "node_modules", tool), ...args], {
    cwd: house,
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve(Buffer.concat(chunks).toString());
    });
  });
}

async function importLaw(): Promise<void> {
  const text = await outputOf(
    "dependency-cruiser/bin/dependency-cruise.mjs",
    ...["--config", ".dependency-cruiser.cjs", "--output-type", "json", "src"],
  );
  const { summary } = JSON.parse(text) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  for (const { from, rule } of summary.violations) note(from, `import law ${rule.name}`);
}

async function lint(): Promise<void> {
  const linted = [...plants.filter((one) => one.refusal.tool === "lint"), ...innocent];
  const text = await outputOf(
    "eslint/bin/eslint.js",
    ...["--format", "json", ...linted.map((one) => one.path)],
  );
  const results = JSON.parse(text) as {
    filePath: string;
    messages: { ruleId: string | null; message: string; severity: number }[];
  }[];
  for (const { filePath, messages } of results)
    for (const { ruleId, message, severity } of messages)
      if (severity === 2) note(relative(house, filePath), `lint ${ruleId ?? message}`);
}

async function types(): Promise<void> {
  const text = await outputOf(
    "typescript/bin/tsc",
    "-p",
    "tsconfig.planted.json",
    "--pretty",
    "false",
  );
  for (const [, file, code] of text.matchAll(/^(\S+)\(\d+,\d+\): error TS(\d+)/gm))
    note(file ?? "", `types ${code ?? ""}`);
}

beforeAll(async () => {
  build();
  await Promise.all([lint(), importLaw().then(types)]);
}, 300_000);

afterAll(() => {
  rmSync(house, { recursive: true, force: true });
});

function expectedOf({ refusal }: Plant): string {
  return `${refusal.tool} ${refusal.tool === "types" ? refusal.code : refusal.rule}`;
}

describe("a planted break is refused", () => {
  it.each(plants.map((plant) => [plant.name, plant] as const))("when %s", (_, plant) => {
    expect([...(verdicts.get(plant.path) ?? [])]).toContain(expectedOf(plant));
  });
});

it("files that break nothing pass all tools", () => {
  expect(innocent.map(({ path }) => [path, [...(verdicts.get(path) ?? [])]])).toEqual(
    innocent.map(({ path }) => [path, []]),
  );
});
