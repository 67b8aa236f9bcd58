import { describe, expect, it } from "vitest";
import { detectToolchain } from "./detect-toolchain.ts";
import type { CommandGate, ToolchainProfile } from "./toolchain.ts";

type Files = Readonly<Record<string, string>>;

async function profileOf(files: Files): Promise<ToolchainProfile> {
  const found = await detectToolchain({
    paths: Object.keys(files).sort(),
    readText: async (path) => files[path],
  });
  if ("kind" in found) throw new Error(found.reason);
  return found;
}

function lockOf(dependencies: Readonly<Record<string, string>>): string {
  const packages = Object.entries(dependencies).map(
    ([name, version]) => [`node_modules/${name}`, { version }] as const,
  );
  return JSON.stringify({
    lockfileVersion: 3,
    packages: { "": { dependencies }, ...Object.fromEntries(packages) },
  });
}

async function nodeGate(
  scripts: Readonly<Record<string, string>>,
  name: string,
): Promise<CommandGate | undefined> {
  const profile = await profileOf({ "package.json": JSON.stringify({ scripts }) });
  return profile.gates.find((gate) => gate.name === name);
}

describe("a Node project", () => {
  it.each([
    ["vitest run", "vitest-json", 'vitest run "$@"'],
    ["npx vitest run --coverage", "vitest-json", 'npx vitest run --coverage "$@"'],
    ["NODE_ENV=test vitest run", "vitest-json", 'NODE_ENV=test vitest run "$@"'],
    ["tsc && jest", "vitest-json", 'tsc && jest "$@"'],
    ["mocha test", "mocha-json", 'mocha test "$@"'],
    ["./node_modules/.bin/vitest run", "vitest-json", './node_modules/.bin/vitest run "$@"'],
  ])("is tested by %j with a report", async (script, format, text) => {
    const gate = await nodeGate({ test: script }, "tests");
    expect(gate).toMatchObject({ reportFormat: format, report: ".autosd-report/tests.json" });
    expect(gate?.refusal).toBeUndefined();
    expect(gate?.command[2]).toBe(text);
    expect(gate?.command.join(" ")).toContain(".autosd-report/tests.json");
  });

  it("is tested by node itself with a reporter of autosd's own", async () => {
    const gate = await nodeGate({ test: "node --import ./setup.mjs --test test/" }, "tests");
    expect(gate?.reportFormat).toBe("node-events");
    expect(gate?.command[2]).toMatch(
      /^node --import \.\/setup\.mjs --test --test-reporter=\S+ --test-reporter-destination=\S+ .* test\/ "\$@"$/,
    );
  });

  it.each([
    ["exit 0", "runs nothing"],
    ["true", "runs nothing"],
    ["echo ok", "runs nothing"],
    [":", "runs nothing"],
    ["vitest run || true", "hides the exit code"],
    ["vitest run; exit 0", "hides the exit code"],
    ["vitest run | cat", "hides the exit code"],
    ["node check.js", "runs no test runner"],
    ["sh -c 'vitest run'", "runs no test runner"],
    ["vitest run & exit", "runs no test runner"],
  ])("is not tested by %j", async (script, words) => {
    expect((await nodeGate({ test: script }, "tests"))?.refusal).toContain(words);
  });

  it("is not tested without a script, nor with scripts around it", async () => {
    expect((await nodeGate({}, "tests"))?.refusal).toBe('package.json has no script "test"');
    expect((await nodeGate({ test: "vitest run", pretest: "x" }, "tests"))?.refusal).toContain(
      'a script "pretest"',
    );
  });

  it("has the gates that its scripts name", async () => {
    const scripts = {
      lint: "eslint .",
      "format:check": "prettier --check .",
      typecheck: "tsc --noEmit",
      test: "vitest run",
    };
    const profile = await profileOf({ "package.json": JSON.stringify({ scripts }) });
    expect(profile.gates.map((gate) => gate.name)).toEqual(["format", "lint", "types", "tests"]);
    expect((await nodeGate({ lint: "true" }, "lint"))?.refusal).toContain("runs nothing");
  });

  it.each<[string, Files, string]>([
    [
      "no lockfile",
      { "package.json": '{"dependencies":{"a":"1"}}' },
      "there is no package-lock.json",
    ],
    [
      "another manager's lockfile",
      { "package.json": '{"dependencies":{"a":"1"}}', "pnpm-lock.yaml": "" },
      "pnpm-lock.yaml is not supported",
    ],
    [
      "a lockfile of another manifest",
      { "package.json": '{"dependencies":{"a":"1"}}', "package-lock.json": lockOf({ a: "2" }) },
      "a is 1 there and 2 here",
    ],
    [
      "a dependency on a folder",
      {
        "package.json": '{"dependencies":{"a":"file:../a"}}',
        "package-lock.json": JSON.stringify({
          lockfileVersion: 3,
          packages: {
            "": { dependencies: { a: "file:../a" } },
            "node_modules/a": { resolved: "../a", link: true },
          },
        }),
      },
      "node_modules/a is a dependency on a local folder",
    ],
  ])("cannot be installed with %s", async (_name, files, words) => {
    expect((await profileOf(files)).install.refusal).toContain(words);
  });

  it("is not locked without a lockfile of npm, which is another thing than one that is wrong", async () => {
    const manifest = { "package.json": '{"dependencies":{"a":"1"}}' };
    const unlocked = async (files: Files) => (await profileOf(files)).install.unlocked;
    expect(await unlocked({ ...manifest, "yarn.lock": "" })).toContain(
      "yarn.lock is not supported",
    );
    expect(await unlocked(manifest)).toContain("there is no package-lock.json");
    expect(
      await unlocked({ ...manifest, "package-lock.json": lockOf({ a: "2" }) }),
    ).toBeUndefined();
    expect(await unlocked({ "package.json": "{}", "yarn.lock": "" })).toBeUndefined();
  });

  it("can be installed from its lockfile, or needs nothing", async () => {
    const files = {
      "package.json": '{"dependencies":{"a":"1"}}',
      "package-lock.json": lockOf({ a: "1" }),
    };
    expect((await profileOf(files)).install).toMatchObject({
      needed: true,
      lockfile: "package-lock.json",
    });
    expect((await profileOf(files)).install.refusal).toBeUndefined();
    expect((await profileOf({ "package.json": "{}" })).install.needed).toBe(false);
  });
});

describe("a Python project", () => {
  it("uses what its requirements pin", async () => {
    const profile = await profileOf({
      "pyproject.toml": "[tool.ruff.format]\n",
      "requirements.txt": "pytest==8.3.4\nruff==0.9.0\nmypy==1.14.0 # types\n",
    });
    expect(profile.id).toBe("python");
    expect(profile.gates.map((gate) => gate.name)).toEqual(["format", "lint", "types", "tests"]);
    expect(profile.gates.at(-1)).toMatchObject({ reportFormat: "junit" });
    expect(profile.install).toMatchObject({ needed: true, folder: ".venv" });
    expect(profile.install.refusal).toBeUndefined();
  });

  it("is tested with unittest when nothing is required, and refuses loose requirements", async () => {
    const plain = await profileOf({ "tests/test_a.py": "" });
    expect(plain.install.needed).toBe(false);
    expect(plain.gates.map((gate) => gate.reportFormat)).toEqual(["unittest-json"]);
    const loose = await profileOf({ "requirements.txt": "flask>=2\n" });
    expect(loose.install).toMatchObject({
      needed: true,
      unpinned: "requirements do not pin flask to one version",
    });
    const declared = await profileOf({ "pyproject.toml": '[project]\ndependencies = ["flask"]\n' });
    expect(declared.install).toMatchObject({ needed: true, lockfile: "pyproject.toml" });
    expect(declared.install.refusal).toBeUndefined();
  });
});

it("says so when it knows neither", async () => {
  const unknown = async (files: Files) =>
    detectToolchain({ paths: Object.keys(files), readText: async (path) => files[path] });
  expect(await unknown({})).toMatchObject({ kind: "unknown", reason: "the project has no files" });
  expect(await unknown({ "main.c": "" })).toMatchObject({ kind: "unknown" });
  expect(await unknown({ "package.json": "{" })).toMatchObject({ kind: "unknown" });
});
