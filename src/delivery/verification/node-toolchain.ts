import { nodeGates } from "./node-gates.ts";
import { nodeInstall } from "./node-install.ts";
import { workspacePackages } from "./node-workspaces.ts";
import { parsePackageJson } from "./package-json.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";
import type { ToolchainProfile } from "./toolchain.ts";

const endings = "{ts,tsx,mts,cts,js,jsx,mjs,cjs}";
const testFiles = [`**/*.test.${endings}`, `**/*.spec.${endings}`];
const possibleTests = [
  `{test,tests}.${endings}`,
  `**/{test,tests,__tests__,spec}/**/*.${endings}`,
  `**/*{-,_}test.${endings}`,
  `**/test-*.${endings}`,
];

/** What package.json says about building and checking; a reason when nothing can be made of it. */
export async function detectNode(
  snapshot: ProjectSnapshot,
  manifestText: string,
): Promise<ToolchainProfile | { readonly kind: "unknown"; readonly reason: string }> {
  const manifest = parsePackageJson(manifestText);
  if (manifest === undefined)
    return { kind: "unknown", reason: "package.json is not a JSON object of the usual form" };
  const packages = await workspacePackages(snapshot, manifest);
  const hasTsconfig = snapshot.paths.includes("tsconfig.json");
  const gates = nodeGates(manifest, { hasTsconfig, packages });
  const install = await nodeInstall(snapshot, manifest, packages);
  return { id: "node", install, gates, testFiles, possibleTests };
}
