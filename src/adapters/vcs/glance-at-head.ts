import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProcessRunner } from "../../kernel/process.ts";
import { createGit } from "./git.ts";

/**
 * The commit that the branch in a folder points at, for whoever must leave no trace: what git needs
 * for looking is made in a temporary folder, which is removed. Otherwise like `Vcs.headOf`.
 */
export async function glanceAtHead(
  options: { readonly runner: ProcessRunner; readonly searchPath: string },
  directory: string,
): Promise<string | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), "autosd-head-"));
  try {
    return await createGit({ ...options, scratch }).headOf(directory);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
