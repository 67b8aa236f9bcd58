import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  commitBeside,
  existingBranchesContract,
  type ExistingSubject,
  personsRepository,
} from "../../delivery/agent/existing-branch.contract.ts";
import { existingRepositoriesContract } from "../../delivery/agent/existing-repository.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createExistingRepositories } from "./existing.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-existing-"));
afterAll(() => rm(base, { recursive: true, force: true }));

const repositories = createExistingRepositories({
  runner: createProcessRunner(),
  scratch: join(base, "scratch"),
  searchPath: process.env["PATH"] ?? "",
});
const person = {
  ...{ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  ...{ GIT_AUTHOR_NAME: "Person", GIT_AUTHOR_EMAIL: "person@localhost" },
  ...{ GIT_COMMITTER_NAME: "Person", GIT_COMMITTER_EMAIL: "person@localhost" },
};
const git = (directory: string, ...args: readonly string[]): string =>
  execFileSync("git", ["-C", directory, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...person },
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
const subject: ExistingSubject = {
  repositories,
  folder: () => mkdtemp(join(base, "f-")),
  git,
};

existingRepositoriesContract("git of this machine", async () => subject);
existingBranchesContract("git of this machine", async () => subject);

describe("kinds of repositories", () => {
  const refused = expect.objectContaining({ code: "AUTOSD-VCS-UNSUPPORTED" }) as object;

  it("refuses a linked work tree, a bare one and a partial clone", async () => {
    const directory = await personsRepository(subject);
    const linked = join(await subject.folder(), "linked");
    git(directory, "worktree", "add", "-q", linked);
    await expect(repositories.survey(linked, "work")).rejects.toEqual(refused);
    const bare = join(await subject.folder(), "bare");
    git(directory, "clone", "-q", "--bare", directory, bare);
    await expect(repositories.survey(bare, "work")).rejects.toEqual(refused);
    git(directory, "config", "extensions.partialClone", "origin");
    await expect(repositories.survey(directory, "work")).rejects.toEqual(refused);
  });

  it("works on a shallow clone", async () => {
    const directory = await personsRepository(subject);
    git(directory, "commit", "-q", "--allow-empty", "-m", "second");
    const shallow = join(await subject.folder(), "shallow");
    git(directory, "clone", "-q", "--depth=1", `file://${directory}`, shallow);
    const start = git(shallow, "rev-parse", "HEAD");
    const place = { name: "autosd/work", from: null, start };
    const commit = await commitBeside(subject, shallow, place, { "b.txt": "b\n" });
    expect(await repositories.survey(shallow, "autosd/work")).toMatchObject({
      target: { kind: "own", commit },
    });
    expect(git(shallow, "fsck", "--strict")).toBe("");
  });

  it("works on a repository whose references are packed", async () => {
    const directory = await personsRepository(subject);
    const start = git(directory, "rev-parse", "HEAD");
    const place = { name: "autosd/work", from: null, start };
    await commitBeside(subject, directory, place, { "b.txt": "b\n" });
    git(directory, "pack-refs", "--all");
    const second = await commitBeside(subject, directory, place, { "c.txt": "c\n" });
    expect(git(directory, "rev-parse", "autosd/work")).toBe(second);
  });

  it("does not follow a branch that is another one's alias", async () => {
    const directory = await personsRepository(subject);
    const start = git(directory, "rev-parse", "HEAD");
    git(directory, "symbolic-ref", "refs/heads/autosd/work", "refs/heads/main");
    const place = { name: "autosd/work", from: start, start };
    await commitBeside(subject, directory, place, { "b.txt": "b\n" }).catch(() => undefined);
    expect(git(directory, "rev-parse", "main")).toBe(start);
  });
});
