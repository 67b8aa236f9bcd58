import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { workspacesContract } from "../../engine/ports/workspaces.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGit } from "../vcs/git.ts";
import { createScratchWorkspaces } from "./scratch-workspaces.ts";

const root = await mkdtemp(join(tmpdir(), "autosd-workspaces-"));
afterAll(() => rm(root, { recursive: true, force: true }));

let created = 0;
workspacesContract("scratch folders", async () => {
  created += 1;
  const base = join(root, String(created));
  const vcs = createGit({
    runner: createProcessRunner(),
    scratch: join(base, "git"),
    searchPath: process.env["PATH"] ?? "",
  });
  const repository = join(base, "repository");
  const files = join(base, "files");
  await mkdir(join(files, "folder"), { recursive: true });
  await writeFile(join(files, "a.txt"), "a");
  await writeFile(join(files, "folder", "b.txt"), "b");
  await vcs.initialise(repository);
  const tree = await vcs.snapshot(repository, files);
  const workspaces = createScratchWorkspaces({ scratch: join(base, "work"), vcs });
  return { workspaces, repository, tree };
});
