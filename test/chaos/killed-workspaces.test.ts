import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createProcessRunner } from "../../src/adapters/process/spawn-runner.ts";
import { createGit } from "../../src/adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../../src/adapters/workspace/scratch-workspaces.ts";
import { bundleWorker } from "./bundle.ts";

/** What a process that is killed is told. */
export interface WorkspaceOrders {
  readonly repository: string;
  /** Taken in turns. */
  readonly trees: readonly string[];
  readonly scratch: string;
  readonly git: string;
  readonly rounds: number;
}

const rounds = 2;
/** `open`, `spoil`, `discard` a round, then `close`. */
const steps = 3 * rounds + 1;

let base: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "autosd-killed-"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

/** Runs the program until it says its step of that number, and kills it there; what it said. */
async function killedAt(program: string, orders: WorkspaceOrders, step: number): Promise<string> {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  let said = "";
  child.stdout.on("data", (more: Buffer) => {
    said += more.toString();
    if (said.split("\n").length > step) child.kill("SIGKILL");
  });
  await once(child, "close");
  return said;
}

it("leaves nothing of a process that was killed at any step, and everything of one that lives", async () => {
  const repository = join(base, "repository");
  const git = join(base, "git");
  const scratch = join(base, "work");
  const vcs = createGit({
    runner: createProcessRunner(),
    scratch: git,
    searchPath: process.env["PATH"] ?? "",
  });
  await vcs.initialise(repository);
  const files = join(base, "files");
  await mkdir(files);
  await writeFile(join(files, "a.txt"), "one");
  const first = await vcs.snapshot(repository, files);
  await writeFile(join(files, "a.txt"), "two");
  const trees = [first, await vcs.snapshot(repository, files)];
  const living = createScratchWorkspaces({ scratch, vcs });
  const kept = await living.open({ repository, tree: first, name: "one" });
  await kept.write("mine.txt", "under way");
  const program = await bundleWorker("workspace-worker", base);

  for (let step = 1; step <= steps; step += 1) {
    const said = await killedAt(program, { repository, trees, scratch, git, rounds }, step);
    expect(said).not.toContain("end");
    const next = createScratchWorkspaces({ scratch, vcs });
    const opened = await next.open({ repository, tree: first, name: "one" });
    expect(await readdir(opened.root)).toEqual(["a.txt"]);
    expect(await readFile(join(opened.root, "a.txt"), "utf8")).toBe("one");
    const folders = (await readdir(scratch)).filter((name) => !name.endsWith(".lock"));
    expect(folders).toHaveLength(2);
    await next.close();
  }
  expect((await readdir(kept.root)).sort()).toEqual(["a.txt", "mine.txt"]);
  await living.close();
  expect(await readdir(scratch)).toEqual([]);
});
