/** What of a project's `.npmrc` decides the layout of what is installed; never a registry, a key or a program. */
const npmrcKeys = new Set([
  ...["node-linker", "hoist", "hoist-pattern[]", "public-hoist-pattern[]", "shamefully-hoist"],
  ...["auto-install-peers", "strict-peer-dependencies", "dedupe-peer-dependents"],
  ...["resolve-peers-from-workspace-root", "link-workspace-packages", "prefer-workspace-packages"],
  ...["inject-workspace-packages", "shared-workspace-lockfile", "exclude-links-from-lockfile"],
  ...["peers-suffix-max-length", "dedupe-direct-deps", "hoist-workspace-packages"],
  ...["legacy-peer-deps", "strict-peer-deps", "install-strategy", "install-links"],
]);

/** The same of `.yarnrc.yml`: plugins, releases, registries and keys are left out. */
const yarnrcKeys = new Set([
  ...["packageExtensions", "catalog", "catalogs", "compressionLevel", "nmHoistingLimits"],
  ...["supportedArchitectures", "enableTransparentWorkspaces", "defaultSemverRangePrefix"],
]);

/** The lines of an `.npmrc` that count; empty: none. */
export function layoutNpmrc(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => /^\s*([^#;=\s]+)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .filter(([, key = "", value = ""]) => npmrcKeys.has(key) && !/\$\{|^pnp$/.test(value))
    .map(([, key = "", value = ""]) => `${key}=${value}\n`)
    .join("");
}

/** The top-level members of an `.yarnrc.yml` that count, as they stand; empty: none. */
export function layoutYarnrc(text: string): string {
  const members = text.split(/^(?=[^\s#-])/m);
  return members
    .filter((member) => {
      const key = /^["']?([A-Za-z]+)["']?\s*:/.exec(member)?.[1];
      return key !== undefined && yarnrcKeys.has(key);
    })
    .map((member) => (member.endsWith("\n") ? member : `${member}\n`))
    .join("");
}
