import { canonicalJson } from "../../kernel/canonical-json.ts";
import { pnpmGlobs } from "./node-workspaces.ts";
import { parsePackageJson } from "./package-json.ts";
import { gateSections, hookProblem, isHookFile, shadowedBy } from "./python-configuration.ts";
import { emptinessOf, scriptsBehind } from "./script-command.ts";

/** Files that decide what the gates look at. */
const configurationFiles =
  /^(?:.*\/)?(?:tsconfig[^/]*\.json|jsconfig\.json|biome\.jsonc?|\.?eslint(?:rc|ignore|\.config)[^/]*|\.?prettier(?:rc|ignore|\.config)[^/]*|(?:vitest|vite|jest)\.(?:config|workspace|setup)[^/]*|ava\.config[^/]*|\.taprc|\.mocharc[^/]*|\.?c8rc[^/]*|\.nycrc[^/]*|package\.json|pnpm-workspace\.yaml|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|mypy\.ini|\.?ruff\.toml|\.flake8|\.coveragerc)$/;
const ignoreFiles = /ignore$/;

/** Whether a path decides what a gate looks at. */
export function isGateConfiguration(path: string): boolean {
  return configurationFiles.test(path);
}

/** Words in a source file that switch a gate off for all of it. */
const fileWideSwitch =
  /@ts-nocheck\b|\/\*\s*eslint[-]disable\s*(?:\*\/|--)|biome-ignore-all\b|^#\s*(?:mypy:\s*ignore-errors|ruff:\s*noqa|flake8:\s*noqa|type:\s*ignore)\s*$/m;

/** Whether a source text switches a gate off for itself. */
export function switchesGateOff(text: string): boolean {
  return fileWideSwitch.test(text);
}

/** Changes by which a gate would see less; those on allowed paths are the story's own wish. */
export function* configurationProblems(
  base: ReadonlyMap<string, string>,
  result: ReadonlyMap<string, string>,
  allowed: ReadonlySet<string>,
): Generator<string> {
  for (const [path, before] of base) {
    if (allowed.has(path) || !isGateConfiguration(path)) continue;
    const now = result.get(path);
    if (now === before) continue;
    if (now === undefined) {
      if (!ignoreFiles.test(path)) yield `${path} was deleted: it configures a gate`;
      continue;
    }
    const problem = changeOf(path, before, now);
    if (problem !== undefined) yield problem;
  }
  for (const path of result.keys()) {
    if (base.has(path) || allowed.has(path)) continue;
    yield* newFileProblems(base, path);
  }
  for (const [path, text] of result) {
    if (!allowed.has(path)) yield* textProblems(path, base.get(path) ?? "", text);
  }
}

function* newFileProblems(base: ReadonlyMap<string, string>, path: string): Generator<string> {
  if (base.size > 0 && isGateConfiguration(path) && ignoreFiles.test(path))
    yield `${path} is new: it hides files from a gate`;
  const shadowed = shadowedBy(path, base);
  if (shadowed !== undefined)
    yield `${path} is new: it takes the place of what ${shadowed} says to a gate`;
}

function* textProblems(path: string, before: string, now: string): Generator<string> {
  const hook = isHookFile(path) ? hookProblem(path, before, now) : undefined;
  if (hook !== undefined) yield hook;
  if (isGateConfiguration(path)) return;
  if (switchesGateOff(now) && !switchesGateOff(before))
    yield `${path} switches a gate off for the whole file`;
}

function changeOf(path: string, before: string, now: string): string | undefined {
  const name = path.split("/").at(-1) ?? path;
  if (name === "package.json") return packageChange(path, before, now);
  if (/^[tj]sconfig/.test(name)) return compilerChange(path, before, now);
  if (name === "setup.cfg") {
    return gateSections(before) === gateSections(now)
      ? undefined
      : `${path} configures gates differently now`;
  }
  if (name === "pnpm-workspace.yaml") {
    const packages = (text: string): string => pnpmGlobs(text).join("\n");
    return packages(before) === packages(now) ? undefined : `${path} names other packages now`;
  }
  if (name === "pyproject.toml") {
    return toolSections(before) === toolSections(now)
      ? undefined
      : `${path} configures gates differently now ([tool.*])`;
  }
  return `${path} was changed: it configures a gate`;
}

const gateScripts =
  /^(?:pre|post)?(?:test|lint|types|typecheck|type-check|check-types|check|format)(?:$|:)/;
const gateKeys = [
  "jest",
  "vitest",
  "mocha",
  "ava",
  "tap",
  "xo",
  "workspaces",
  "eslintConfig",
  "eslintIgnore",
  "prettier",
  "c8",
  "nyc",
];

function packageChange(path: string, before: string, now: string): string | undefined {
  const old = parsePackageJson(before);
  const fresh = parsePackageJson(now);
  if (old === undefined) return undefined;
  if (fresh === undefined) return `${path} is no valid JSON any more`;
  const scripts = old.scripts ?? {};
  const isGate = gateRelated(scripts);
  for (const [name, script] of Object.entries(scripts)) {
    const other = fresh.scripts?.[name];
    // One that proves nothing is red as it is: whatever takes its place sees more.
    if (isGate(name) && other !== script && emptinessOf(script) === undefined)
      return `${path}: the script "${name}" was changed from "${script}" to "${other ?? "nothing"}"`;
  }
  const added = Object.keys(fresh.scripts ?? {}).find(
    (name) =>
      /^(?:pre|post)/.test(name) &&
      scripts[name] === undefined &&
      isGate(name.replace(/^(?:pre|post)/, "")),
  );
  if (added !== undefined) return `${path}: the script "${added}" is new and runs around a gate`;
  const key = gateKeys.find((one) => jsonOf(old[one]) !== jsonOf(fresh[one]));
  return key === undefined ? undefined : `${path}: "${key}" was changed: it configures a gate`;
}

/** Scripts that gates run, the ones that those call included. */
function gateRelated(scripts: Readonly<Record<string, string>>): (name: string) => boolean {
  const behind = new Set(
    Object.keys(scripts)
      .filter((name) => gateScripts.test(name))
      .flatMap((name) => [...scriptsBehind(name, scripts)]),
  );
  return (name) => gateScripts.test(name) || behind.has(name);
}

/** Options of which only the strict value may be replaced by nothing else. */
const strictOptions =
  /^(?:strict\w*|no(?:Implicit|Unchecked|Unused|Fallthrough|PropertyAccess)\w*|exactOptionalPropertyTypes|useUnknownInCatchVariables|alwaysStrict|checkJs|allowUnreachableCode|allowUnusedLabels|erasableSyntaxOnly|isolatedModules|verbatimModuleSyntax)$/;

function compilerChange(path: string, before: string, now: string): string | undefined {
  const old = parseJsonc(before);
  const fresh = parseJsonc(now);
  if (old === undefined || fresh === undefined)
    return `${path} was changed and cannot be compared: it configures the type check`;
  const oldOptions = memberOf(old, "compilerOptions");
  const newOptions = memberOf(fresh, "compilerOptions");
  for (const [name, value] of Object.entries(oldOptions)) {
    if (strictOptions.test(name) && jsonOf(newOptions[name]) !== jsonOf(value))
      return `${path}: "${name}" was ${jsonOf(value)} and is ${jsonOf(newOptions[name])} now`;
  }
  const loosened = Object.entries(newOptions).find(
    ([name, value]) =>
      strictOptions.test(name) && value === false && oldOptions[name] === undefined,
  );
  if (loosened !== undefined) return `${path}: "${loosened[0]}" is switched off`;
  const scope = ["include", "exclude", "files", "extends", "references"].find(
    (name) => jsonOf(old[name]) !== jsonOf(fresh[name]),
  );
  return scope === undefined ? undefined : `${path}: "${scope}" was changed`;
}

type JsonObject = Readonly<Record<string, unknown>>;

function memberOf(value: JsonObject, name: string): JsonObject {
  const member = value[name];
  return isObject(member) ? member : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON with comments and trailing commas, as compilers read it. */
function parseJsonc(text: string): JsonObject | undefined {
  const plain = text
    .replaceAll(/("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g, (_, quoted: unknown) =>
      typeof quoted === "string" ? quoted : "",
    )
    .replaceAll(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted: unknown) =>
      typeof quoted === "string" ? quoted : "",
    );
  try {
    const value: unknown = JSON.parse(plain);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function jsonOf(value: unknown): string {
  return value === undefined ? "absent" : canonicalJson(value);
}

/** `[tool.*]` sections of a pyproject.toml, without those of packaging. */
function toolSections(text: string): string {
  const sections = text.split(/^(?=\[)/m);
  return sections
    .filter((section) => /^\[tool\.(?!poetry|setuptools|hatch|pdm)/.test(section))
    .map((section) => section.trim())
    .sort()
    .join("\n");
}
