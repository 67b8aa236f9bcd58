// Workspaces of a repository of many files: folders made anew against folders used again, one after
// the other and four at once, beside git's own work trees on the same machine in the same minute.
// Prints one JSON object of medians in milliseconds.
import { execFile } from "node:child_process";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProcessRunner } from "../src/adapters/process/spawn-runner.ts";
import { createGit } from "../src/adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../src/adapters/workspace/scratch-workspaces.ts";

const orders = JSON.parse(process.argv[2] ?? "{}") as {
  readonly files: number;
  readonly rounds: number;
  readonly atOnce: number;
  readonly searchPath: string;
};
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "autosd-bench-workspaces-"));

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Files of 1 to 4 KB, a hundred a folder. */
async function writeFiles(root: string): Promise<void> {
  for (let index = 0; index < orders.files; index += 1) {
    const at = join(root, `d${Math.floor(index / 1_000)}`, `e${Math.floor(index / 100) % 10}`);
    if (index % 100 === 0) await mkdir(at, { recursive: true });
    const text = `export const value${index} = ${index};\n`.repeat(30 + (index % 90));
    await writeFile(join(at, `f${index}.ts`), text);
  }
}

/** What a story does to its files. */
async function spoil(root: string): Promise<void> {
  for (let index = 0; index < 20; index += 1)
    await appendFile(join(root, "d0", "e0", `f${index}.ts`), "// changed\n");
  for (let index = 100; index < 110; index += 1)
    await rm(join(root, "d0", "e1", `f${index}.ts`), { force: true });
  await mkdir(join(root, "coverage"));
  for (let index = 0; index < 200; index += 1)
    await writeFile(join(root, "coverage", `c${index}.html`), "left");
}

try {
  const runner = createProcessRunner();
  const { searchPath } = orders;
  const vcs = createGit({ runner, scratch: join(folder, "git"), searchPath });
  const repository = join(folder, "repository");
  await vcs.initialise(repository);
  const source = join(folder, "source");
  await mkdir(source);
  await writeFiles(source);
  const tree = await vcs.snapshot(repository, source);
  const names = Array.from({ length: orders.atOnce }, (_, index) => `w${index}`);
  const git = (args: readonly string[]) => run("git", [...args], { cwd: repository });
  const { stdout } = await git([
    ...["-c", "user.name=bench", "-c", "user.email=bench@localhost"],
    ...["commit-tree", "-m", "bench", tree],
  ]);
  const commit = stdout.trim();

  const times = {
    ...{ fresh: [] as number[], again: [] as number[], adopted: [] as number[] },
    ...{ freshAtOnce: [] as number[], againAtOnce: [] as number[] },
    ...{ workTree: [] as number[], reset: [] as number[], workTreesAtOnce: [] as number[] },
  };
  for (let round = 0; round < orders.rounds; round += 1) {
    const open = (name: string) => workspaces.open({ repository, tree, name });
    const scratch = join(folder, `work-${round}`);
    const workspaces = createScratchWorkspaces({ scratch, vcs });
    let one = await open("warm-up");
    await workspaces.close();
    times.fresh.push(await timed(async () => (one = await open("one"))));
    await spoil(one.root);
    await workspaces.discard(one);
    times.again.push(await timed(async () => (one = await open("two"))));
    // A sandbox with a user of its own is given every file.
    await run("chown", ["-R", "12345:12345", one.root]).catch(() => undefined);
    await spoil(one.root);
    await workspaces.discard(one);
    times.adopted.push(await timed(async () => (one = await open("three"))));
    await workspaces.close();
    const openAll = async () => {
      all = await Promise.all(names.map(open));
    };
    let all: Awaited<ReturnType<typeof open>>[] = [];
    times.freshAtOnce.push(await timed(openAll));
    for (const each of all) {
      await spoil(each.root);
      await workspaces.discard(each);
    }
    times.againAtOnce.push(await timed(openAll));
    await workspaces.close();

    // Slow, and only there to compare with.
    if (round > 0) continue;
    const added = join(folder, "added");
    const add = (path: string) => git(["worktree", "add", "-q", "--detach", path, commit]);
    const drop = (path: string) => git(["worktree", "remove", "--force", path]);
    times.workTree.push(await timed(() => add(added)));
    await spoil(added);
    const reset = async () => {
      await run("git", ["reset", "-q", "--hard", commit], { cwd: added });
      await run("git", ["clean", "-q", "-ffdx"], { cwd: added });
    };
    times.reset.push(await timed(reset));
    await drop(added);
    const paths = names.map((name) => join(folder, name));
    times.workTreesAtOnce.push(await timed(() => Promise.all(paths.map(add))));
    for (const path of paths) await drop(path);
  }
  const medians = Object.entries(times).map(([name, taken]) => [name, median(taken)]);
  process.stdout.write(JSON.stringify(Object.fromEntries(medians)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
