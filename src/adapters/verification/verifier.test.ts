import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
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
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox } from "../sandbox/create-sandbox.ts";
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

function newVerifier(): Verifier {
  return createVerifier({
    sandbox,
    checkouts: createScratchCheckouts({ scratch: join(home, "work", "gates"), vcs, openWorkspace }),
    dependencies: createDependencyStore({
      cacheFolder: join(home, "cache"),
      sandbox,
      clock: systemClock,
      registryHosts: async () => [],
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
    AbortSignal.timeout(60_000),
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
