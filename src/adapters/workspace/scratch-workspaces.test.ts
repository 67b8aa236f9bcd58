import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { workspacesContract } from "../../engine/ports/workspaces.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGit } from "../vcs/git.ts";
import { createScratchWorkspaces } from "./scratch-workspaces.ts";

const root = await mkdtemp(join(tmpdir(), "autosd-workspaces-"));
afterAll(() => rm(root, { recursive: true, force: true }));

let created = 0;
async function open() {
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
  const scratch = join(base, "work");
  return { workspaces: createScratchWorkspaces({ scratch, vcs }), repository, tree, scratch };
}

workspacesContract("scratch folders", open);

describe("scratch folders on disk", () => {
  it("are gone from their place when discarded and from the disk before the next is opened", async () => {
    const { workspaces, repository, tree, scratch } = await open();
    const one = await workspaces.open({ repository, tree, name: "one" });
    const two = await workspaces.open({ repository, tree, name: "two" });
    await workspaces.discard(one);
    expect(await readdir(scratch)).not.toContain("one");
    await workspaces.discard(two);
    await workspaces.open({ repository, tree, name: "three" });
    expect(await readdir(scratch)).toEqual(["three"]);
  });

  it("are swept when a killed process left them half removed", async () => {
    const { workspaces, repository, tree, scratch } = await open();
    await mkdir(join(scratch, ".discarded-1-1", "deep"), { recursive: true });
    await workspaces.open({ repository, tree, name: "next" });
    expect(await readdir(scratch)).toEqual(["next"]);
  });
});
