import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    readonly buildFolder: string;
  }
}

/** Gives all tests one folder for what they compile; it is removed after the last. */
export default function provideBuildFolder(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "service-build-"));
  project.provide("buildFolder", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
