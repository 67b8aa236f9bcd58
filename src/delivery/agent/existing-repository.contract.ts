import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RepositorySurvey } from "./existing-repository.port.ts";
import {
  commitBeside,
  type ExistingSubject,
  personsRepository,
} from "./existing-branch.contract.ts";
import { writeFiles } from "./vcs.contract.ts";

type Surveyed = Extract<RepositorySurvey, { readonly kind: "repository" }>;

async function surveyed(
  subject: ExistingSubject,
  directory: string,
  branch = "autosd/work",
): Promise<Surveyed> {
  const survey = await subject.repositories.survey(directory, branch);
  expect(survey.kind).toBe("repository");
  if (survey.kind !== "repository") throw new Error("no repository");
  return survey;
}

/** What everybody who works in other people's repositories must do; adapters' tests call it. */
export function existingRepositoriesContract(
  name: string,
  open: () => Promise<ExistingSubject>,
): void {
  describe(`${name}: looking at a repository`, () => {
    it("tells a folder that is not there from one, and knows one of almost that name", async () => {
      const subject = await open();
      const folder = await subject.folder();
      await mkdir(join(folder, "web-shop", "server"), { recursive: true });
      await writeFiles(folder, { "web-shop/notes.txt": "" });
      const survey = (path: string) => subject.repositories.survey(join(folder, path), "work");
      const absent = { kind: "absent", found: "nothing" };
      const near = join(folder, "web-shop");
      expect(await survey("webshop")).toEqual({ ...absent, near });
      expect(await survey("web-shpo/server")).toEqual({ ...absent, near: join(near, "server") });
      expect(await survey("web-shop/nodes.txt")).toEqual({ ...absent, near: null });
      expect(await survey("web-shpo/client")).toEqual({ ...absent, near: null });
      expect(await survey("quite-another")).toEqual({ ...absent, near: null });
      const file = { kind: "absent", found: "file", near: null };
      expect(await survey("web-shop/notes.txt")).toEqual(file);
      expect(await survey("web-shop/notes.txt/below")).toEqual({ ...absent, near: null });
    });

    it("tells none, one above and one without a commit apart", async () => {
      const subject = await open();
      const folder = await subject.folder();
      const none = await subject.repositories.survey(folder, "autosd/work");
      expect(none).toEqual({ kind: "none", within: null });
      const directory = await personsRepository(subject);
      await mkdir(join(directory, "deep", "down"), { recursive: true });
      const below = await subject.repositories.survey(join(directory, "deep", "down"), "work");
      expect(below).toEqual({ kind: "none", within: directory });
      subject.git(folder, "init", "-q", "-b", "trunk");
      const fresh = await surveyed(subject, folder);
      expect(fresh).toMatchObject({ head: null, branch: "trunk", target: { kind: "absent" } });
    });

    it("says what is checked out, also when it is no branch, and what is not committed", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const head = subject.git(directory, "rev-parse", "HEAD");
      await writeFiles(directory, { "a.txt": "changed\n", "new.txt": "new\n" });
      expect(await surveyed(subject, directory)).toEqual({
        ...{ kind: "repository", head, branch: "main", dirty: ["a.txt", "new.txt"] },
        ...{ obstacles: [], target: { kind: "absent" } },
      });
      subject.git(directory, "switch", "-q", "--detach");
      expect(await surveyed(subject, directory)).toMatchObject({ head, branch: null });
    });

    it("names submodules and records of autosd under version control", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const head = subject.git(directory, "rev-parse", "HEAD");
      subject.git(directory, "update-index", "--add", "--cacheinfo", `160000,${head},vendor/other`);
      await writeFiles(directory, { ".autosd/config.json": "{}" });
      subject.git(directory, "add", "-f", ".autosd");
      subject.git(directory, "commit", "-q", "-m", "strange");
      const { obstacles } = await surveyed(subject, directory);
      expect(obstacles).toEqual([
        expect.stringContaining(".autosd/config.json"),
        "vendor/other is a submodule",
      ]);
    });

    it("tells whose a branch is by the commits that are on it alone", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const target = async (branch: string) => (await surveyed(subject, directory, branch)).target;
      const start = subject.git(directory, "rev-parse", "HEAD");
      subject.git(directory, "branch", "same");
      expect(await target("same")).toEqual({ kind: "contained", commit: start });
      subject.git(directory, "switch", "-q", "-c", "theirs");
      subject.git(
        directory,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "Autosd-Key: not in the end\n\nwords",
      );
      subject.git(directory, "switch", "-q", "main");
      expect(await target("theirs")).toMatchObject({ kind: "foreign" });
      const place = { name: "autosd/work", from: null, start };
      const commit = await commitBeside(subject, directory, place, { "b.txt": "b\n" });
      expect(await target("autosd/work")).toEqual({ kind: "own", commit });
      subject.git(directory, "merge", "-q", "autosd/work");
      expect(await target("autosd/work")).toEqual({ kind: "contained", commit });
    });

    it("sees that a branch cannot be made, or is shown in another work tree", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const target = async (branch: string) => (await surveyed(subject, directory, branch)).target;
      subject.git(directory, "branch", "autosd");
      expect(await target("autosd/work")).toEqual({ kind: "impossible", other: "autosd" });
      subject.git(directory, "branch", "feature/a");
      expect(await target("feature")).toEqual({ kind: "impossible", other: "feature/a" });
      const by = join(await subject.folder(), "beside");
      subject.git(directory, "worktree", "add", "-q", by, "feature/a");
      expect(await target("feature/a")).toMatchObject({ kind: "in-use", by });
    });

    it("keeps .autosd out of the person's status, and nothing else", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      await writeFiles(directory, { ".autosd/x": "", "node_modules/y": "", "z.txt": "" });
      await subject.repositories.hideOwnFolder(directory);
      await subject.repositories.hideOwnFolder(directory);
      const status = subject.git(directory, "status", "--porcelain");
      expect(status.split("\n")).toEqual(["?? node_modules/", "?? z.txt"]);
      const exclude = await readFile(join(directory, ".git", "info", "exclude"), "utf8");
      expect(exclude.split("/.autosd/")).toHaveLength(2);
    });

    it("reads a commit's parent and the stories that its trailers name", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const parent = subject.git(directory, "rev-parse", "HEAD");
      const said = "Story: ST-9\n\nwords\n\nStory: ST-1\nRun: run_1\nStory: ST-2";
      subject.git(directory, "commit", "-q", "--allow-empty", "-m", said);
      const commit = subject.git(directory, "rev-parse", "HEAD");
      const { repositories } = subject;
      const claim = { parent, stories: ["ST-1", "ST-2"] };
      expect(await repositories.claimOf(directory, commit)).toEqual(claim);
      const first = { parent: null, stories: [] };
      expect(await repositories.claimOf(directory, parent)).toEqual(first);
      for (const none of ["1".repeat(40), "HEAD", "main", "", "--output=x", `${commit}~0`])
        expect(await repositories.claimOf(directory, none), none).toBeUndefined();
      const tree = subject.git(directory, "rev-parse", "HEAD^{tree}");
      expect(await repositories.claimOf(directory, tree)).toBeUndefined();
    });

    it("knows what a commit contains", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const commit = subject.git(directory, "rev-parse", "HEAD");
      subject.git(directory, "commit", "-q", "--allow-empty", "-m", "second");
      const from = subject.git(directory, "rev-parse", "HEAD");
      const { repositories } = subject;
      expect(await repositories.contains(directory, { commit, from })).toBe(true);
      expect(await repositories.contains(directory, { commit: from, from: commit })).toBe(false);
      const gone = "1".repeat(40);
      expect(await repositories.contains(directory, { commit: gone, from })).toBe(false);
    });
  });
}
