import { layoutNpmrc, layoutYarnrc } from "./install-settings.ts";
import type { WorkspacePackage } from "./node-workspaces.ts";
import { localDependency, lockDriftOf } from "./npm-lockfile.ts";
import type { PackageJson } from "./package-json.ts";
import { frozenInstall, lockChoiceOf, type LockChoice } from "./package-manager.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";
import type { ToolchainProfile } from "./toolchain.ts";

type Install = ToolchainProfile["install"];

/** How a Node.js project's dependencies are installed: by the manager whose lockfile is there. */
export async function nodeInstall(
  snapshot: ProjectSnapshot,
  manifest: PackageJson,
  packages: readonly WorkspacePackage[],
): Promise<Install> {
  const choice = await lockChoiceOf(snapshot, manifest);
  const manifests = [manifest, ...packages.map((one) => one.manifest)];
  const needed = packages.length > 0 || manifests.some(asksForPackages);
  const base = { folder: "node_modules", egress: [], needed } as const;
  if (choice === undefined) {
    const { reason, relock } = missingLockfile(snapshot);
    const why = needed ? { refusal: reason, unlocked: reason, relock } : {};
    return { ...base, lockfile: undefined, command: frozenInstall(undefined), ...why };
  }
  const { lockfile, manager } = choice;
  const refusal = needed ? await refusalOf(snapshot, manifest, choice) : undefined;
  const files = needed ? await filesOf(snapshot, choice, packages) : undefined;
  return {
    ...base,
    lockfile,
    command: frozenInstall(manager),
    ...(manager === undefined ? {} : { manager }),
    ...(packages.length === 0 ? {} : { packageFolders: packages.map((one) => one.folder) }),
    ...(files === undefined ? {} : { files }),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

function asksForPackages(manifest: PackageJson): boolean {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0;
}

async function refusalOf(
  snapshot: ProjectSnapshot,
  manifest: PackageJson,
  { lockfile, manager }: LockChoice,
): Promise<string | undefined> {
  const text = (await snapshot.readText(lockfile)) ?? "";
  if (manager === undefined)
    return lockDriftOf(manifest, text) ?? localDependency(text, snapshot.paths);
  // Which packages there are would be decided by a program of the project, with the network at hand.
  if (manager.name === "pnpm" && /^pnpmfileChecksum:/m.test(text))
    return ".pnpmfile.cjs, a program of the project, decides what is installed; put what it does into overrides or packageExtensions";
  return undefined;
}

/**
 * Everything that the manager works from; undefined where a lockfile of npm alone decides. Of manifests
 * what is not a program of the project.
 */
async function filesOf(
  snapshot: ProjectSnapshot,
  { lockfile, manager }: LockChoice,
  packages: readonly WorkspacePackage[],
): Promise<Readonly<Record<string, string>> | undefined> {
  const npmrc = layoutNpmrc((await snapshot.readText(".npmrc")) ?? "");
  const locals = manager === undefined ? await localFolders(snapshot, lockfile) : [];
  if (manager === undefined && packages.length === 0 && npmrc === "" && locals.length === 0)
    return undefined;
  const found: Record<string, string> = {
    [lockfile]: (await snapshot.readText(lockfile)) ?? "",
  };
  const settings =
    manager?.name === "yarn"
      ? { ".yarnrc.yml": layoutYarnrc((await snapshot.readText(".yarnrc.yml")) ?? "") }
      : { ".npmrc": npmrc };
  for (const [path, text] of Object.entries(settings)) if (text !== "") found[path] = text;
  const folders = ["", ...packages.map((one) => `${one.folder}/`), ...locals];
  for (const folder of folders) {
    const text = await snapshot.readText(`${folder}package.json`);
    if (text !== undefined) found[`${folder}package.json`] = withoutPrograms(text);
  }
  for (const path of packages.flatMap(binsOf)) found[path] ??= anyProgram;
  const data = snapshot.paths.filter((path) => path === "pnpm-workspace.yaml" || isPatch(path));
  for (const path of data) found[path] = (await snapshot.readText(path)) ?? "";
  return found;
}

/** Some managers link to a program of a package only where there is one. */
const anyProgram = "#!/usr/bin/env node\n";

function binsOf({ folder, manifest }: WorkspacePackage): readonly string[] {
  const bin = manifest["bin"];
  const targets = typeof bin === "object" && bin !== null ? Object.values(bin) : [bin];
  return targets
    .filter((target) => typeof target === "string")
    .map((target) => target.replace(/^\.?\/+/, ""))
    .filter((target) => /^[\w@][\w@./-]*$/.test(target) && !/(?:^|\/)\.\.?(?:\/|$)/.test(target))
    .map((target) => `${folder}/${target}`);
}

/** Managers put these over what they fetch. */
function isPatch(path: string): boolean {
  return path.endsWith(".patch") && !/(?:^|\/)node_modules\//.test(path);
}

/** Folders of the project that a lockfile of npm links to, without being workspaces. */
async function localFolders(
  snapshot: ProjectSnapshot,
  lockfile: string,
): Promise<readonly string[]> {
  const text = (await snapshot.readText(lockfile)) ?? "";
  return [...text.matchAll(/"resolved": "([^":]+)",\s*"link": true/g)].map(
    ([, folder = ""]) => `${folder}/`,
  );
}

/** Scripts, and which manager may be used: that has been decided. */
function withoutPrograms(text: string): string {
  const manifest: unknown = JSON.parse(text);
  if (typeof manifest !== "object" || manifest === null) return text;
  const dropped = new Set(["scripts", "packageManager", "devEngines"]);
  const rest = Object.entries(manifest)
    .filter(([name]) => !dropped.has(name))
    .map(([name, value]) => [name, name === "engines" ? nodeOnly(value) : value] as const);
  return `${JSON.stringify(Object.fromEntries(rest), undefined, 2)}\n`;
}

function nodeOnly(engines: unknown): unknown {
  if (typeof engines !== "object" || engines === null) return {};
  return Object.fromEntries(Object.entries(engines).filter(([name]) => name === "node"));
}

function missingLockfile(snapshot: ProjectSnapshot): {
  readonly reason: string;
  readonly relock: string;
} {
  if (snapshot.paths.includes("bun.lockb"))
    return {
      reason: "bun.lockb is in bun's binary form, which is not read; its text form, bun.lock, is",
      relock:
        "bun install --save-text-lockfile --frozen-lockfile --lockfile-only && git rm -q bun.lockb && git add -f bun.lock && git commit -m 'Lock dependencies in the text form' -- bun.lock bun.lockb",
    };
  return {
    reason:
      "there is no lockfile (package-lock.json, pnpm-lock.yaml, yarn.lock or bun.lock): dependencies would be others tomorrow",
    // Some projects switch lockfiles off in their .npmrc.
    relock:
      "npm install --package-lock --package-lock-only --ignore-scripts && git add -f package-lock.json && git commit -m 'Lock dependencies' -- package-lock.json",
  };
}
