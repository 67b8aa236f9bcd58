import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { commitFiles } from "../../delivery/agent/vcs.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { fullFolder } from "./full-disk.ts";
import { createGit } from "./git.ts";

const searchPath = process.env["PATH"] ?? "";
const base = await mkdtemp(join(tmpdir(), "autosd-git-full-"));
afterAll(() => rm(base, { recursive: true, force: true }));

const vcs = createGit({
  runner: createProcessRunner(),
  scratch: join(base, "scratch"),
  searchPath,
});
let folders = 0;
let directory = "";
const folder = async (): Promise<string> => {
  const path = join(base, `f${String((folders += 1))}`);
  await mkdir(path);
  return path;
};
beforeEach(async () => {
  directory = await folder();
});

const subject = { vcs, folder };

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", directory, ...args], { encoding: "utf8" }).trim();
}

describe("a repository that a full disk cut short", () => {
  it.each([
    ["an empty .git", []],
    ["folders without HEAD", ["objects/info", "objects/pack", "refs/heads"]],
    ["no objects", ["refs/heads"]],
  ])("is completed from %s", async (_what, parts) => {
    await mkdir(join(directory, ".git"));
    for (const part of parts) await mkdir(join(directory, ".git", part), { recursive: true });
    expect((await vcs.inspect(directory)).kind).toBe("foreign");
    await vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    expect(git("status", "--porcelain")).toBe("");
    expect(git("fsck", "--strict")).toBe("");
  });

  it("is not made anew when it holds objects", async () => {
    await vcs.initialise(directory);
    await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
    await rm(join(directory, ".git", "HEAD"));
    await expect(vcs.inspect(directory)).rejects.toMatchObject({ name: "VcsError" });
  });
});

describe("a checkout that a full disk cut short", () => {
  const long = "line\n".repeat(2_000);

  async function cutCheckout(): Promise<void> {
    await vcs.initialise(directory);
    const first = await commitFiles(subject, directory, { "a.txt": "old" }, "k1");
    const second = await commitFiles(subject, directory, { "a.txt": long, "new/b": long }, "k2");
    await writeFile(
      join(directory, ".git", "autosd-checkout.json"),
      JSON.stringify({ schema: "autosd/checkout@1", from: first.tree, to: second.tree }),
    );
    // As git leaves it: files begun, the index as it was before.
    git("read-tree", first.commit);
    await truncate(join(directory, "a.txt"), 4_096);
    await truncate(join(directory, "new", "b"), 0);
  }

  it("is completed", async () => {
    await cutCheckout();
    await vcs.repairCheckout(directory);
    expect(await readFile(join(directory, "a.txt"), "utf8")).toBe(long);
    expect(git("status", "--porcelain")).toBe("");
  });

  it("keeps a file that holds anything else than the beginning of the new content", async () => {
    await cutCheckout();
    await writeFile(join(directory, "a.txt"), "line\nmine\n");
    await expect(vcs.repairCheckout(directory)).rejects.toMatchObject({
      code: "AUTOSD-VCS-LOCAL-CHANGES",
    });
    expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("line\nmine\n");
  });
});

describe("git's words about a full disk", () => {
  it.each([
    "error: unable to write file x: No space left on device",
    "fatal: sha1 file '/x/index.lock' write error. Out of diskspace",
    "fatal: Disk quota exceeded",
  ])("name it: %s", (words) => {
    expect(fullFolder(words, [base])).toBe(base);
  });

  it("that name no reason count only where there is no room", () => {
    expect(fullFolder("error: unable to write file x", [base])).toBeUndefined();
    // A file system without any room, wherever Linux runs.
    const known = process.platform === "linux" ? "/proc" : undefined;
    if (known !== undefined)
      expect(fullFolder("error: unable to write file x", [base, known])).toBe(known);
  });

  it("about anything else are left alone", () => {
    expect(fullFolder("fatal: bad object HEAD", ["/proc"])).toBeUndefined();
  });
});
