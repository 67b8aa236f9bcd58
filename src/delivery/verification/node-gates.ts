import type { WorkspacePackage } from "./node-workspaces.ts";
import { usesOf } from "./node-workspaces.ts";
import { knownRunners, reportedScript } from "./node-runners.ts";
import type { PackageJson } from "./package-json.ts";
import { emptinessOf, wholeScript } from "./script-command.ts";
import type { CommandGate, GateName, GatePart } from "./toolchain.ts";

const minuteMs = 60_000;
const scriptNames = [
  ["format", ["format:check", "format-check", "check:format", "prettier:check"]],
  ["lint", ["lint", "lint:check"]],
  ["types", ["types", "typecheck", "type-check", "check-types", "check:types"]],
] as const;

type Scripts = Readonly<Record<string, string>>;

/** Programs that do nothing but run the same script in each package. */
const spreading =
  /^\s*(?:npx\s+)?(?:turbo\b|lerna\b|nx\b|wsrun\b|ultra\b|wireit\b|pnpm\s(?:.*\s)?(?:-r|--recursive|--filter\S*|-F)\b|pnpm\s+(?:recursive|multi)\b|npm\s.*(?:-ws\b|--workspaces?\b|-w\b)|yarn\s+(?:workspaces?|wsrun)\b|bun\s.*--filter\b)/;

/**
 * The gates that a project's scripts make: the root's, else those of its packages, each in its folder.
 */
export function nodeGates(
  manifest: PackageJson,
  options: { readonly hasTsconfig: boolean; readonly packages: readonly WorkspacePackage[] },
): readonly CommandGate[] {
  const { packages, hasTsconfig } = options;
  const scripts = manifest.scripts ?? {};
  const checks = scriptNames.flatMap(([name, names]) => {
    const own = scriptGate(name, names, scripts);
    if (own !== undefined && !isSpread(own, packages)) return [own];
    const spread = inPackages(name, packages, (theirs) => scriptGate(name, names, theirs));
    return spread === undefined ? (own === undefined ? [] : [own]) : [spread];
  });
  const types =
    hasTsconfig && packages.length === 0 && !checks.some((gate) => gate.name === "types")
      ? [plainTypes]
      : [];
  const own = testGate(scripts);
  const spread =
    own.refusal === undefined || packages.length === 0
      ? undefined
      : inPackages("tests", packages, (theirs) =>
          theirs["test"] === undefined ? undefined : testGate(theirs),
        );
  return [...checks, ...types, spread ?? own];
}

function isSpread(gate: CommandGate, packages: readonly WorkspacePackage[]): boolean {
  return packages.length > 0 && spreading.test(gate.command[2] ?? "");
}

/** One gate of the packages' own; undefined when none of them has it. */
function inPackages(
  name: GateName,
  packages: readonly WorkspacePackage[],
  gateOf: (scripts: Scripts) => CommandGate | undefined,
): CommandGate | undefined {
  const uses = usesOf(packages);
  const parts = packages.flatMap(({ folder, manifest }): readonly GatePart[] => {
    const gate = gateOf(manifest.scripts ?? {});
    if (gate === undefined) return [];
    const { command, env, report, reportFormat, refusal } = gate;
    return [
      {
        ...{ folder, command, env, uses: [...(uses.get(folder) ?? [])].sort() },
        ...(report === undefined ? {} : { report }),
        ...(reportFormat === undefined ? {} : { reportFormat }),
        ...(refusal === undefined ? {} : { refusal }),
      },
    ];
  });
  if (parts.every((part) => part.refusal !== undefined)) return undefined;
  return withParts({ name, env: {}, timeoutMs: 15 * minuteMs, after: ["install"] }, parts);
}

/** A gate of these parts, whose command is what a person would type. */
function withParts(
  gate: Omit<CommandGate, "command" | "parts">,
  parts: readonly GatePart[],
): CommandGate {
  const text = parts.map((part) => `(cd ${part.folder} && ${part.command[2] ?? ""})`).join(" && ");
  return { ...gate, command: ["sh", "-c", text], parts };
}

/**
 * The gate as one story needs it: the packages whose files it touches and those that use them. A change
 * outside of all packages, or none at all, concerns every one of them.
 */
export function concerned(gate: CommandGate, changedPaths: readonly string[]): CommandGate {
  const { parts } = gate;
  if (parts === undefined) return gate;
  const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
  const folders = new Set(parts.flatMap((part) => [part.folder, ...part.uses]));
  const touched = new Set<string>();
  for (const path of changedPaths) {
    const own = [...folders].filter((folder) => isIn(path, folder));
    if (own.length === 0) return gate;
    for (const folder of own) touched.add(folder);
  }
  if (touched.size === 0) return gate;
  const kept = parts.filter(
    ({ folder, uses }) => touched.has(folder) || uses.some((one) => touched.has(one)),
  );
  return kept.length === 0 ? gate : withParts(gate, kept);
}

function scriptGate(
  name: GateName,
  names: readonly string[],
  scripts: Scripts,
): CommandGate | undefined {
  const key = names.find((one) => scripts[one] !== undefined);
  const script = key === undefined ? undefined : wholeScript(key, scripts);
  if (key === undefined || script === undefined) return undefined;
  const refusal = emptinessOf(script);
  return {
    name,
    command: ["sh", "-c", script],
    env: { npm_lifecycle_event: key },
    timeoutMs: 5 * minuteMs,
    after: ["install"],
    ...(refusal === undefined ? {} : { refusal }),
  };
}

const plainTypes: CommandGate = {
  name: "types",
  command: ["sh", "-c", "tsc --noEmit"],
  env: {},
  timeoutMs: 5 * minuteMs,
  after: ["install"],
};

function testGate(scripts: Scripts): CommandGate {
  const script = wholeScript("test", scripts);
  const base = { name: "tests", env: { npm_lifecycle_event: "test" }, after: ["install"] } as const;
  const plain = { ...base, timeoutMs: 15 * minuteMs };
  if (script === undefined)
    return { ...plain, command: ["npm", "test"], refusal: 'package.json has no script "test"' };
  const refusal = emptinessOf(script);
  if (refusal !== undefined) return { ...plain, command: ["sh", "-c", script], refusal };
  const reported = reportedScript(script);
  if (reported !== undefined) return { ...plain, ...reported };
  return {
    ...plain,
    command: ["sh", "-c", script],
    refusal: `the script "${script}" runs no test runner that writes results for machines (${knownRunners})`,
  };
}
