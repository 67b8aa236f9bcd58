import { describe, expect, it } from "vitest";
import { concerned } from "./node-gates.ts";
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
    ["vitest run; echo 'done'", "runs no test runner"],
    ["vitest run & exit", "runs no test runner"],
  ])("is not tested by %j", async (script, words) => {
    expect((await nodeGate({ test: script }, "tests"))?.refusal).toContain(words);
  });

  it("is not tested without a script", async () => {
    expect((await nodeGate({}, "tests"))?.refusal).toBe('package.json has no script "test"');
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["before and after", { pretest: "a", test: "mocha", posttest: "b" }, 'a && mocha "$@" && b'],
    [
      "that it calls",
      { test: "npm run lint && yarn unit", lint: "xo", unit: "mocha x" },
      'xo && mocha x "$@"',
    ],
    ["of scripts", { test: "pnpm run a", a: "npm run b", b: "jest" }, 'jest "$@"'],
    ["that call each other", { test: "npm run a && jest", a: "npm test" }, 'npm test && jest "$@"'],
  ])("is tested with the scripts %s", async (_name, scripts, text) => {
    expect((await nodeGate(scripts, "tests"))?.command[2]).toBe(text);
  });

  it.each([
    ["xo && ava && tsd", "tap", /^xo && \{ ava "\$@" > \S+; .* \} && tsd$/],
    [
      "c8 --reporter=lcov mocha --reporter spec -R dot 'test/**/*.js'",
      "mocha-json",
      /^c8 --reporter=lcov mocha 'test\/\*\*\/\*\.js' "\$@"$/,
    ],
    ["tsc && pnpm vitest run", "vitest-json", /^tsc && pnpm vitest run "\$@"$/],
    ["yarn exec c8 mocha", "mocha-json", /^yarn exec c8 mocha "\$@"$/],
    ["tap", "tap", /^\{ tap "\$@" > /],
    [
      "node --experimental-vm-modules node_modules/jest/bin/jest.js",
      "vitest-json",
      /jest\.js "\$@"$/,
    ],
    ["tsx --test 'a && b'", "node-events", /^tsx --test --test-reporter/],
  ])("is tested by %j, as people write it", async (script, format, text) => {
    const gate = await nodeGate({ test: script }, "tests");
    expect(gate?.refusal).toBeUndefined();
    expect(gate?.reportFormat).toBe(format);
    expect(gate?.command[2]).toMatch(text);
  });

  describe("of several packages", () => {
    const many = async (root: Readonly<Record<string, string>>) =>
      profileOf({
        "package.json": JSON.stringify({ scripts: root, workspaces: ["packages/*"] }),
        "packages/core/package.json": '{"name":"core","scripts":{"test":"mocha","lint":"xo"}}',
        "packages/web/package.json":
          '{"name":"web","scripts":{"test":"jest"},"dependencies":{"core":"*"}}',
        "packages/docs/package.json": '{"name":"docs","scripts":{"test":"node check.js"}}',
        "packages/none/package.json": '{"name":"none"}',
        "package-lock.json": "{}",
      });
    const testsOf = ({ gates }: ToolchainProfile): CommandGate => {
      const found = gates.find((gate) => gate.name === "tests");
      if (found === undefined) throw new Error("no tests");
      return found;
    };

    it("is tested by the root's script where that runs a test runner", async () => {
      const gate = testsOf(await many({ test: "vitest run" }));
      expect(gate.parts).toBeUndefined();
      expect(gate.reportFormat).toBe("vitest-json");
    });

    it.each(["npm test --workspaces", "turbo run test", "pnpm -r test"])(
      "is tested package by package with %j",
      async (test) => {
        const profile = await many({ test, lint: test.replace("test", "lint") });
        const gate = testsOf(profile);
        expect(gate.refusal).toBeUndefined();
        expect(
          gate.parts?.map(({ folder, uses, refusal }) => [folder, uses, refusal === undefined]),
        ).toEqual([
          ["packages/core", [], true],
          ["packages/docs", [], false],
          ["packages/web", ["packages/core"], true],
        ]);
        const lint = profile.gates.find(({ name }) => name === "lint");
        expect(lint?.parts?.map(({ folder }) => folder)).toEqual(["packages/core"]);
      },
    );

    it("asks of a story the packages that it touches and those that use them", async () => {
      const gate = testsOf(await many({}));
      const folders = (paths: readonly string[]) =>
        concerned(gate, paths).parts?.map(({ folder }) => folder.replace("packages/", ""));
      expect(folders(["packages/core/a.js"])).toEqual(["core", "web"]);
      expect(folders(["packages/web/a.js"])).toEqual(["web"]);
      expect(folders(["packages/docs/a.js"])).toEqual(["docs"]);
      expect(folders(["README.md"])).toEqual(["core", "docs", "web"]);
      expect(folders([])).toEqual(["core", "docs", "web"]);
    });
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
    ["no lockfile", { "package.json": '{"dependencies":{"a":"1"}}' }, "there is no lockfile"],
    [
      "a lockfile that is no text",
      { "package.json": '{"dependencies":{"a":"1"}}', "bun.lockb": "" },
      "bun.lockb is in bun's binary form",
    ],
    [
      "a program that decides what is installed",
      {
        "package.json": '{"dependencies":{"a":"1"}}',
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\n\npnpmfileChecksum: x\n",
      },
      ".pnpmfile.cjs, a program of the project",
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
      "node_modules/a is a dependency on a local folder or archive (../a)",
    ],
  ])("cannot be installed with %s", async (_name, files, words) => {
    expect((await profileOf(files)).install.refusal).toContain(words);
  });

  it("is not locked without a lockfile that can be read, which is another thing than one that is wrong", async () => {
    const manifest = { "package.json": '{"dependencies":{"a":"1"}}' };
    const installOf = async (files: Files) => (await profileOf(files)).install;
    const binary = await installOf({ ...manifest, "bun.lockb": "" });
    expect(binary.unlocked).toContain("bun.lockb");
    expect(binary.relock).toContain("bun install --save-text-lockfile");
    const bare = await installOf(manifest);
    expect(bare.unlocked).toContain("there is no lockfile");
    expect(bare.relock).toContain("npm install --package-lock ");
    const wrong = { ...manifest, "package-lock.json": lockOf({ a: "2" }) };
    expect((await installOf(wrong)).unlocked).toBeUndefined();
    expect((await installOf({ "package.json": "{}" })).unlocked).toBeUndefined();
  });

  it.each<[string, Readonly<Record<string, unknown>>, Files, string | undefined]>([
    [
      "what packageManager names",
      { packageManager: "pnpm@9.1.2" },
      { "pnpm-lock.yaml": "" },
      "pnpm@9.1.2",
    ],
    [
      "what packageManager names, among several lockfiles",
      { packageManager: "yarn@3.6.1+sha512.abc" },
      { "package-lock.json": lockOf({ a: "1" }), "yarn.lock": "__metadata:\n  version: 6\n" },
      "yarn@3.6.1+sha512.abc",
    ],
    [
      "npm, whatever else there is",
      {},
      { "package-lock.json": lockOf({ a: "1" }), "pnpm-lock.yaml": "" },
      undefined,
    ],
    [
      "devEngines",
      { devEngines: { packageManager: { name: "pnpm", version: "10.2.0" } } },
      { "pnpm-lock.yaml": "" },
      "pnpm@10.2.0",
    ],
    [
      "engines",
      { engines: { pnpm: "^9" } },
      { "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" },
      "pnpm@9.15.9",
    ],
    ["the lockfile of pnpm 7", {}, { "pnpm-lock.yaml": "lockfileVersion: 5.4\n" }, "pnpm@7.33.7"],
    ["the lockfile of pnpm 8", {}, { "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" }, "pnpm@8.15.9"],
    ["the lockfile of yarn 1", {}, { "yarn.lock": "# yarn lockfile v1\n" }, "yarn@1.22.22"],
    ["the lockfile of yarn 4", {}, { "yarn.lock": "__metadata:\n  version: 8\n" }, "yarn@4.18.1"],
    [
      "the yarn that is checked in",
      {},
      {
        "yarn.lock": "__metadata:\n  version: 8\n",
        ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.2.2.cjs\n",
      },
      "yarn@4.2.2",
    ],
    ["bun", {}, { "bun.lock": "{}" }, "bun@1.4.5"],
  ])("is installed by %s", async (_name, more, files, manager) => {
    const manifest = JSON.stringify({ dependencies: { a: "1" }, ...more });
    const { install } = await profileOf({ "package.json": manifest, ...files });
    const { name = "", version = "", digest } = install.manager ?? {};
    expect(
      install.manager === undefined
        ? undefined
        : `${name}@${version}${digest === undefined ? "" : `+${digest}`}`,
    ).toBe(manager);
  });

  it("gives a manager data only: no script, no registry, no plugin", async () => {
    const { install } = await profileOf({
      "package.json": JSON.stringify({
        dependencies: { a: "1" },
        scripts: { prepare: "evil" },
        workspaces: ["packages/*", "!packages/old"],
      }),
      "packages/one/package.json":
        '{"name":"one","bin":{"x":"./cli.js"},"scripts":{"test":"evil"}}',
      "packages/old/package.json": '{"name":"old"}',
      "patches/a.patch": "--- a\n",
      ".yarnrc.yml":
        "nodeLinker: pnp\nplugins:\n  - path: evil.cjs\nnpmRegistryServer: evil\npackageExtensions:\n  b@*:\n    dependencies:\n      c: 1\n",
      "yarn.lock": "__metadata:\n  version: 8\n",
    });
    expect(Object.keys(install.files ?? {}).sort()).toEqual([
      ".yarnrc.yml",
      "package.json",
      "packages/one/cli.js",
      "packages/one/package.json",
      "patches/a.patch",
      "yarn.lock",
    ]);
    expect(JSON.stringify(install.files)).not.toContain("evil");
    expect(install.files?.[".yarnrc.yml"]).toContain("      c: 1");
    expect(install.packageFolders).toEqual(["packages/one"]);
    const pnpm = await profileOf({
      "package.json": '{"dependencies":{"a":"1"}}',
      "pnpm-lock.yaml": "",
      ".npmrc": "registry=evil\n//host/:_authToken=evil\nshamefully-hoist=true\nnode-linker=pnp\n",
    });
    expect(pnpm.install.files?.[".npmrc"]).toBe("shamefully-hoist=true\n");
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
