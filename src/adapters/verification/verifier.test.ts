import { cp, mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFiles } from "../../delivery/agent/vcs.contract.ts";
import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import type { Evidence } from "../../delivery/backlog/backlog.ts";
import type {
  VerificationReport,
  VerificationRequest,
  Verifier,
} from "../../delivery/verification/verification.port.ts";
import { VerifiedTree } from "../../delivery/verification/verified-commit.ts";
import { createVerifier } from "../../delivery/verification/verifier.ts";
import { sha256 } from "../../kernel/hash.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox, registryHosts } from "../sandbox/create-sandbox.ts";
import { createGit } from "../vcs/git.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { createDependencyStore } from "./dependency-store.ts";
import { createFileEvidence } from "./file-evidence.ts";
import { createScratchCheckouts } from "./scratch-checkouts.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-verify-"));
const fixtures = join(import.meta.dirname, "../../../test/fixtures/projects");
const home = join(base, "home");
let vcs: Vcs;
let sandbox: Sandbox;
let verifier: Verifier;
let commands: string[] = [];

afterAll(() => rm(base, { recursive: true, force: true }));
beforeAll(async () => {
  const runner = createProcessRunner();
  await mkdir(home, { mode: 0o700 });
  vcs = createGit({
    runner,
    scratch: join(home, "work", "git"),
    searchPath: process.env["PATH"] ?? "",
  });
  const real = await createSandbox({
    preference: "auto",
    runner,
    autosdHome: home,
    scratchDirectory: join(home, "work", "sandbox"),
    clock: systemClock,
    ids: systemIds,
    environment: process.env,
  });
  sandbox = {
    ...real,
    run: (command) => {
      commands.push(command.command.join(" "));
      return real.run(command);
    },
  };
  verifier = newVerifier();
});

function newVerifier(box: Sandbox = sandbox): Verifier {
  return createVerifier({
    sandbox: box,
    checkouts: createScratchCheckouts({ scratch: join(home, "work", "gates"), vcs, openWorkspace }),
    dependencies: createDependencyStore({
      cacheFolder: join(home, "cache"),
      sandbox,
      clock: systemClock,
      leases: { share: async () => undefined },
      isReachable: async () => true,
      registryHosts: () =>
        registryHosts({ runner: createProcessRunner(), environment: process.env }),
      environment: {},
      platform: "test",
    }),
    evidence: createFileEvidence({ cacheFolder: join(home, "cache", "evidence") }),
    clock: systemClock,
    platform: "test",
  });
}

let folders = 0;
async function folder(): Promise<string> {
  const path = join(base, `f${String((folders += 1))}`);
  await mkdir(path);
  return path;
}

type Files = Readonly<Record<string, string | null>>;

/** A fixture with changes, as a tree of a fresh repository. */
async function treeOf(repository: string, fixture: string | undefined, files: Files) {
  const from = await folder();
  if (fixture !== undefined) await cp(join(fixtures, fixture), from, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    if (text === null) await rm(join(from, path));
    else await writeFiles(from, { [path]: text });
  }
  return vcs.snapshot(repository, from);
}

async function repository(): Promise<string> {
  const path = await folder();
  await vcs.initialise(path);
  return path;
}

const criterion = {
  id: "AC-2.1",
  given: "two numbers",
  when: "they are multiplied",
  then: "the product",
};
const proposal = {
  summary: "multiply",
  acceptanceTests: ["test/acceptance/st-2.test.js"],
  changedTests: [] as readonly string[],
};

const product: Files = {
  "src/multiply.js": "export const multiply = (a, b) => a * b;\n",
  "test/acceptance/st-2.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { multiply } from "../../src/multiply.js";
test("AC-2.1 multiplies two numbers", () => {
  assert.equal(multiply(2, 3), 6);
});
`,
};

async function judge(
  change: Files,
  options: {
    readonly fixture?: string;
    readonly before?: Files;
    readonly story?: VerificationRequest["story"] | null;
    readonly empty?: boolean;
  } = {},
): Promise<VerificationReport> {
  const fixture = options.fixture ?? "node-plain";
  const at = await repository();
  const baseTree =
    options.empty === true
      ? await vcs.treeOf(at, undefined)
      : await treeOf(at, fixture, options.before ?? {});
  const tree = await treeOf(at, fixture, { ...options.before, ...change });
  const story =
    options.story === undefined
      ? { id: "ST-2", criteria: [criterion], proposal }
      : (options.story ?? undefined);
  return verifier.verify(
    { projectId: "sample", repository: at, baseTree, tree, story, mayInstall: true },
    AbortSignal.timeout(240_000),
  );
}

function gate(report: VerificationReport, name: string): Evidence {
  const found = report.evidence.find((one) => one.gate === name);
  if (found === undefined) throw new Error(`no gate ${name}`);
  return found;
}

function reds(report: VerificationReport): readonly string[] {
  return report.evidence
    .filter((one) => one.verdict !== "green")
    .map((one) => `${one.gate}: ${one.finding}`);
}

describe("a story that is done", () => {
  it("is green on every gate, with what each verdict rests on", async () => {
    const report = await judge(product);
    expect(reds(report)).toEqual([]);
    expect(report.evidence.map((one) => [one.gate, one.finding])).toEqual([
      ["install", "there are no dependencies to install"],
      ["lint", "no problem found"],
      ["tests", "3 tests passed"],
      ["acceptance", "1 criterion met by tests that fail without the story"],
      ["test-integrity", "2 existing tests kept, 3 now; no gate was changed"],
      ["secrets", "no secret in 7 files"],
      ["sbom", "no third-party components"],
      ["docs", "README, its commands and links are right"],
    ]);
    expect(report.testsRun).toBe(3);
    expect(VerifiedTree.judge(report).kind).toBe("verified");
  });
});

const acceptanceFile = "test/acceptance/st-2.test.js";

describe("work that only looks done", () => {
  it.each<[string, Files, string]>([
    [
      "a failing test",
      { ...product, "src/multiply.js": "export const multiply = (a, b) => a + b;\n" },
      'tests: 1 of 3 tests failed; first "AC-2.1 multiplies two numbers" in test/acceptance/st-2.test.js: Expected values to be strictly equal: 5 !== 6',
    ],
    [
      "a test file that ends the process",
      {
        ...product,
        "test/add.test.js": null,
        "test/sum.test.js": `process.exit(0);
import { test } from "node:test";
test("AC-1.1 adds two numbers", () => {});
test("AC-1.2 keeps zero", () => {});
`,
      },
      "tests: test/sum.test.js holds 2 tests that were not run",
    ],
    [
      "a test that writes the report itself and stops the runner",
      {
        ...product,
        [acceptanceFile]: `import { writeFileSync } from "node:fs";
import { test } from "node:test";
test("AC-2.1 multiplies two numbers", () => {
  const line = JSON.stringify({ file: "/workspace/test/acceptance/st-2.test.js", name: "AC-2.1 multiplies two numbers", outcome: "passed" });
  writeFileSync(".autosd-report/tests.jsonl", line + '\\n{"end":true}\\n');
  process.kill(process.ppid, "SIGKILL");
});
`,
      },
      "tests: it was killed by SIGKILL (out of memory, or it killed itself)",
    ],
    [
      "a report that is a link to somewhere else",
      {
        ...product,
        [acceptanceFile]: `import { rmSync, symlinkSync } from "node:fs";
import { test } from "node:test";
test("AC-2.1 multiplies two numbers", () => {
  rmSync(".autosd-report", { recursive: true });
  symlinkSync("/etc", ".autosd-report");
});
`,
      },
      "tests: the test runner ended without a report of its results",
    ],
    [
      "a test script that runs nothing",
      {
        ...product,
        "package.json": JSON.stringify({
          name: "x",
          type: "module",
          scripts: { start: "node src/main.js", test: "exit 0" },
        }),
      },
      'tests: the script "exit 0" runs nothing',
    ],
    [
      "an acceptance test that passes without the story",
      {
        [acceptanceFile]: `import assert from "node:assert/strict";
import { test } from "node:test";
test("AC-2.1 multiplies two numbers", () => assert.equal(2 * 3, 6));
`,
      },
      'acceptance: "AC-2.1 multiplies two numbers" passes without the story, so it shows nothing',
    ],
    [
      "a criterion without a test",
      {
        ...product,
        [acceptanceFile]: `import { test } from "node:test";
import assert from "node:assert/strict";
import { multiply } from "../../src/multiply.js";
test("AC-2.10 multiplies two numbers", () => assert.equal(multiply(2, 3), 6));
`,
      },
      "acceptance: AC-2.1 has no test whose name begins with it",
    ],
    [
      "a deleted test",
      { ...product, "test/add.test.js": null },
      'test-integrity: test/add.test.js was deleted: "AC-1.1 adds two numbers" (and 1 more)',
    ],
  ])("is red: %s", async (_name, change, finding) => {
    const report = await judge(change);
    expect(reds(report).map((one) => one.slice(0, finding.length))).toContain(finding);
    expect(VerifiedTree.judge(report).kind).toBe("rejected");
  });

  it("says where a linter found what, and where a secret lies", async () => {
    const key = ["sk", "proj", "a1B2".repeat(12)].join("-");
    const report = await judge({
      ...product,
      "src/main.js": "export function add(a, b) {\n  return a +;\n}\n",
      "config.js": `// local settings\nexport const key = "${key}";\n`,
    });
    expect(gate(report, "lint")).toMatchObject({ verdict: "red", exitCode: 1 });
    expect(gate(report, "lint").finding).toMatch(/main\.js:2|SyntaxError/);
    expect(gate(report, "secrets").finding).toMatch(/^config\.js:2 holds a secret/);
    expect(JSON.stringify(report)).not.toContain(key);
  });
});

describe("the course of a verification", () => {
  it("takes the first story of an empty repository", async () => {
    const report = await judge(product, { empty: true });
    expect(reds(report)).toEqual([]);
  });

  it("never runs a green gate twice on one tree, in this process or the next", async () => {
    const at = await repository();
    const baseTree = await treeOf(at, "node-plain", {});
    const tree = await treeOf(at, "node-plain", { ...product, "unique.txt": "1" });
    const request: VerificationRequest = {
      projectId: "sample",
      repository: at,
      baseTree,
      tree,
      story: { id: "ST-2", criteria: [criterion], proposal },
      mayInstall: true,
    };
    commands = [];
    const first = await verifier.verify(request, AbortSignal.timeout(240_000));
    expect(reds(first)).toEqual([]);
    expect(commands).toHaveLength(3);
    commands = [];
    const whole = { ...request, story: undefined };
    const again = await newVerifier().verify(whole, AbortSignal.timeout(240_000));
    expect(commands).toEqual([]);
    expect(again.testsRun).toBe(first.testsRun);
    const told = (report: VerificationReport, name: string) => ({
      ...gate(report, name),
      durationMs: 0,
    });
    for (const name of ["install", "lint", "tests", "secrets", "sbom", "docs"])
      expect(told(again, name)).toEqual(told(first, name));
  });

  it("keeps each gate's whole output for people, and its digest in the evidence", async () => {
    const at = await repository();
    const tree = await treeOf(at, "node-plain", {});
    const progress: string[] = [];
    const report = await verifier.verify(
      {
        projectId: "sample",
        repository: at,
        baseTree: tree,
        tree,
        story: undefined,
        mayInstall: true,
        onGate: (one) => progress.push(`${one.kind} ${one.gate}`),
      },
      AbortSignal.timeout(240_000),
    );
    const log = await readFile(join(at, ".autosd", "evidence", tree, "tests.log"), "utf8");
    expect(log).toContain("AC-1.1 adds two numbers");
    expect(gate(report, "tests").outputDigest).toBe(sha256(log));
    expect(progress).toContain("started tests");
    expect(progress).toContain("finished tests");
    expect(await vcs.inspect(at)).toMatchObject({ dirty: [] });
  });

  it("ends at once when it is cancelled, and leaves no checkout behind", async () => {
    const at = await repository();
    const tree = await treeOf(at, "node-plain", {
      "test/slow.test.js": `import { test } from "node:test";
test("waits", () => new Promise(() => setInterval(() => {}, 1000)));
`,
    });
    const controller = new AbortController();
    const verified = verifier.verify(
      {
        projectId: "sample",
        repository: at,
        baseTree: tree,
        tree,
        story: undefined,
        mayInstall: true,
        onGate: (one) => {
          if (one.kind === "finished" && one.gate === "lint") controller.abort();
        },
      },
      controller.signal,
    );
    await expect(verified).rejects.toThrow(/abort/i);
    expect(await readdir(join(home, "work", "gates"))).toEqual([]);
  });

  it("says of a folder it knows nothing about that it knows nothing", async () => {
    const at = await repository();
    const tree = await treeOf(at, undefined, { "main.c": "int main(void) { return 0; }\n" });
    const report = await verifier.verify(
      {
        projectId: "sample",
        repository: at,
        baseTree: tree,
        tree,
        story: undefined,
        mayInstall: true,
      },
      AbortSignal.timeout(240_000),
    );
    expect(gate(report, "install")).toMatchObject({
      verdict: "red",
      finding: expect.stringContaining("neither package.json nor pyproject.toml") as string,
    });
    expect(VerifiedTree.judge(report).kind).toBe("rejected");
  });
});

describe("a project with dependencies", () => {
  it("is installed once, then judged from the store", async () => {
    const files = { "README.md": "# Sums\n\nStart: `npm start`\n" };
    const forbidden = await verifyPlain("node-vitest", {}, false);
    expect(gate(forbidden, "install")).toMatchObject({ verdict: "red" });
    const report = await verifyPlain("node-vitest", {}, true);
    expect(reds(report)).toEqual([]);
    commands = [];
    const again = await verifyPlain("node-vitest", files, false);
    expect(reds(again)).toEqual([]);
    expect(commands.filter((one) => one.includes("npm ci"))).toEqual([]);
    expect(gate(again, "install").finding).toBe(gate(report, "install").finding);
    expect(gate(again, "tests").finding).toBe("1 test passed");
  });

  async function verifyPlain(fixture: string, files: Files, mayInstall: boolean) {
    const at = await repository();
    const tree = await treeOf(at, fixture, files);
    return verifier.verify(
      { projectId: "sample", repository: at, baseTree: tree, tree, story: undefined, mayInstall },
      AbortSignal.timeout(240_000),
    );
  }
});

describe("where the policy says that there is no sandbox", () => {
  it("the same gates come to the same verdicts", async () => {
    const runner = createProcessRunner();
    const none = await createSandbox({
      preference: "none",
      runner,
      autosdHome: home,
      scratchDirectory: join(home, "work", "sandbox"),
      clock: systemClock,
      ids: systemIds,
      environment: process.env,
    });
    const direct = newVerifier(none);
    for (const fixture of ["node-plain", "node-vitest"]) {
      const at = await repository();
      const tree = await treeOf(at, fixture, { "unique.txt": "none" });
      const report = await direct.verify(
        {
          projectId: "sample",
          repository: at,
          baseTree: tree,
          tree,
          story: undefined,
          mayInstall: false,
        },
        AbortSignal.timeout(240_000),
      );
      expect(reds(report)).toEqual([]);
    }
  });
});

describe("a Python project", () => {
  it("is judged by unittest's own results", async () => {
    const at = await repository();
    const tree = await treeOf(at, "python-plain", {});
    const report = await verifier.verify(
      {
        projectId: "sample",
        repository: at,
        baseTree: tree,
        tree,
        story: undefined,
        mayInstall: true,
      },
      AbortSignal.timeout(240_000),
    );
    expect(reds(report)).toEqual([]);
    expect(gate(report, "tests").finding).toBe("2 tests passed");
  });
});
