import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import { writeFiles } from "../../delivery/agent/vcs.contract.ts";
import type { VerificationReport } from "../../delivery/verification/verification.port.ts";
import { createVerifier } from "../../delivery/verification/verifier.ts";
import type { Verifier } from "../../delivery/verification/verification.port.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox, registryHosts } from "../sandbox/create-sandbox.ts";
import { createGit } from "../vcs/git.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { createDependencyStore } from "./dependency-store.ts";
import { createFileEvidence } from "./file-evidence.ts";
import { createScratchCheckouts } from "./scratch-checkouts.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-runners-"));
const fixture = join(import.meta.dirname, "../../../test/fixtures/projects/runners");
let vcs: Vcs;
let verifier: Verifier;
let lockfile = "";

afterAll(() => rm(base, { recursive: true, force: true }));
beforeAll(async () => {
  const home = join(base, "home");
  await mkdir(home, { mode: 0o700 });
  lockfile = await readFile(join(fixture, "package-lock.json"), "utf8");
  const runner = createProcessRunner();
  vcs = createGit({
    runner,
    scratch: join(home, "work", "git"),
    searchPath: process.env["PATH"] ?? "",
  });
  const sandbox = await createSandbox({
    preference: "auto",
    runner,
    autosdHome: home,
    scratchDirectory: join(home, "work", "sandbox"),
    clock: systemClock,
    ids: systemIds,
    environment: process.env,
  });
  verifier = createVerifier({
    sandbox,
    checkouts: createScratchCheckouts({ scratch: join(home, "work", "gates"), vcs, openWorkspace }),
    dependencies: createDependencyStore({
      cacheFolder: join(home, "cache"),
      sandbox,
      clock: systemClock,
      leases: { share: async () => undefined },
      isReachable: async () => true,
      registryHosts: () => registryHosts({ runner, environment: process.env }),
      environment: {},
      platform: "test",
    }),
    evidence: createFileEvidence({ cacheFolder: join(home, "cache", "evidence") }),
    clock: systemClock,
    platform: "test",
  });
});

type Files = Readonly<Record<string, string>>;
let folders = 0;

async function treeOf(repository: string, files: Files): Promise<string> {
  const from = join(base, `f${String((folders += 1))}`);
  await mkdir(from);
  await writeFiles(from, files);
  return vcs.snapshot(repository, from);
}

/** A story that adds one test file to a project with one. */
async function judged(before: Files, added: Files): Promise<VerificationReport> {
  const repository = join(base, `r${String((folders += 1))}`);
  await mkdir(repository);
  await vcs.initialise(repository);
  const baseTree = await treeOf(repository, before);
  const tree = await treeOf(repository, { ...before, ...added });
  const acceptanceTests = Object.keys(added).filter((path) => path.includes("test/new"));
  return verifier.verify(
    {
      ...{ projectId: "sample", repository, baseTree, tree, mayInstall: true },
      story: {
        id: "ST-1",
        criteria: [{ id: "AC-1.1", given: "a", when: "b", then: "c" }],
        proposal: { summary: "adds", acceptanceTests, changedTests: [] },
      },
      existing: { tree: baseTree, absentGates: ["docs", "sbom"] },
    },
    AbortSignal.timeout(240_000),
  );
}

/** How tests are written for a runner: a file with one test that the fact holds. */
interface Style {
  readonly script: string;
  readonly file: (name: string) => string;
  readonly test: (name: string, fact: string) => string;
  /** It takes seconds to start: only the honest story is judged. */
  readonly isSlow?: true;
}

const plainTest = (head: string) => (name: string, fact: string) =>
  `${head}import { number } from "../number.js";\nit("${name}", () => {\n  assert.equal(number, ${fact});\n});\n`;
const assertHead = 'import assert from "node:assert/strict";\n';

const styles: Readonly<Record<string, Style>> = {
  vitest: {
    script: "vitest run",
    file: (name) => `test/${name}.test.js`,
    test: (name, fact) =>
      `import { expect, it } from "vitest";\nimport { number } from "../number.js";\nit("${name}", () => {\n  expect(number).toBe(${fact});\n});\n`,
  },
  jest: {
    script: "node --experimental-vm-modules node_modules/jest/bin/jest.js",
    file: (name) => `test/${name}.test.js`,
    test: (name, fact) =>
      `import { number } from "../number.js";\nit("${name}", () => {\n  expect(number).toBe(${fact});\n});\n`,
  },
  mocha: {
    script: "mocha --reporter dot --check-leaks test/",
    file: (name) => `test/${name}.js`,
    test: plainTest(assertHead),
  },
  "node --test": {
    script: "node --test",
    file: (name) => `test/${name}.js`,
    test: plainTest(`${assertHead}import { it } from "node:test";\n`),
  },
  tap: {
    script: "tap --reporter=terse",
    file: (name) => `test/${name}.js`,
    test: (name, fact) =>
      `import t from "tap";\nimport { number } from "../number.js";\nt.test("${name}", async (t) => {\n  t.equal(number, ${fact});\n});\n`,
    isSlow: true,
  },
  ava: {
    script: "npm run unit",
    file: (name) => `test/${name}.js`,
    test: (name, fact) =>
      `import test from "ava";\nimport { number } from "../number.js";\ntest("${name}", (t) => {\n  t.is(number, ${fact});\n});\n`,
  },
};

const devDependencies = {
  vitest: "4.1.12",
  jest: "29.7.0",
  mocha: "12.0.3",
  ava: "6.4.1",
  tap: "21.8.0",
};

function project({ script, file, test }: Style): Files {
  return {
    "package.json": JSON.stringify({
      name: "runners",
      private: true,
      type: "module",
      scripts: { test: script, unit: "ava" },
      devDependencies,
    }),
    "package-lock.json": lockfile,
    "number.js": "export const number = 1;\n",
    [file("old")]: test("is one", "1"),
    [file("other")]: test("is still one", "1"),
  };
}

function findings(report: VerificationReport): Readonly<Record<string, string>> {
  const known = ["tests", "acceptance", "test-integrity"];
  return Object.fromEntries(
    report.evidence
      .filter((one) => known.includes(one.gate) || one.verdict !== "green")
      .map((one) => [one.gate, `${one.verdict}: ${one.finding}`]),
  );
}

describe("tests written for", () => {
  it.concurrent.each(Object.entries(styles))(
    "%s are judged by its own report",
    async (_name, style) => {
      const before = project(style);
      const file = style.file("new");
      const added = (fact: string): Files => ({
        "number.js": "export const number = 1;\nexport const two = 2;\n",
        [file]: style.test("AC-1.1 is two", fact).replaceAll(/\bnumber\b(?!\.js)/g, "two"),
      });
      const right = findings(await judged(before, added("2")));
      expect(right).toEqual({
        tests: "green: 3 tests passed",
        acceptance: "green: 1 criterion met by tests that fail without the story",
        "test-integrity": "green: 2 existing tests kept, 3 now; no gate was changed",
      });
      if (style.isSlow === true) return;
      const weaker = {
        ...added("3"),
        [style.file("old")]: style
          .test("is one", "1")
          .replace(/\n.*number, ?1.*\n|\n.*toBe\(1\).*\n/, "\n"),
      };
      const wrong = findings(await judged(before, weaker));
      expect(wrong["tests"]).toMatch(
        // For ava a test that asserts nothing fails as well.
        new RegExp(`^red: [12] of 3 tests failed; first "(?:AC-1\\.1 is two" in ${file}|is one")`),
      );
      expect(wrong["acceptance"]).toMatch(/^red: "AC-1\.1 is two" failed/);
      expect(wrong["test-integrity"]).toContain('red: "is one" in ' + style.file("old"));
    },
    240_000,
  );
});

describe("a test that passes without the story", () => {
  const style = styles["mocha"];
  const acceptanceOf = async (added: Files): Promise<string> => {
    if (style === undefined) throw new Error("mocha has no style");
    return findings(await judged(project(style), added))["acceptance"] ?? "";
  };
  const importing = `${assertHead}import { two } from "../two.js";
it("AC-1.1 is two", () => {
  assert.equal(two, 2);
});
`;
  const idle = plainTest(assertHead)("AC-1.1 shows nothing", "1");
  const two = { "two.js": "export const two = 2;\n" };

  it.concurrent(
    "is not hidden by one beside it that cannot be loaded",
    async () => {
      const honest = { ...two, "test/new.js": importing };
      expect(await acceptanceOf(honest)).toMatch(/^green/);
      expect(await acceptanceOf({ ...honest, "test/new-idle.js": idle })).toBe(
        'red: "AC-1.1 shows nothing" passes without the story, so it shows nothing',
      );
    },
    240_000,
  );

  it.concurrent(
    "is not hidden by ending the process",
    async () => {
      const ending = `import { existsSync } from "node:fs";\nif (!existsSync("two.js")) process.exit(1);\n${idle}`;
      expect(await acceptanceOf({ ...two, "test/new.js": ending })).toContain(
        "red: the acceptance tests could not be tried without the story",
      );
    },
    240_000,
  );
});
