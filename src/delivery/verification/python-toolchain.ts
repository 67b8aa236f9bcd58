import { unittestRunnerSource } from "./node-reporter.ts";
import { readPythonManifest, type PythonManifest } from "./pyproject.ts";
import { pythonRequirements, type PythonRequirements } from "./python-requirements.ts";
import { reportFolder, type CommandGate, type ToolchainProfile } from "./toolchain.ts";
import { type ProjectSnapshot } from "./project-snapshot.ts";

const minuteMs = 60_000;
const testFiles = /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/;
const maxTestFilesRead = 30;

/** What an install ends with when the machine's Python lacks what environments are made with. */
export const pythonIncompleteExitCode = 86;

/** What the manifests, the requirements files and the tests say about checking a Python project. */
export async function detectPython(snapshot: ProjectSnapshot): Promise<ToolchainProfile> {
  const manifest = await readPythonManifest(snapshot);
  const declared = await pythonRequirements(snapshot, manifest);
  const isPytest = await usesPytest(snapshot, manifest, declared);
  const requirements = isPytest ? withPytest(declared) : declared;
  const has = (name: string): boolean => requirements.packages.has(name);
  const isNeeded = requirements.packages.size > 0;
  const python = isNeeded ? ".venv/bin/python" : "python3";
  const env = environmentOf(snapshot);
  const gates: CommandGate[] = [];
  if (has("ruff")) {
    if (manifest.formatsWithRuff)
      gates.push(gate("format", [python, "-m", "ruff", "format", "--check", "."]));
    gates.push(gate("lint", [python, "-m", "ruff", "check", "."]));
  }
  if (has("mypy")) gates.push(gate("types", [python, "-m", "mypy", "."]));
  gates.push(isPytest ? pytestGate(python, env, isNeeded) : unittestGate(python, env));
  return {
    id: "python",
    install: installOf(requirements),
    gates,
    testFiles: ["**/test_*.py", "**/*_test.py"],
  };
}

function installOf(requirements: PythonRequirements): ToolchainProfile["install"] {
  const { source, refusal, unpinned, packages } = requirements;
  return {
    lockfile: source,
    files: { "requirements.txt": requirements.text, "constraints.txt": requirements.constraints },
    command: ["sh", "-c", installScript],
    folder: ".venv",
    egress: [],
    needed: packages.size > 0 || refusal !== undefined,
    ...(refusal === undefined ? {} : { refusal }),
    ...(unpinned.length === 0
      ? {}
      : { unpinned: `requirements do not pin ${unpinned.slice(0, 10).join(", ")} to one version` }),
  };
}

/**
 * The machine's pip, which need not be copied into each environment, else one from the environment
 * itself; code 86 and nothing done when there is neither.
 */
const installScript = `command -v python3 >/dev/null || { echo "python3 was not found" >&2; exit ${pythonIncompleteExitCode}; }
if python3 -m venv --without-pip .venv 2>/dev/null && python3 -m pip --python .venv/bin/python --version >/dev/null 2>&1
then set -- python3 -m pip --python .venv/bin/python
elif python3 -c "import venv, ensurepip" 2>/dev/null
then python3 -m venv --clear .venv || exit 1; set -- .venv/bin/python -m pip
else echo "python3 has neither pip nor ensurepip" >&2; exit ${pythonIncompleteExitCode}; fi
exec "$@" install --no-input --disable-pip-version-check --only-binary :all: --requirement requirements.txt --constraint constraints.txt`;

/** By what is asked for, what is configured, or how the tests are written. */
async function usesPytest(
  snapshot: ProjectSnapshot,
  manifest: PythonManifest,
  requirements: PythonRequirements,
): Promise<boolean> {
  if (manifest.usesPytest || hasPytest(requirements)) return true;
  if (
    snapshot.paths.some((path) =>
      /^(?:pytest\.ini|\.pytest\.ini)$|(?:^|\/)conftest\.py$/.test(path),
    )
  )
    return true;
  if (/^\[pytest\]/m.test((await snapshot.readText("tox.ini")) ?? "")) return true;
  const files = snapshot.paths.filter((path) => testFiles.test(path));
  for (const path of files.slice(0, maxTestFilesRead)) {
    const text = (await snapshot.readText(path)) ?? "";
    if (/^(?:import pytest\b|from pytest\b|(?:async[ \t]+)?def[ \t]+test)/m.test(text)) return true;
  }
  return false;
}

function hasPytest({ packages }: PythonRequirements): boolean {
  return [...packages.keys()].some((name) => name === "pytest" || name.startsWith("pytest-"));
}

/**
 * Whoever installs packages and uses pytest without asking for it has it from elsewhere: it is asked
 * for then. A project without any dependency takes the machine's.
 */
function withPytest(declared: PythonRequirements): PythonRequirements {
  if (hasPytest(declared) || declared.packages.size === 0 || / --hash\b/.test(declared.text))
    return declared;
  return {
    ...declared,
    packages: new Map([...declared.packages, ["pytest", "pytest"]]),
    text: `${declared.text}pytest\n`,
    unpinned: [...declared.unpinned, "pytest"],
  };
}

/** The product is found where it lies: it is not built, and nothing of it runs in an install. */
function environmentOf(snapshot: ProjectSnapshot): Readonly<Record<string, string>> {
  const isInSrc =
    snapshot.paths.some((path) => /^src\/[^/]+(?:\/.*)?\.py$/.test(path)) &&
    !snapshot.paths.includes("src/__init__.py");
  return {
    PYTHONDONTWRITEBYTECODE: "1",
    ...(isInSrc ? { PYTHONPATH: "src" } : {}),
  };
}

function gate(name: CommandGate["name"], command: CommandGate["command"]): CommandGate {
  return { name, command, env: {}, timeoutMs: 5 * minuteMs, after: ["install"] };
}

function pytestGate(python: string, env: CommandGate["env"], isInstalled: boolean): CommandGate {
  const report = `${reportFolder}/tests.xml`;
  return {
    ...gate("tests", [
      ...([python, "-m", "pytest", "-p", "no:cacheprovider"] as const),
      ...["-o", "junit_family=xunit1", `--junitxml=${report}`],
    ]),
    env,
    timeoutMs: 15 * minuteMs,
    report,
    reportFormat: "junit",
    ...(isInstalled ? {} : { machineModule: "pytest" }),
  };
}

function unittestGate(python: string, env: CommandGate["env"]): CommandGate {
  const report = `${reportFolder}/tests.json`;
  return {
    ...gate("tests", [python, "-c", unittestRunnerSource, report]),
    env,
    timeoutMs: 15 * minuteMs,
    report,
    reportFormat: "unittest-json",
  };
}
