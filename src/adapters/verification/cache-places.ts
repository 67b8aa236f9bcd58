import { join } from "node:path";

/** Where the dependency stores are, one folder a key. */
export function depsFolder(options: { readonly cacheFolder: string }): string {
  return join(options.cacheFolder, "deps");
}

/** The lease of a dependency store. */
export function leaseOf(key: string): string {
  return `deps-${key}`;
}

/** The lease of the package manager's own cache. */
export const npmLease = "npm";
