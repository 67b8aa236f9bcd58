import { detectNode } from "./node-toolchain.ts";
import { detectPython } from "./python-toolchain.ts";
import type { ProjectSnapshot } from "./project-snapshot.ts";
import type { ToolchainProfile } from "./toolchain.ts";

/** How a project is installed and checked, found by looking at its files; nothing is run. */
export async function detectToolchain(
  snapshot: ProjectSnapshot,
): Promise<ToolchainProfile | { readonly kind: "unknown"; readonly reason: string }> {
  const manifest = await snapshot.readText("package.json");
  if (manifest !== undefined) return detectNode(snapshot, manifest);
  const isPython = snapshot.paths.some((path) =>
    /^(?:pyproject\.toml|setup\.cfg|requirements[^/]*\.txt|(?:.*\/)?[^/]+\.py)$/.test(path),
  );
  if (isPython) return detectPython(snapshot);
  return {
    kind: "unknown",
    reason:
      snapshot.paths.length === 0
        ? "the project has no files"
        : "the project has neither package.json nor pyproject.toml nor other Python files: nothing is known about checking it",
  };
}
