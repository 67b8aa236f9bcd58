import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExistingRepositories } from "./existing-repository.port.ts";
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

const hasCode = (code: string): object => expect.objectContaining({ code }) as object;

/** What everybody who commits to a branch beside what is checked out must do; adapters' tests call it. */
export function existingBranchesContract(name: string, open: () => Promise<ExistingSubject>): void {
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
