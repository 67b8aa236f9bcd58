import type { PackageJson } from "./package-json.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";

/** A package manager that does not come with Node.js, of one version. */
export interface PackageManager {
  readonly name: "pnpm" | "yarn" | "bun";
  /** Exact: `9.15.9`. */
  readonly version: string;
  /** What the project says its program must digest to: `sha512.<hex>`. */
  readonly digest?: string;
}

/** The lockfile that counts, and who reads it; `manager` is undefined for npm, which comes with Node.js. */
export interface LockChoice {
  readonly lockfile: string;
  readonly manager: PackageManager | undefined;
}

/** Lockfiles by manager; where there are several, the first one that is there. */
const lockfiles = [
  ["npm", "package-lock.json"],
  ["npm", "npm-shrinkwrap.json"],
  ["pnpm", "pnpm-lock.yaml"],
  ["yarn", "yarn.lock"],
  ["bun", "bun.lock"],
] as const;

/** Versions for projects that name none. They run on every supported Node.js. */
const pinned = {
  pnpm7: "7.33.7",
  pnpm8: "8.15.9",
  pnpm9: "9.15.9",
  pnpm10: "10.34.9",
  yarnClassic: "1.22.22",
  yarn2: "2.4.2",
  yarn3: "3.8.7",
  yarn4: "4.18.1",
  bun: "1.4.5",
} as const;

/** A manager as a manifest names it. */
interface Named {
  readonly name: string;
  /** Exact or a range; empty: none is said. */
  readonly version: string;
  readonly digest: string | undefined;
}

/** Chooses by what the manifest names, else by the lockfiles that are there; undefined: there is none that can be read. */
export async function lockChoiceOf(
  snapshot: ProjectSnapshot,
  manifest: PackageJson,
): Promise<LockChoice | undefined> {
  const named = namedManager(manifest);
  const found = lockfiles.filter(([, file]) => snapshot.paths.includes(file));
  const chosen = found.find(([one]) => one === named?.name) ?? found[0];
  if (chosen === undefined) return undefined;
  const [name, lockfile] = chosen;
  if (name === "npm") return { lockfile, manager: undefined };
  const said = named?.name === name ? named : undefined;
  const exact = /^v?(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(said?.version ?? "")?.[1];
  if (exact !== undefined) {
    const digest = said?.digest;
    return {
      lockfile,
      manager: { name, version: exact, ...(digest === undefined ? {} : { digest }) },
    };
  }
  const range = said?.version ?? engineOf(manifest, name);
  const text = (await snapshot.readText(lockfile)) ?? "";
  const version = await impliedVersion(snapshot, { name, range, text });
  return { lockfile, manager: { name, version } };
}

/** The manager that package.json names, whatever lockfile there is: `pnpm@9.1.0+sha512.…`. */
function namedManager(manifest: PackageJson): Named | undefined {
  const field = manifest["packageManager"];
  const [, name, version = "", digest] =
    /^(npm|pnpm|yarn|bun)@([^+\s]+)(?:\+(sha\d+\.[0-9a-fA-F]+))?$/.exec(
      typeof field === "string" ? field : "",
    ) ?? [];
  if (name !== undefined) return { name, version, digest };
  const wanted = memberOf(manifest["devEngines"], "packageManager");
  const engine = memberOf(wanted, "name");
  const range = memberOf(wanted, "version");
  return typeof engine === "string"
    ? { name: engine, version: typeof range === "string" ? range : "", digest: undefined }
    : undefined;
}

function engineOf(manifest: PackageJson, name: string): string {
  const range = memberOf(manifest["engines"], name);
  return typeof range === "string" ? range : "";
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

async function impliedVersion(
  snapshot: ProjectSnapshot,
  of: { readonly name: PackageManager["name"]; readonly range: string; readonly text: string },
): Promise<string> {
  const exact = /^=?v?(\d+\.\d+\.\d+)$/.exec(of.range.trim())?.[1];
  if (exact !== undefined) return exact;
  switch (of.name) {
    case "bun":
      return pinned.bun;
    case "pnpm":
      return pnpmFor(of.text, of.range);
    case "yarn":
      return yarnFor(of.text, (await snapshot.readText(".yarnrc.yml")) ?? "");
  }
}

/** Versions 9 and 10 write the same lockfile: a range decides between them. */
function pnpmFor(text: string, range: string): string {
  const format = /^lockfileVersion:\s*['"]?(\d+)/m.exec(text)?.[1] ?? "";
  if (format === "5") return pinned.pnpm7;
  if (format === "6") return pinned.pnpm8;
  return /^\s*[\^~]?\s*9(?:\.|$)/.test(range) ? pinned.pnpm9 : pinned.pnpm10;
}

function yarnFor(text: string, settings: string): string {
  const metadata = /^__metadata:\s*\n\s+version:\s*(\d+)/m.exec(text)?.[1];
  if (metadata === undefined) return pinned.yarnClassic;
  const checkedIn = /^yarnPath:\s*["']?\S*yarn-(\d+\.\d+\.\d+)\.cjs/m.exec(settings)?.[1];
  if (checkedIn !== undefined) return checkedIn;
  const format = Number.parseInt(metadata, 10);
  if (format <= 4) return pinned.yarn2;
  return format <= 6 ? pinned.yarn3 : pinned.yarn4;
}

/** Whether it is yarn as it was before version 2, another program in all but name. */
export function isYarnClassic({ name, version }: PackageManager): boolean {
  return name === "yarn" && /^[01]\./.test(version);
}

/** What is asked of the manager: what the lockfile says and nothing else, and no script of a package. */
export function frozenInstall(manager: PackageManager | undefined): readonly [string, ...string[]] {
  switch (manager?.name) {
    case undefined:
      return ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    case "pnpm":
      return [
        ...(["pnpm", "install", "--frozen-lockfile", "--ignore-scripts"] as const),
        ...["--ignore-pnpmfile", "--prefer-offline", "--package-import-method=copy"],
      ];
    case "bun":
      return [
        ...(["bun", "install", "--frozen-lockfile", "--ignore-scripts"] as const),
        ...["--backend=copyfile", "--no-progress"],
      ];
    case "yarn":
      return isYarnClassic(manager)
        ? [
            ...(["yarn", "install", "--frozen-lockfile", "--ignore-scripts"] as const),
            ...["--ignore-engines", "--non-interactive", "--no-progress", "--prefer-offline"],
          ]
        : ["yarn", "install", "--immutable"];
  }
}
