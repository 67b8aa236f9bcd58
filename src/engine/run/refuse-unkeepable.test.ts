import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createProcessRunner } from "../../adapters/process/spawn-runner.ts";
import { createExistingRepositories } from "../../adapters/vcs/existing.ts";
import { createGit } from "../../adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../../adapters/workspace/scratch-workspaces.ts";
import { refuseUnkeepable } from "./refuse-unkeepable.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-unkeepable-"));
afterAll(() => rm(base, { recursive: true, force: true }));

const options = {
  runner: createProcessRunner(),
  scratch: join(base, "git"),
  searchPath: process.env["PATH"] ?? "",
};
const vcs = createGit(options);
const services = {
  repositories: createExistingRepositories(options),
  workspaces: createScratchWorkspaces({ scratch: join(base, "work"), vcs }),
};

async function tried(name: string, plant: (directory: string) => Promise<void>): Promise<void> {
  const directory = join(base, name);
  await mkdir(directory);
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", directory, "-c", "user.name=p", "-c", "user.email=p@p", ...args], {
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  await writeFile(join(directory, ".gitignore"), "*.log\n");
  await writeFile(join(directory, "kept.log"), "tracked although it is ignored\n");
  await plant(directory);
  git("add", "-A", "-f");
  git("commit", "-q", "-m", "first");
  const start = git("rev-parse", "HEAD");
  const branch = { name: "autosd/work", from: null, start };
  const tree = await vcs.treeOf(directory, start);
  await refuseUnkeepable(services, { directory }, { branch, tree }, "run_1");
}

it("lets a tree through that can be written down again, ignored files included", async () => {
  const taken = tried("plain", (directory) => symlink("kept.log", join(directory, "link")));
  await expect(taken).resolves.toBeUndefined();
});

it("refuses a link that leads out of the project before anything is paid", async () => {
  const refused = tried("link", (directory) => symlink("/etc/passwd", join(directory, "link")));
  await expect(refused).rejects.toMatchObject({
    code: "AUTOSD-REPOSITORY-UNSUITED",
    message: expect.stringContaining("link is a link that leads out") as string,
  });
});
