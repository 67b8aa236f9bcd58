import { nodeInstall } from "./node-install.ts";
import { workspacePackages } from "./node-workspaces.ts";
import { parsePackageJson } from "./package-json.ts";
import { emptinessOf, scriptWithArguments } from "./script-command.ts";
import {
  reportFolder,
  type CommandGate,
  type GateName,
  type ProjectSnapshot,
  type ReportFormat,
  type ToolchainProfile,
} from "./toolchain.ts";

const minuteMs = 60_000;
const formatScripts = ["format:check", "format-check", "check:format", "prettier:check"];
const lintScripts = ["lint", "lint:check"];
const typesScripts = ["types", "typecheck", "type-check", "check-types", "check:types"];
const testFiles = [
  "**/*.test.{ts,tsx,mts,cts,js,jsx,mjs,cjs}",
  "**/*.spec.{ts,tsx,mts,cts,js,jsx,mjs,cjs}",
];

/** A test runner that writes results for machines. */
interface Runner {
  readonly name: string;
  readonly format: ReportFormat;
  runs(program: string, words: readonly string[]): boolean;
  reportArguments(path: string): readonly string[];
}

/** Where the node reporter lies inside a gate's checkout. */
export const nodeReporterPath = `${reportFolder}/reporter.mjs`;

const runners: readonly Runner[] = [
  {
    name: "vitest",
    format: "vitest-json",
    runs: (program) => program === "vitest",
    reportArguments: (path) => [
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${path}`],
      ...["--no-color", "--watch=false"],
    ],
  },
  {
    name: "jest",
    format: "vitest-json",
    runs: (program) => program === "jest",
    reportArguments: (path) => ["--json", `--outputFile=${path}`, "--watchAll=false"],
  },
  {
    name: "mocha",
    format: "mocha-json",
    runs: (program) => program === "mocha",
    reportArguments: (path) => ["--reporter", "json", "--reporter-option", `output=${path}`],
  },
  {
    name: "node --test",
    format: "node-events",
    runs: (program, words) => program === "node" && words.includes("--test"),
    reportArguments: () => [],
  },
];

/** What package.json says about building and checking; a reason when nothing can be made of it. */
export async function detectNode(
  snapshot: ProjectSnapshot,
  manifestText: string,
): Promise<ToolchainProfile | { readonly kind: "unknown"; readonly reason: string }> {
  const manifest = parsePackageJson(manifestText);
  if (manifest === undefined)
    return { kind: "unknown", reason: "package.json is not a JSON object of the usual form" };
  const scripts = manifest.scripts ?? {};
  const hasTsconfig = snapshot.paths.includes("tsconfig.json");
  const gates = [
    scriptGate("format", formatScripts, scripts),
    scriptGate("lint", lintScripts, scripts),
    scriptGate("types", typesScripts, scripts) ?? (hasTsconfig ? plainTypes() : undefined),
    testGate(scripts),
  ].filter((gate) => gate !== undefined);
  const packages = await workspacePackages(snapshot, manifest);
  const install = await nodeInstall(snapshot, manifest, packages);
  return { id: "node", install, gates, testFiles };
}

function scriptGate(
  name: GateName,
  names: readonly string[],
  scripts: Readonly<Record<string, string>>,
): CommandGate | undefined {
  const key = names.find((one) => scripts[one] !== undefined);
  const script = key === undefined ? undefined : scripts[key];
  if (key === undefined || script === undefined) return undefined;
  const refusal = emptinessOf(script) ?? lifecycleRefusal(key, scripts);
  return {
    name,
    command: ["sh", "-c", script],
    env: { npm_lifecycle_event: key },
    timeoutMs: 5 * minuteMs,
    after: ["install"],
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** npm would run these before and after; run without them the gate would judge something else. */
function lifecycleRefusal(
  key: string,
  scripts: Readonly<Record<string, string>>,
): string | undefined {
  const extra = [`pre${key}`, `post${key}`].find((name) => scripts[name] !== undefined);
  return extra === undefined
    ? undefined
    : `package.json has a script "${extra}"; put what it does into "${key}" itself`;
}

function plainTypes(): CommandGate {
  return {
    name: "types",
    command: ["sh", "-c", "tsc --noEmit"],
    env: {},
    timeoutMs: 5 * minuteMs,
    after: ["install"],
  };
}

function testGate(scripts: Readonly<Record<string, string>>): CommandGate {
  const script = scripts["test"];
  const base = { name: "tests", env: { npm_lifecycle_event: "test" }, after: ["install"] } as const;
  const plain = { ...base, timeoutMs: 15 * minuteMs };
  if (script === undefined)
    return { ...plain, command: ["npm", "test"], refusal: 'package.json has no script "test"' };
  const refusal = emptinessOf(script) ?? lifecycleRefusal("test", scripts);
  if (refusal !== undefined) return { ...plain, command: ["sh", "-c", script], refusal };
  for (const runner of runners) {
    const withArguments = scriptWithArguments(script, (program, words) =>
      runner.runs(program, words),
    );
    if (withArguments === undefined) continue;
    const report = `${reportFolder}/tests.${runner.format === "node-events" ? "jsonl" : "json"}`;
    const text =
      runner.format === "node-events" ? withNodeReporter(withArguments, report) : withArguments;
    return {
      ...plain,
      command: ["sh", "-c", text, "sh", ...runner.reportArguments(report)],
      report,
      reportFormat: runner.format,
    };
  }
  const known = runners.map((runner) => runner.name).join(", ");
  return {
    ...plain,
    command: ["sh", "-c", script],
    refusal: `the script "${script}" runs no test runner that writes results for machines (${known})`,
  };
}

/** Node takes its own options only before the file names, wherever those stand. */
function withNodeReporter(text: string, report: string): string {
  const options = `--test-reporter=./${nodeReporterPath} --test-reporter-destination=${report} --test-reporter=spec --test-reporter-destination=stdout`;
  return text.replace(/--test(?=\s)/, `--test ${options}`);
}
