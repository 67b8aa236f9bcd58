import { parse } from "smol-toml";
import { z } from "zod";
import type { ProjectSnapshot } from "./project-snapshot.ts";

/** What a Python project says about itself in files that are data; nothing is run to learn it. */
export interface PythonManifest {
  /** Normalised as PEP 503 says; empty: it has none. */
  readonly name: string;
  /** Requirement lines of the product. */
  readonly dependencies: readonly string[];
  /** Requirement lines of extras and groups, by their normalised names. */
  readonly extras: Readonly<Record<string, readonly string[]>>;
  /** What cannot be read from it without running a program of the project. */
  readonly refusal?: string;
  readonly usesPytest: boolean;
  readonly formatsWithRuff: boolean;
}

const lines = z.array(z.string()).catch([]);
const table = z.record(z.string(), z.unknown()).catch({});
const groupEntries = z
  .array(z.union([z.string(), z.looseObject({ "include-group": z.string().optional() })]))
  .catch([]);
const poetryDependency = z.union([
  z.string(),
  z.looseObject({
    version: z.string().optional(),
    extras: lines.optional(),
    markers: z.string().optional(),
    optional: z.boolean().optional(),
  }),
]);

/** How deep extras and groups may name each other. */
const maxGroupDepth = 10;

/** Normalised as PEP 503 says. */
export function packageName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** Reads pyproject.toml and setup.cfg. A file that cannot be read is a refusal. */
export async function readPythonManifest(snapshot: ProjectSnapshot): Promise<PythonManifest> {
  const text = (await snapshot.readText("pyproject.toml")) ?? "";
  const root = tomlOf(text);
  const cfg = (await snapshot.readText("setup.cfg")) ?? "";
  const project = table.parse(root?.["project"]);
  const tool = table.parse(root?.["tool"]);
  const name = z.string().catch("").parse(project["name"]);
  const poetry = table.parse(tool["poetry"]);
  const own = [...lines.parse(project["dependencies"]), ...poetryLines(poetry["dependencies"])];
  const dependencies = own.length > 0 ? own : installRequires(cfg);
  const refusal =
    root === undefined
      ? "pyproject.toml is no valid TOML"
      : await unreadable(snapshot, { dependencies, dynamic: lines.parse(project["dynamic"]) });
  return {
    name: packageName(name),
    dependencies,
    extras: extrasOf(root ?? {}, project, poetry),
    ...(refusal === undefined ? {} : { refusal }),
    usesPytest: tool["pytest"] !== undefined || /^\[tool:pytest\]/m.test(cfg),
    formatsWithRuff: table.parse(tool["ruff"])["format"] !== undefined,
  };
}

/** A TOML file as plain data; undefined when it is none. */
export function tomlOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return table.parse(parse(text));
  } catch {
    return undefined;
  }
}

/** Dependencies that only a program of the project could tell. */
async function unreadable(
  snapshot: ProjectSnapshot,
  known: { readonly dependencies: readonly string[]; readonly dynamic: readonly string[] },
): Promise<string | undefined> {
  if (known.dependencies.length > 0) return undefined;
  if (known.dynamic.includes("dependencies"))
    return "pyproject.toml leaves the dependencies to a program, and there is no requirements.txt with them";
  const setup = (await snapshot.readText("setup.py")) ?? "";
  return /\binstall_requires\s*=\s*(?!\[\s*\])/.test(setup)
    ? "setup.py, a program, says what the dependencies are, and there is no requirements.txt with them"
    : undefined;
}

function installRequires(cfg: string): readonly string[] {
  const options = /^\[options\]\s*$([^]*?)(?=^\[|(?![^]))/m.exec(cfg)?.[1] ?? "";
  const [, found = ""] = /^install_requires[ \t]*=([^\n]*(?:\n[ \t]+[^\n]*)*)/m.exec(options) ?? [];
  return found
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

type Lines = Readonly<Record<string, readonly string[]>>;

function extrasOf(
  root: Readonly<Record<string, unknown>>,
  project: Readonly<Record<string, unknown>>,
  poetry: Readonly<Record<string, unknown>>,
): Lines {
  const found: Record<string, readonly string[]> = {};
  const add = (name: string, more: readonly string[]): void => {
    const key = packageName(name);
    found[key] = [...(found[key] ?? []), ...more];
  };
  for (const [name, value] of Object.entries(table.parse(project["optional-dependencies"])))
    add(name, lines.parse(value));
  const groups = table.parse(root["dependency-groups"]);
  for (const name of Object.keys(groups)) add(name, groupLines(groups, name, 0));
  add("dev", poetryLines(poetry["dev-dependencies"]));
  for (const [name, value] of Object.entries(table.parse(poetry["group"])))
    add(name, poetryLines(table.parse(value)["dependencies"]));
  return found;
}

function groupLines(
  groups: Readonly<Record<string, unknown>>,
  name: string,
  depth: number,
): readonly string[] {
  if (depth > maxGroupDepth) return [];
  return groupEntries.parse(groups[name]).flatMap((one) => {
    if (typeof one === "string") return [one];
    const other = one["include-group"];
    return other === undefined ? [] : groupLines(groups, other, depth + 1);
  });
}

function poetryLines(value: unknown): readonly string[] {
  return Object.entries(table.parse(value)).flatMap(([name, given]) => {
    const parsed = poetryDependency.safeParse(given);
    if (packageName(name) === "python" || !parsed.success) return [];
    if (typeof parsed.data === "string") return [`${name}${versionsOf(parsed.data)}`];
    const { version, extras, markers, optional } = parsed.data;
    if (optional === true) return [];
    // A folder or an address: said by whoever reads the line.
    if (version === undefined) return [`${name} @ ${Object.keys(parsed.data).join(",")}`];
    const with_ = extras === undefined ? "" : `[${extras.join(",")}]`;
    const when = markers === undefined ? "" : ` ; ${markers}`;
    return [`${name}${with_}${versionsOf(version)}${when}`];
  });
}

/** Poetry's `^1.2` and `~1.2` in the words of PEP 440. */
function versionsOf(text: string): string {
  return text
    .split(",")
    .map((one) => rangeOf(one.trim()))
    .filter((one) => one !== "")
    .join(",");
}

function rangeOf(text: string): string {
  if (text === "*" || text === "") return "";
  const [, sign = "", version = ""] = /^([\^~]?)\s*([0-9][0-9A-Za-z.!+*-]*)$/.exec(text) ?? [];
  if (version === "") return text;
  if (sign === "") return `==${version}`;
  const parts = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const leading = parts.findIndex((part) => part > 0);
  const tilde = Math.min(1, parts.length - 1);
  const place = sign === "~" ? tilde : leading === -1 ? parts.length - 1 : leading;
  const next = parts.slice(0, place + 1).map((part, at) => (at === place ? part + 1 : part));
  return `>=${version},<${next.join(".")}`;
}
