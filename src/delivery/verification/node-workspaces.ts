import { matchesGlob } from "./glob.ts";
import { parsePackageJson, type PackageJson } from "./package-json.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";

/** A package of a repository with several. */
export interface WorkspacePackage {
  /** Path of its folder, without a slash at its ends. */
  readonly folder: string;
  readonly manifest: PackageJson;
}

const maxPackages = 1_000;

/** Packages that the root's manifest or pnpm-workspace.yaml names, sorted by folder; empty for most repositories. */
export async function workspacePackages(
  snapshot: ProjectSnapshot,
  root: PackageJson,
): Promise<readonly WorkspacePackage[]> {
  const globs = [
    ...globsOf(root["workspaces"]),
    ...pnpmGlobs((await snapshot.readText("pnpm-workspace.yaml")) ?? ""),
  ].map((glob) => glob.replace(/^(!?)\.?\/+/, "$1").replace(/\/+$/, ""));
  const wanted = globs.filter((glob) => !glob.startsWith("!"));
  const unwanted = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  if (wanted.length === 0) return [];
  const folders = snapshot.paths
    .filter((path) => path.endsWith("/package.json") && !/(?:^|\/)node_modules\//.test(path))
    .map((path) => path.slice(0, -"/package.json".length))
    .filter((folder) => matchesGlob(folder, wanted) && !matchesGlob(folder, unwanted))
    .sort();
  const found: WorkspacePackage[] = [];
  for (const folder of folders.slice(0, maxPackages)) {
    const text = await snapshot.readText(`${folder}/package.json`);
    const manifest = text === undefined ? undefined : parsePackageJson(text);
    if (manifest !== undefined) found.push({ folder, manifest });
  }
  return found;
}

/** An array, or the `packages` of an object, as older managers write it. */
function globsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === "string");
  if (typeof value !== "object" || value === null || !("packages" in value)) return [];
  return globsOf(value.packages);
}

/** The packages that a pnpm-workspace.yaml names, in either form of YAML. */
export function pnpmGlobs(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(?:^|\s)#.*$/, ""));
  const start = lines.findIndex((line) => /^packages\s*:/.test(line));
  if (start === -1) return [];
  const inline = /^packages\s*:\s*\[(.*)\]\s*$/.exec(lines[start] ?? "")?.[1];
  if (inline !== undefined) return inline.split(",").map(unquoted).filter(isGiven);
  const globs: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.trim() === "") continue;
    const item = /^\s*-\s+(.*)$/.exec(line)?.[1];
    if (item === undefined) break;
    globs.push(unquoted(item));
  }
  return globs.filter(isGiven);
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}

function isGiven(text: string): boolean {
  return text !== "";
}

const dependencyKinds = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
] as const;

/** Folders of the packages that each package uses, itself left out, over any number of steps. */
export function usesOf(
  packages: readonly WorkspacePackage[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map(packages.map((one) => [one.manifest.name ?? "", one.folder]));
  const direct = new Map(
    packages.map(({ folder, manifest }) => [
      folder,
      dependencyKinds
        .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
        .flatMap((name) => byName.get(name) ?? []),
    ]),
  );
  return new Map(packages.map(({ folder }) => [folder, reachable(direct, folder)]));
}

function reachable(
  direct: ReadonlyMap<string, readonly string[]>,
  from: string,
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(direct.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === from || found.has(next)) continue;
    found.add(next);
    open.push(...(direct.get(next) ?? []));
  }
  return found;
}
