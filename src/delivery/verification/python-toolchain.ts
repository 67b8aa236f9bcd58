import { unittestRunnerSource } from "./node-reporter.ts";
import {
  reportFolder,
  type CommandGate,
  type ProjectSnapshot,
  type ToolchainProfile,
} from "./toolchain.ts";

const minuteMs = 60_000;
const requirementFiles = ["requirements.lock", "requirements-dev.txt", "requirements.txt"];

/** What pyproject.toml, the requirements files and the test folders say about checking a Python project. */
export async function detectPython(snapshot: ProjectSnapshot): Promise<ToolchainProfile> {
  const pyproject = (await snapshot.readText("pyproject.toml")) ?? "";
  const file = requirementFiles.find((name) => snapshot.paths.includes(name));
  const requirements = file === undefined ? "" : ((await snapshot.readText(file)) ?? "");
  const packages = packagesOf(requirements);
  const has = (name: string): boolean => packages.has(name);
  const python = packages.size > 0 ? ".venv/bin/python" : "python3";
  const gates: CommandGate[] = [];
  if (has("ruff")) {
    if (/\[tool\.ruff\.format\]/.test(pyproject))
      gates.push(gate("format", [python, "-m", "ruff", "format", "--check", "."]));
    gates.push(gate("lint", [python, "-m", "ruff", "check", "."]));
  }
  if (has("mypy")) gates.push(gate("types", [python, "-m", "mypy", "."]));
  gates.push(has("pytest") ? pytestGate(python) : unittestGate(python));
  return {
    id: "python",
    install: {
      lockfile: file,
      command: ["sh", "-c", installScript, "sh", file ?? ""],
      folder: ".venv",
      egress: [],
      needed: packages.size > 0,
      ...refusalOf(requirements, pyproject, packages),
    },
    gates,
    testFiles: ["**/test_*.py", "**/*_test.py"],
  };
}

const installScript =
  'python3 -m venv .venv && .venv/bin/python -m pip install --no-input --disable-pip-version-check --only-binary :all: --requirement "$1"';

function gate(name: CommandGate["name"], command: CommandGate["command"]): CommandGate {
  return { name, command, env: {}, timeoutMs: 5 * minuteMs, after: ["install"] };
}

function pytestGate(python: string): CommandGate {
  const report = `${reportFolder}/tests.xml`;
  return {
    ...gate("tests", [
      ...([python, "-m", "pytest", "-p", "no:cacheprovider"] as const),
      ...["-o", "junit_family=xunit1", `--junitxml=${report}`],
    ]),
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    timeoutMs: 15 * minuteMs,
    report,
    reportFormat: "junit",
  };
}

function unittestGate(python: string): CommandGate {
  const report = `${reportFolder}/tests.json`;
  return {
    ...gate("tests", [python, "-c", unittestRunnerSource, report]),
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    timeoutMs: 15 * minuteMs,
    report,
    reportFormat: "unittest-json",
  };
}

/** Names of a requirements file, normalised as PEP 503 says. */
export function packagesOf(requirements: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of requirements.replaceAll(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const text = line.replace(/(?:^|\s)#.*$/, "").trim();
    const name = /^([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(text)?.[1];
    if (name !== undefined) found.set(name.toLowerCase().replaceAll(/[-_.]+/g, "-"), text);
  }
  return found;
}

function refusalOf(
  requirements: string,
  pyproject: string,
  packages: ReadonlyMap<string, string>,
): { readonly refusal?: string } {
  const [declared = ""] = /^dependencies\s*=\s*\[[^\]]*\]/m.exec(pyproject) ?? [];
  if (packages.size === 0 && /["']/.test(declared))
    return {
      refusal: "pyproject.toml has dependencies but there is no requirements.txt with them",
    };
  for (const [name, text] of packages) {
    if (!/^[^;]+===?\s*[^\s,;*]+\s*(?:;|--hash|$)/.test(text))
      return { refusal: `requirements do not pin ${name} to one version` };
  }
  if (/^\s*(?:-e|--editable|--index-url|-i|--extra-index-url)\b/m.test(requirements))
    return { refusal: "requirements name another index or a local folder" };
  return {};
}
