import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  commitBeside,
  type ExistingSubject,
  personsRepository,
} from "../../delivery/agent/existing-branch.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createExistingRepositories } from "./existing.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-oddities-"));
afterAll(() => rm(base, { recursive: true, force: true }));
const git = (directory: string, ...args: readonly string[]): string =>
  execFileSync(
    "git",
    ["-c", "user.name=P", "-c", "user.email=p@localhost", "-C", directory, ...args],
    {
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
      stdio: ["ignore", "pipe", "ignore"],
    },
  ).trim();
const subject: ExistingSubject = {
  repositories: createExistingRepositories({
    runner: createProcessRunner(),
    scratch: join(base, "scratch"),
    searchPath: process.env["PATH"] ?? "",
  }),
  folder: () => mkdtemp(join(base, "f-")),
  git,
};

/** What a repository may hold; each file must be in the commit beside it as it was. */
const oddities: readonly {
  readonly name: string;
  readonly make: (directory: string) => Promise<void>;
}[] = [
  {
    name: "lines that end as on Windows, with autocrlf",
    make: async (directory) => {
      await writeFile(join(directory, "dos.txt"), "a\r\nb\r\n");
      git(directory, "add", "dos.txt");
      git(directory, "config", "core.autocrlf", "true");
      await writeFile(join(directory, ".gitattributes"), "*.txt text=auto eol=crlf\n");
    },
  },
  {
    name: "names beyond ASCII and with line breaks, tabs and quotes",
    make: async (directory) => {
      for (const name of ["größe.txt", "two\nlines.txt", 'tab\t"quote".txt', "-dash", "日本.txt"])
        await writeFile(join(directory, name), `${name}\n`);
    },
  },
  {
    name: "names that differ in case alone",
    make: async (directory) => {
      await writeFile(join(directory, "Same.txt"), "upper\n");
      await writeFile(join(directory, "same.txt"), "lower\n");
    },
  },
  {
    name: "pointers of large file storage whose filter is not run",
    make: async (directory) => {
      await writeFile(join(directory, ".gitattributes"), "*.bin filter=lfs -text\n");
      const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`;
      await writeFile(join(directory, "large.bin"), pointer);
    },
  },
  {
    name: "a file of 20 megabytes, an empty one and a link",
    make: async (directory) => {
      await writeFile(join(directory, "huge.dat"), Buffer.alloc(20 * 1024 * 1024, 7));
      await writeFile(join(directory, "empty"), "");
      await symlink("a.txt", join(directory, "link"));
    },
  },
];

describe("a commit beside what is checked out", () => {
  it.each(oddities)("keeps $name", async ({ make }) => {
    const directory = await personsRepository(subject);
    await make(directory);
    git(directory, "add", "-A");
    git(directory, "commit", "-q", "-m", "odd");
    const start = git(directory, "rev-parse", "HEAD");
    const status = git(directory, "status", "--porcelain");
    const place = { name: "autosd/work", from: null, start };
    const commit = await commitBeside(subject, directory, place, { "new.md": "new\n" });
    expect(git(directory, "diff", "--name-status", start, commit)).toBe("A\tnew.md");
    expect(git(directory, "status", "--porcelain")).toBe(status);
    expect(git(directory, "rev-parse", "HEAD")).toBe(start);
  });
});

describe("ways to a repository", () => {
  it("works through a link to its folder, on a detached HEAD", async () => {
    const directory = await personsRepository(subject);
    git(directory, "switch", "-q", "--detach");
    const link = join(await subject.folder(), "link");
    await symlink(directory, link);
    const start = git(directory, "rev-parse", "HEAD");
    expect(await subject.repositories.survey(link, "autosd/work")).toMatchObject({
      ...{ kind: "repository", head: start, branch: null, target: { kind: "absent" } },
    });
    const place = { name: "autosd/work", from: null, start };
    const commit = await commitBeside(subject, link, place, { "new.md": "new\n" });
    expect(git(directory, "rev-parse", "autosd/work")).toBe(commit);
    expect(git(directory, "rev-parse", "HEAD")).toBe(start);
  });

  it("says whose part a package of a workspace is", async () => {
    const directory = await personsRepository(subject);
    const packageFolder = join(directory, "packages", "one");
    await mkdir(packageFolder, { recursive: true });
    await writeFile(join(packageFolder, "package.json"), "{}");
    expect(await subject.repositories.survey(packageFolder, "autosd/work")).toEqual({
      ...{ kind: "none", within: directory },
    });
    expect(await readFile(join(packageFolder, "package.json"), "utf8")).toBe("{}");
  });
});
