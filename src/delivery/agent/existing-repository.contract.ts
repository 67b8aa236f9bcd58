import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExistingRepositories, RepositorySurvey } from "./existing-repository.port.ts";
import { commitRequest, leaveFor, writeFiles } from "./vcs.contract.ts";

/** The adapter under test, and the git of the person whose repositories they are. */
export interface ExistingSubject {
  readonly repositories: ExistingRepositories;
  /** An empty folder that exists; removed after the tests. */
  folder(): Promise<string>;
  /** The person's git; its output without white space around it. */
  git(directory: string, ...args: readonly string[]): string;
}

/** A repository on branch main with one commit by a person, who holds `a.txt`. */
export async function personsRepository(subject: ExistingSubject): Promise<string> {
  const directory = await subject.folder();
  subject.git(directory, "init", "-q", "-b", "main");
  await writeFiles(directory, { "a.txt": "one\n" });
  subject.git(directory, "add", "-A");
  subject.git(directory, "commit", "-q", "-m", "first");
  return directory;
}

/** Commits files on top of a branch that may not be there yet; returns the commit. */
export async function commitBeside(
  subject: ExistingSubject,
  directory: string,
  place: { readonly name: string; readonly from: string | null; readonly start: string },
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const vcs = subject.repositories.onBranch(place);
  const parent = await vcs.headOf(directory);
  const from = await subject.folder();
  await vcs.materialise(directory, await vcs.treeOf(directory, parent), from);
  await writeFiles(from, files);
  const tree = await vcs.snapshot(directory, from);
  const key = `key-${tree}`;
  return vcs.commit(leaveFor(key), directory, commitRequest(tree, parent, key));
}

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

const hasCode = (code: string): object => expect.objectContaining({ code }) as object;

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

  describe(`${name}: committing beside what is checked out`, () => {
    it("makes the branch with the first commit and goes on with the next; nothing else moves", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      await writeFiles(directory, { "a.txt": "mine\n", "b.txt": "mine too\n" });
      const start = subject.git(directory, "rev-parse", "HEAD");
      const index = await readFile(join(directory, ".git", "index"));
      const place = { name: "autosd/work", from: null, start };
      const first = await commitBeside(subject, directory, place, { "b.txt": "b\n" });
      const second = await commitBeside(subject, directory, place, { "a.txt": "two\n" });
      const log = subject.git(directory, "log", "--format=%H", "autosd/work");
      expect(log.split("\n")).toEqual([second, first, start]);
      expect(subject.git(directory, "rev-parse", "HEAD")).toBe(start);
      expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("mine\n");
      expect(await readFile(join(directory, "b.txt"), "utf8")).toBe("mine too\n");
      expect(await readFile(join(directory, ".git", "index"))).toEqual(index);
    });

    it("finds its commits again and says where the branch is, wherever HEAD is", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const start = subject.git(directory, "rev-parse", "HEAD");
      const place = { name: "autosd/work", from: null, start };
      const vcs = subject.repositories.onBranch(place);
      expect(await vcs.headOf(directory)).toBe(start);
      const commit = await commitBeside(subject, directory, place, { "b.txt": "b\n" });
      subject.git(directory, "switch", "-q", "--detach");
      expect(await vcs.headOf(directory)).toBe(commit);
      expect(await vcs.inspect(directory)).toMatchObject({ head: commit, branch: "autosd/work" });
      const key = `key-${await vcs.treeOf(directory, commit)}`;
      expect(await vcs.findByKey(directory, key)).toBe(commit);
    });

    it("goes on from what is checked out once the branch has been merged", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const from = subject.git(directory, "rev-parse", "HEAD");
      subject.git(directory, "branch", "autosd/work");
      subject.git(directory, "commit", "-q", "--allow-empty", "-m", "later");
      const start = subject.git(directory, "rev-parse", "HEAD");
      const place = { name: "autosd/work", from, start };
      const commit = await commitBeside(subject, directory, place, { "b.txt": "b\n" });
      expect(subject.git(directory, "rev-parse", `${commit}~1`)).toBe(start);
      expect(subject.git(directory, "rev-parse", "autosd/work")).toBe(commit);
    });

    it("refuses when somebody else moved the branch", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const start = subject.git(directory, "rev-parse", "HEAD");
      const vcs = subject.repositories.onBranch({ name: "autosd/work", from: null, start });
      const tree = await vcs.treeOf(directory, start);
      subject.git(directory, "commit", "-q", "--allow-empty", "-m", "theirs");
      subject.git(directory, "branch", "autosd/work");
      const request = commitRequest(tree, start, "key-1");
      await expect(vcs.commit(leaveFor("key-1"), directory, request)).rejects.toEqual(
        hasCode("AUTOSD-VCS-MOVED"),
      );
    });

    it("brings files along where the branch is checked out, without touching local changes", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const start = subject.git(directory, "rev-parse", "HEAD");
      subject.git(directory, "switch", "-q", "-c", "autosd/work");
      await writeFiles(directory, { "a.txt": "mine\n" });
      const place = { name: "autosd/work", from: start, start };
      await commitBeside(subject, directory, place, { "b.txt": "b\n" });
      expect(await readFile(join(directory, "b.txt"), "utf8")).toBe("b\n");
      expect(subject.git(directory, "status", "--porcelain")).toBe("M a.txt");
    });

    it("refuses while another work tree shows the branch", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const start = subject.git(directory, "rev-parse", "HEAD");
      const by = join(await subject.folder(), "beside");
      subject.git(directory, "worktree", "add", "-q", "-b", "autosd/work", by);
      const place = { name: "autosd/work", from: start, start };
      await expect(commitBeside(subject, directory, place, { "b.txt": "b\n" })).rejects.toEqual(
        hasCode("AUTOSD-VCS-LOCAL-CHANGES"),
      );
      expect(subject.git(directory, "rev-parse", "autosd/work")).toBe(start);
    });

    it("leaves the files alone after a crash when the branch is not checked out any more", async () => {
      const subject = await open();
      const directory = await personsRepository(subject);
      const start = subject.git(directory, "rev-parse", "HEAD");
      const place = { name: "autosd/work", from: null, start };
      const vcs = subject.repositories.onBranch(place);
      const from = await vcs.treeOf(directory, start);
      const commit = await commitBeside(subject, directory, place, { "a.txt": "two\n" });
      const to = await vcs.treeOf(directory, commit);
      const move = { schema: "autosd/checkout@1", from, to };
      await writeFile(join(directory, ".git", "autosd-checkout.json"), JSON.stringify(move));
      await vcs.repairCheckout(directory);
      expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("one\n");
      expect(subject.git(directory, "status", "--porcelain")).toBe("");
    });
  });
}
