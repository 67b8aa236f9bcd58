import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  commitFiles,
  commitRequest,
  leaveFor,
  vcsContract,
  writeFiles,
  type VcsSubject,
} from "../../delivery/agent/vcs.contract.ts";
import { vcsCommitsContract } from "../../delivery/agent/vcs-commits.contract.ts";
import type { ProcessRunner } from "../../kernel/process.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGit } from "./git.ts";

const searchPath = "/usr/local/bin:/usr/bin:/bin";
const base = await mkdtemp(join(tmpdir(), "autosd-git-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let folders = 0;

async function open(runner: ProcessRunner = createProcessRunner()): Promise<VcsSubject> {
  return {
    vcs: createGit({ runner, scratch: join(base, "scratch"), searchPath }),
    async folder() {
      const path = join(base, `folder ${String((folders += 1))}`);
      await mkdir(path);
      return path;
    },
  };
}

function git(directory: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
    cwd: directory,
    encoding: "utf8",
    env: { PATH: searchPath, GIT_CONFIG_NOSYSTEM: "1", HOME: base },
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

vcsContract("git", () => open());
vcsCommitsContract("git", () => open());

describe("git: the user's side", () => {
  it("leaves a repository in which git itself finds nothing to complain about", async () => {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1", "b.txt": "1" }, "k1");
    await commitFiles(subject, directory, { "a.txt": "2" }, "k2");
    await writeFiles(directory, { ".autosd/backlog.json": "{}", "node_modules/x/y.js": "" });
    expect(git(directory, "status", "--porcelain")).toBe("");
    expect(git(directory, "fsck", "--strict")).toBe("");
    expect(git(directory, "log", "--format=%an <%ae> %at %(trailers:key=Story,valueonly)")).toBe(
      "autosd <autosd@localhost> 1767225600 ST-1\n\nautosd <autosd@localhost> 1767225600 ST-1",
    );
  });

  it("commits to the branch that is checked out and leaves the others", async () => {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    const first = await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    git(directory, "switch", "-q", "-c", "feature/x");
    const second = await commitFiles(subject, directory, { "a.txt": "2" }, "k2");
    expect(await subject.vcs.inspect(directory)).toMatchObject({ branch: "feature/x" });
    expect(git(directory, "rev-parse", "main", "feature/x").split("\n")).toEqual([
      first.commit,
      second.commit,
    ]);
  });

  it("works on a shallow clone", async () => {
    const subject = await open();
    const origin = await subject.folder();
    await subject.vcs.initialise(origin);
    for (const key of ["k1", "k2", "k3"]) await commitFiles(subject, origin, { "a.txt": key }, key);
    const clone = join(await subject.folder(), "clone");
    git(base, "clone", "-q", "--depth=1", `file://${origin}`, clone);
    const done = await commitFiles(subject, clone, { "a.txt": "4" }, "k4");
    expect(await subject.vcs.findByKey(clone, "k4")).toBe(done.commit);
    expect(await subject.vcs.findByKey(clone, "k1")).toBeUndefined();
  });

  it.each([
    ["a detached HEAD", async (at: string) => git(at, "checkout", "-q", "--detach")],
    [
      "a linked work tree",
      async (at: string) => {
        git(at, "worktree", "add", "-q", "--detach", `${at}-linked`);
        await rm(at, { recursive: true });
        await rename(`${at}-linked`, at);
      },
    ],
    [
      "a .git that is a link",
      async (at: string) => {
        await rename(join(at, ".git"), `${at}-git`);
        await symlink(`${at}-git`, join(at, ".git"));
      },
    ],
    [
      "a bare repository",
      async (at: string) => {
        await rm(at, { recursive: true });
        git(base, "init", "-q", "--bare", at);
      },
    ],
    [
      "a SHA-256 repository",
      async (at: string) => {
        await rm(at, { recursive: true });
        git(base, "init", "-q", "--object-format=sha256", at);
      },
    ],
  ])("refuses %s and says so", async (_name, arrange) => {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    await arrange(directory);
    await expect(subject.vcs.inspect(directory)).rejects.toMatchObject({
      code: "AUTOSD-VCS-UNSUPPORTED",
    });
  });

  it("refuses to commit into a merge that the user has begun", async () => {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    const first = await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    await writeFile(join(directory, ".git", "MERGE_HEAD"), `${first.commit}\n`);
    await expect(commitFiles(subject, directory, { "a.txt": "2" }, "k2")).rejects.toMatchObject({
      code: "AUTOSD-VCS-LOCAL-CHANGES",
    });
  });

  it("names the lock that another git holds", async () => {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    await writeFile(join(directory, ".git", "refs", "heads", "main.lock"), "");
    await expect(commitFiles(subject, directory, { "a.txt": "2" }, "k2")).rejects.toMatchObject({
      code: "AUTOSD-VCS-BUSY",
      remedy: expect.stringContaining("main.lock") as string,
    });
    await rm(join(directory, ".git", "refs", "heads", "main.lock"));
    await writeFile(join(directory, ".git", "index.lock"), "");
    await expect(commitFiles(subject, directory, { "a.txt": "2" }, "k2")).rejects.toMatchObject({
      code: "AUTOSD-VCS-BUSY",
    });
    expect(await subject.vcs.findByKey(directory, "k2")).toBeUndefined();
  });

  it("says how to get git when there is none", async () => {
    const subject = await open();
    const directory = await subject.folder();
    const vcs = createGit({
      runner: createProcessRunner(),
      scratch: join(base, "scratch"),
      searchPath: directory,
    });
    await expect(vcs.initialise(directory)).rejects.toMatchObject({
      code: "AUTOSD-GIT-MISSING",
      exitCode: 2,
      remedy: expect.stringContaining("apt-get install git") as string,
    });
  });

  it("reports a full disk and a read-only folder as such", async () => {
    for (const [words, code, hint] of [
      ["error: unable to write file x: No space left on device", "AUTOSD-DISK-FULL", "disk full"],
      [
        "fatal: could not create work tree dir: Read-only file system",
        "AUTOSD-VCS-UNWRITABLE",
        "Read-only",
      ],
    ] as const) {
      const failing: ProcessRunner = {
        run: async () => ({
          end: { kind: "exited", exitCode: 128 },
          stdout: "",
          stderr: `${words}\n`,
          durationMs: 1,
        }),
      };
      const subject = await open(failing);
      await expect(subject.vcs.initialise(await subject.folder())).rejects.toMatchObject({
        code,
        message: expect.stringContaining(hint) as string,
      });
    }
  });

  it("materialises only into an empty folder", async () => {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    const { tree } = await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    const into = await subject.folder();
    await writeFiles(into, { "b.txt": "old" });
    await expect(subject.vcs.materialise(directory, tree, into)).rejects.toMatchObject({
      code: "AUTOSD-VCS-UNSUPPORTED",
    });
  });

  it("stores a project of 60 files and commits it with few git processes", async () => {
    let processes = 0;
    const inner = createProcessRunner();
    const subject = await open({
      run: (spec) => {
        processes += 1;
        return inner.run(spec);
      },
    });
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    const from = await subject.folder();
    for (let index = 0; index < 60; index += 1)
      await writeFiles(from, {
        [`src/${String(index % 7)}/f${String(index)}.ts`]: `${String(index)}\n`.repeat(80),
      });
    const state = await subject.vcs.inspect(directory);
    const parent = state.kind === "repository" ? state.head : undefined;
    processes = 0;
    const startedMs = performance.now();
    const tree = await subject.vcs.snapshot(directory, from);
    const midMs = performance.now();
    await subject.vcs.commit(leaveFor("k2"), directory, commitRequest(tree, parent, "k2"));
    console.info(
      `snapshot ${String(Math.round(midMs - startedMs))} ms, commit ${String(Math.round(performance.now() - midMs))} ms, ${String(processes)} git processes`,
    );
    expect(processes).toBeLessThanOrEqual(5);
  });
});

describe("git: after a crash between moving the branch and updating the files", () => {
  /** Runs until the first command of that name and dies there, as a power cut would. */
  function dyingAt(command: string, occurrence: number): ProcessRunner {
    const inner = createProcessRunner();
    let seen = 0;
    return {
      run: async (spec) => {
        if (spec.command.includes(command) && !spec.command.includes("-n")) seen += 1;
        if (seen >= occurrence) throw new Error("power cut");
        return inner.run(spec);
      },
    };
  }

  async function cut(command: string, occurrence: number) {
    const subject = await open();
    const directory = await subject.folder();
    await subject.vcs.initialise(directory);
    const first = await commitFiles(
      subject,
      directory,
      { "a.txt": "1", "gone.txt": "1", "mine.txt": "1" },
      "k1",
    );
    const from = await subject.folder();
    await writeFiles(from, { "a.txt": "2", "new/b.txt": "2", "mine.txt": "1" });
    const tree = await subject.vcs.snapshot(directory, from);
    const dying = await open(dyingAt(command, occurrence));
    await expect(
      dying.vcs.commit(leaveFor("k2"), directory, commitRequest(tree, first.commit, "k2")),
    ).rejects.toThrow("power cut");
    return { subject, directory, first };
  }

  it("brings the work tree along", async () => {
    const { subject, directory } = await cut("read-tree", 1);
    expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("1");
    await writeFiles(directory, { "mine.txt": "edited" });
    await subject.vcs.repairCheckout(directory);
    expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("2");
    expect(await readFile(join(directory, "new/b.txt"), "utf8")).toBe("2");
    expect(git(directory, "status", "--porcelain")).toBe("M mine.txt");
    await subject.vcs.repairCheckout(directory);
    expect(await subject.vcs.findByKey(directory, "k2")).toBeDefined();
  });

  it("goes on when some of the files had been written", async () => {
    const { subject, directory } = await cut("read-tree", 1);
    await writeFiles(directory, { "a.txt": "2", "new/b.txt": "2" });
    await rm(join(directory, "gone.txt"));
    await subject.vcs.repairCheckout(directory);
    expect(git(directory, "status", "--porcelain")).toBe("");
  });

  it("does nothing when the branch had not moved yet", async () => {
    const { subject, directory, first } = await cut("update-ref", 1);
    await subject.vcs.repairCheckout(directory);
    expect(git(directory, "rev-parse", "HEAD")).toBe(first.commit);
    expect(git(directory, "status", "--porcelain")).toBe("");
  });

  it("refuses to overwrite what the user edited meanwhile, and repairs when they undo it", async () => {
    const { subject, directory } = await cut("read-tree", 1);
    await writeFiles(directory, { "a.txt": "3" });
    await expect(subject.vcs.repairCheckout(directory)).rejects.toMatchObject({
      code: "AUTOSD-VCS-LOCAL-CHANGES",
      details: { paths: ["a.txt"] },
    });
    expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("3");
    git(directory, "reset", "-q", "--hard");
    await subject.vcs.repairCheckout(directory);
    expect(git(directory, "status", "--porcelain")).toBe("");
  });
});
