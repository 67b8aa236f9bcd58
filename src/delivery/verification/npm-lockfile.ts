import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { PackageJson } from "./package-json.ts";

const dependencyMap = z.record(z.string(), z.string()).optional();

const lockedPackageSchema = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.unknown().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  dependencies: dependencyMap,
  devDependencies: dependencyMap,
  optionalDependencies: dependencyMap,
  peerDependencies: dependencyMap,
});
export type LockedPackage = z.infer<typeof lockedPackageSchema>;

const lockfileSchema = z.looseObject({
  lockfileVersion: z.union([z.literal(2), z.literal(3)]),
  packages: z.record(z.string(), lockedPackageSchema),
});
export type Lockfile = z.infer<typeof lockfileSchema>;

/** A package-lock.json of version 2 or 3; undefined for anything else. */
export function parseLockfile(text: string): Lockfile | undefined {
  try {
    const parsed = lockfileSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const kinds = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
] as const;

/** Why the lockfile is not the one of this package.json; undefined when it is. */
export function lockDriftOf(manifest: PackageJson, text: string): string | undefined {
  const lockfile = parseLockfile(text);
  if (lockfile === undefined) return "package-lock.json is not a lockfile of version 2 or 3";
  const root = lockfile.packages[""] ?? {};
  for (const kind of kinds) {
    const wanted = manifest[kind] ?? {};
    const locked = root[kind] ?? {};
    for (const name of new Set([...Object.keys(wanted), ...Object.keys(locked)])) {
      if (wanted[name] === locked[name]) continue;
      return `package-lock.json does not match package.json: ${name} is ${wanted[name] ?? "absent"} there and ${locked[name] ?? "absent"} here`;
    }
  }
  return undefined;
}

/** Why a dependency on a folder cannot be installed: only folders of the project itself can be shown. */
export function localDependency(text: string, paths: readonly string[]): string | undefined {
  const entries = Object.entries(parseLockfile(text)?.packages ?? {});
  const local = entries.find(([path, one]) => {
    if (path === "" || (one.link !== true && one.resolved?.startsWith("file:") !== true))
      return false;
    return one.link !== true || !paths.includes(`${one.resolved ?? ""}/package.json`);
  });
  return local === undefined
    ? undefined
    : `${local[0]} is a dependency on a local folder or archive (${local[1].resolved ?? "?"}) that is no package of this project`;
}

/** What decides the installed folder: the lockfile without the project's own name and version. */
export function lockfileIdentity(text: string): string {
  const lockfile = parseLockfile(text);
  if (lockfile === undefined) return text;
  const { packages, ...rest } = lockfile;
  return canonicalJson({
    ...rest,
    name: "",
    version: "",
    packages: { ...packages, "": { ...packages[""], name: "", version: "" } },
  });
}
