import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readPlainHead } from "./ref-files.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-refs-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let folders = 0;

const commit = "a".repeat(40);
const other = "b".repeat(40);

async function gitDir(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(base, String((folders += 1)));
  await mkdir(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

describe("HEAD as plain files", () => {
  it("is the branch and the commit that its file names", async () => {
    const folder = await gitDir({
      HEAD: "ref: refs/heads/feature/x\n",
      "refs/heads/feature/x": `${commit}\n`,
      "packed-refs": `${other} refs/heads/feature/x\n`,
    });
    expect(await readPlainHead(folder)).toEqual({ ref: "refs/heads/feature/x", commit });
  });

  it("finds a packed branch and no other of a similar name", async () => {
    const folder = await gitDir({
      HEAD: "ref: refs/heads/main\n",
      "packed-refs": `# pack-refs with: peeled fully-peeled sorted \n${other} refs/heads/main2\n${commit} refs/heads/main\n^${other}\n`,
    });
    expect(await readPlainHead(folder)).toEqual({ ref: "refs/heads/main", commit });
  });

  it("has no commit before the first", async () => {
    const folder = await gitDir({ HEAD: "ref: refs/heads/main\n" });
    expect(await readPlainHead(folder)).toEqual({ ref: "refs/heads/main", commit: undefined });
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["a detached HEAD", { HEAD: `${commit}\n` }],
    ["no HEAD", {}],
    ["a branch that leaves the folder", { HEAD: "ref: refs/heads/../../x\n" }],
    ["a lock as a branch", { HEAD: "ref: refs/heads/main.lock\n" }],
    ["another ref store", { HEAD: "ref: refs/heads/.invalid\n" }],
    ["a ref that is no branch", { HEAD: "ref: refs/tags/v1\n" }],
    [
      "a branch that is a name for another",
      { HEAD: "ref: refs/heads/a\n", "refs/heads/a": "ref: refs/heads/b\n" },
    ],
    ["a cut file", { HEAD: "ref: refs/heads/a\n", "refs/heads/a": commit.slice(1) }],
    ["a folder of the branch's name", { HEAD: "ref: refs/heads/a\n", "refs/heads/a/b": commit }],
  ])("leaves %s to git", async (_name, files) => {
    expect(await readPlainHead(await gitDir(files))).toBeUndefined();
  });

  it("follows no link", async () => {
    const folder = await gitDir({ HEAD: "ref: refs/heads/main\n", secret: `${commit}\n` });
    await mkdir(join(folder, "refs/heads"), { recursive: true });
    await symlink(join(folder, "secret"), join(folder, "refs/heads/main"));
    expect(await readPlainHead(folder)).toBeUndefined();
  });

  it("says what git says, loose and packed", async () => {
    const repository = join(base, "repository");
    const git = (...args: readonly string[]): string =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
        cwd: repository,
        encoding: "utf8",
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", GIT_CONFIG_NOSYSTEM: "1", HOME: base },
      }).trim();
    await mkdir(repository);
    git("init", "-q", "-b", "main");
    git("commit", "-q", "--allow-empty", "-m", "one");
    const head = { ref: "refs/heads/main", commit: git("rev-parse", "HEAD") };
    expect(await readPlainHead(join(repository, ".git"))).toEqual(head);
    git("pack-refs", "--all");
    expect(await readPlainHead(join(repository, ".git"))).toEqual(head);
  });
});
