import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportUnavailable } from "../../../test/support/report-unavailable.ts";
import { standInForPytest, writeWheels } from "../../../test/support/wheels.ts";
import { writeFiles } from "../../delivery/agent/vcs.contract.ts";
import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import { detectToolchain } from "../../delivery/verification/detect-toolchain.ts";
import type { VerificationReport } from "../../delivery/verification/verification.port.ts";
import { createVerifier } from "../../delivery/verification/verifier.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { systemClock } from "../process/system-clock.ts";
import { systemIds } from "../process/system-ids.ts";
import { createSandbox } from "../sandbox/create-sandbox.ts";
import { readPipConfiguration } from "../sandbox/egress/pip-configuration.ts";
import { createGit } from "../vcs/git.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { createDependencyStore } from "./dependency-store.ts";
import { createFileEvidence } from "./file-evidence.ts";
import { createScratchCheckouts } from "./scratch-checkouts.ts";

type Files = Readonly<Record<string, string>>;

const base = await mkdtemp(join(tmpdir(), "autosd-python-"));
const home = join(base, "home");
const wheels = join(base, "wheels");
const runner = createProcessRunner();
const vcs = createGit({
  runner,
  scratch: join(base, "scratch"),
  searchPath: process.env["PATH"] ?? "",
});
const scratchDirectory = join(home, "work", "sandbox");
let sandbox: Sandbox;
let installs = 0;

afterAll(() => rm(base, { recursive: true, force: true }));
beforeAll(async () => {
  await mkdir(home, { mode: 0o700 });
  await writeWheels(wheels, [
    standInForPytest,
    { name: "sums", version: "1.2.0", files: { "sums.py": "def add(a, b):\n    return a + b\n" } },
    { name: "sums", version: "2.0.0", files: { "sums.py": "def add(a, b):\n    return 0\n" } },
  ]);
  const real = await createSandbox({
    ...{ preference: "auto", runner, autosdHome: home, scratchDirectory },
    ...{ clock: systemClock, ids: systemIds, environment: process.env },
  });
  sandbox = {
    ...real,
    run: (command) => {
      if (command.command.join(" ").includes("-m venv")) installs += 1;
      return real.run(command);
    },
  };
});

async function verify(files: Files, isExisting = true): Promise<VerificationReport> {
  const from = await mkdtemp(join(base, "f-"));
  await writeFiles(from, files);
  const repository = await mkdtemp(join(base, "r-"));
  await vcs.initialise(repository);
  const tree = await vcs.snapshot(repository, from);
  const verifier = createVerifier({
    sandbox,
    checkouts: createScratchCheckouts({ scratch: join(home, "work", "gates"), vcs, openWorkspace }),
    dependencies: createDependencyStore({
      ...{ cacheFolder: join(home, "cache"), sandbox, clock: systemClock, platform: "test" },
      leases: { share: async () => undefined },
      isReachable: async () => true,
      registryHosts: async () => [],
      environment: {},
      pythonIndex: () =>
        readPipConfiguration({
          runner,
          environment: { ...process.env, PIP_NO_INDEX: "1", PIP_FIND_LINKS: wheels },
        }),
    }),
    evidence: createFileEvidence({ cacheFolder: join(home, "cache", "evidence") }),
    clock: systemClock,
    platform: "test",
  });
  return verifier.verify(
    {
      ...{ projectId: "p", repository, baseTree: tree, tree, story: undefined, mayInstall: true },
      ...(isExisting ? { existing: { tree, absentGates: ["docs", "sbom"] } } : {}),
    },
    AbortSignal.timeout(240_000),
  );
}

const findings = (report: VerificationReport, verdict: string): readonly string[] =>
  report.evidence
    .filter((one) => one.verdict === verdict)
    .map(({ gate, finding }) => `${gate}: ${finding}`);

const lockedProject: Files = {
  "pyproject.toml": `[project]
name = "shop"
dependencies = ["sums>=1"]

[dependency-groups]
test = ["pytest>=8"]
`,
  "uv.lock": `[[package]]
name = "sums"
version = "1.2.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "pytest"
version = "8.0.0"
`,
  "src/shop/__init__.py": "from sums import add\n\ndef total(a, b):\n    return add(a, b)\n",
  "tests/test_shop.py":
    "from shop import total\n\n\ndef test_total():\n    assert total(1, 2) == 3\n",
};

describe("a Python project with dependencies", () => {
  it("is installed as its lockfile has it, once, and tested with what it asks for", async () => {
    const report = await verify(lockedProject);
    expect(findings(report, "red")).toEqual([]);
    expect(report.testsRun).toBe(1);
    expect(findings(report, "green")[0]).toBe("install: 2 packages as uv.lock has them");
    expect(installs).toBe(1);
    const broken = { ...lockedProject, "src/shop/__init__.py": "def total(a, b):\n    return 4\n" };
    const again = await verify(broken);
    expect(findings(again, "red")).toEqual([
      'tests: 1 of 1 test failed; first "test_total" in tests/test_shop.py: assert',
    ]);
    expect(installs).toBe(1);
  });

  it("takes what is not pinned in a person's project and says so, and not in one of its own", async () => {
    const loose = { ...lockedProject, "uv.lock": "" };
    const theirs = await verify(loose);
    // The newest of the index is the one that adds up wrongly: nothing pinned it.
    expect(findings(theirs, "red")).toEqual([expect.stringContaining("test_total")]);
    expect(findings(theirs, "green")[0]).toContain(
      "requirements do not pin sums, pytest to one version",
    );
    const own = await verify(loose, false);
    expect(findings(own, "red")[0]).toBe(
      "install: requirements do not pin sums, pytest to one version",
    );
  });

  it("is red with pip's own words when the index has no such package", async () => {
    const report = await verify({ "requirements.txt": "nowhere==1.0\n", "a.py": "" });
    expect(findings(report, "red")[0]).toMatch(
      /^install: ERROR: .*nowhere==1\.0.*\(wheels only: a package that would have to be built is not taken\)$/,
    );
  });
});

describe("a Python project without dependencies whose tests are written for pytest", () => {
  const files: Files = {
    "tests/test_all.py": `import pytest


@pytest.fixture
def test_number():
    return 2


@pytest.mark.parametrize(
    "a, b",
    [(1, 2), (2, 4)],
)
def test_twice(a, b):
    assert a * 2 == b


def test_given(test_number):
    def test_inner():
        return test_number

    assert test_inner() == 2
`,
  };

  it("is tested with the machine's pytest", async () => {
    try {
      execFileSync("/usr/bin/python3", ["-c", "import pytest"], { stdio: "ignore" });
    } catch {
      reportUnavailable("pytest of this machine", "python3-pytest is not installed");
      return;
    }
    const report = await verify(files);
    expect(findings(report, "red")).toEqual([]);
    expect(findings(report, "green")).toContain("tests: 3 tests passed");
    const broken = await verify({
      "tests/test_all.py": `${files["tests/test_all.py"] ?? ""}\n\ndef test_no():\n    assert 1 == 2\n`,
    });
    expect(findings(broken, "red")).toEqual([expect.stringContaining('first "test_no"')]);
  });
});

describe("a machine whose Python cannot make environments", () => {
  it("is told apart from a project that cannot be installed, before anything is made", async () => {
    const profile = await detectToolchain({
      paths: ["requirements.txt"],
      readText: async (path) => (path === "requirements.txt" ? "sums==1.2.0\n" : undefined),
    });
    if ("kind" in profile) throw new Error(profile.reason);
    const bin = await mkdtemp(join(base, "bin-"));
    await writeFile(join(bin, "python3"), "#!/bin/sh\nexit 1\n");
    await chmod(join(bin, "python3"), 0o755);
    for (const [path, words] of [
      [bin, "neither pip nor ensurepip"],
      [join(base, "nothing-here"), "python3 was not found"],
    ] as const) {
      const [, ...args] = profile.install.command;
      const store = createDependencyStore({
        ...{ cacheFolder: join(home, "other"), clock: systemClock, platform: "test" },
        sandbox: {
          backend: "none",
          adopt: async () => undefined,
          run: (command) =>
            runner.run({
              ...{ command: ["/bin/sh", ...args], cwd: base, env: { PATH: path } },
              ...{ timeoutMs: command.limits.timeoutMs, maxOutputBytes: 10_000 },
            }),
        },
        leases: { share: async () => undefined },
        isReachable: async () => true,
        registryHosts: async () => [],
        environment: {},
      });
      const request = { profile, mayInstall: true, readText: async () => undefined };
      await expect(store.obtain(request, AbortSignal.timeout(120_000))).rejects.toMatchObject({
        code: "AUTOSD-TOOLCHAIN-MISSING",
        exitCode: 5,
        message: expect.stringContaining(words) as string,
        remedy: expect.stringContaining("apt-get install python3 python3-venv") as string,
      });
    }
  });
});
