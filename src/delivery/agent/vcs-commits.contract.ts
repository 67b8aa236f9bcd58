import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Authorization } from "../../governance/policy/authorization.ts";
import {
  commitFiles,
  commitRequest,
  leaveFor,
  writeFiles,
  type VcsSubject,
} from "./vcs.contract.ts";

const hasCode = (code: string): object => expect.objectContaining({ code }) as object;

/** What every Vcs must do with commits; adapters' tests call it. */
export function vcsCommitsContract(name: string, open: () => Promise<VcsSubject>): void {
  describe(`${name}: commits`, () => {
    it("commits the tree, moves the branch and brings the work tree along", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const first = await commitFiles(subject, directory, { "a.txt": "1", "b/c.txt": "1" }, "k1");
      const second = await commitFiles(subject, directory, { "a.txt": "2", "d.txt": "2" }, "k2");
      expect(await subject.vcs.inspect(directory)).toEqual({
        kind: "repository",
        head: second.commit,
        branch: "main",
        dirty: [],
      });
      expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("2");
      await expect(readFile(join(directory, "b/c.txt"))).rejects.toThrow("ENOENT");
      expect(await subject.vcs.treeOf(directory, first.commit)).toBe(first.tree);
      expect(await subject.vcs.treeOf(directory, second.commit)).toBe(second.tree);
    });

    it("gives equal input an equal commit id", async () => {
      const ids: string[] = [];
      for (let round = 0; round < 2; round += 1) {
        const subject = await open();
        const directory = await subject.folder();
        await subject.vcs.initialise(directory);
        ids.push((await commitFiles(subject, directory, { "a.txt": "1" }, "k1")).commit);
      }
      expect(ids[0]).toMatch(/^[0-9a-f]{40}$/);
      expect(ids[0]).toBe(ids[1]);
    });

    it("finds a commit by its key and by nothing that only looks like it", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      expect(await subject.vcs.findByKey(directory, "k1")).toBeUndefined();
      const first = await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
      const from = await subject.folder();
      await writeFiles(from, { "a.txt": "2" });
      const tree = await subject.vcs.snapshot(directory, from);
      await subject.vcs.commit(leaveFor("k2"), directory, {
        ...commitRequest(tree, first.commit, "k2"),
        message: "feat: x\n\nAutosd-Key: k9\n\nmore text",
      });
      expect(await subject.vcs.findByKey(directory, "k1")).toBe(first.commit);
      expect(await subject.vcs.findByKey(directory, "k9")).toBeUndefined();
      expect(await subject.vcs.findByKey(directory, "k")).toBeUndefined();
    });

    it("refuses a commit without leave for exactly that commit, and leave used twice", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const from = await subject.folder();
      await writeFiles(from, { "a.txt": "1" });
      const tree = await subject.vcs.snapshot(directory, from);
      const request = commitRequest(tree, undefined, "k1");
      const forged = { action: { kind: "workspace.commit", key: "k1" } } as unknown;
      const refused = hasCode("AUTOSD-VCS-UNAUTHORIZED");
      await expect(subject.vcs.commit(forged as Authorization, directory, request)).rejects.toEqual(
        refused,
      );
      await expect(subject.vcs.commit(leaveFor("k2"), directory, request)).rejects.toEqual(refused);
      const leave = leaveFor("k1");
      const commit = await subject.vcs.commit(leave, directory, request);
      await expect(
        subject.vcs.commit(leave, directory, { ...request, parent: commit }),
      ).rejects.toEqual(refused);
    });

    it("refuses to commit onto a branch that somebody moved", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const first = await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
      const request = commitRequest(first.tree, undefined, "k2");
      await expect(subject.vcs.commit(leaveFor("k2"), directory, request)).rejects.toEqual(
        hasCode("AUTOSD-VCS-MOVED"),
      );
      expect((await subject.vcs.inspect(directory)).kind).toBe("repository");
      expect(await subject.vcs.findByKey(directory, "k2")).toBeUndefined();
    });

    it("lets one of two commits at once win and loses none of its files", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const first = await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
      const attempts = await Promise.allSettled(
        ["k2", "k3", "k4"].map(async (key) => {
          const from = await subject.folder();
          await writeFiles(from, { "a.txt": key });
          const tree = await subject.vcs.snapshot(directory, from);
          const request = commitRequest(tree, first.commit, key);
          return subject.vcs.commit(leaveFor(key), directory, request);
        }),
      );
      const won = attempts.filter((one) => one.status === "fulfilled");
      const state = await subject.vcs.inspect(directory);
      expect(won.length).toBeLessThanOrEqual(1);
      expect(state.kind === "repository" && state.head !== first.commit).toBe(true);
    });

    it("keeps local changes that the commit does not concern", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      await commitFiles(subject, directory, { "a.txt": "1", "mine.txt": "1" }, "k1");
      await writeFiles(directory, { "mine.txt": "edited", "untracked.txt": "new" });
      await commitFiles(subject, directory, { "a.txt": "2", "mine.txt": "1" }, "k2");
      expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("2");
      expect(await readFile(join(directory, "mine.txt"), "utf8")).toBe("edited");
      const state = await subject.vcs.inspect(directory);
      expect(state).toMatchObject({ dirty: ["mine.txt", "untracked.txt"] });
    });

    it("refuses, changing nothing, when local changes are in the way", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const first = await commitFiles(
        subject,
        directory,
        { "a.txt": "1", ".gitignore": "*.log\n" },
        "k1",
      );
      for (const [path, files] of [
        ["a.txt", { "a.txt": "2" }],
        ["new.txt", { "a.txt": "1", "new.txt": "theirs" }],
        ["x.log", { "a.txt": "1", "x.log": "theirs" }],
        ["folder", { "a.txt": "1", "folder/in.txt": "theirs" }],
      ] as const) {
        await writeFiles(directory, { [path]: "mine" });
        const refusal = await commitFiles(subject, directory, files, `k-${path}`).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(refusal, path).toMatchObject({
          code: "AUTOSD-VCS-LOCAL-CHANGES",
          details: { paths: [path] },
        });
        expect((refusal as Error).message).toContain(path);
        expect(await readFile(join(directory, path), "utf8")).toBe("mine");
        expect(await subject.vcs.inspect(directory)).toMatchObject({ head: first.commit });
        if (path === "a.txt") await writeFiles(directory, { "a.txt": "1" });
        else await rm(join(directory, path));
      }
    });

    it("does not mistake a touched file for a changed one", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      await commitFiles(subject, directory, { "a.txt": "1" }, "k1");
      await rm(join(directory, "a.txt"));
      await writeFiles(directory, { "a.txt": "1" });
      await commitFiles(subject, directory, { "a.txt": "2" }, "k2");
      expect(await readFile(join(directory, "a.txt"), "utf8")).toBe("2");
    });

    it("keeps tracked files that .gitignore names", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      await commitFiles(subject, directory, { "kept.log": "1" }, "k1");
      const next = await commitFiles(
        subject,
        directory,
        { "kept.log": "2", "other.log": "2", ".gitignore": "*.log\n" },
        "k2",
      );
      expect(await subject.vcs.listFiles(directory, next.tree)).toEqual([".gitignore", "kept.log"]);
    });
  });
}
