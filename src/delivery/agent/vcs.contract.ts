import { mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { Authorization } from "../../governance/policy/authorization.ts";
import type { CommitRequest, Vcs } from "./vcs.port.ts";

/** Fresh folders and the adapter under test. */
export interface VcsSubject {
  readonly vcs: Vcs;
  /** An empty folder that exists; removed after the tests. */
  folder(): Promise<string>;
}

/** Writes files, making folders as needed. */
export async function writeFiles(
  root: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** Leave for the commit with that key. */
export function leaveFor(key: string): Authorization {
  return Authorization.forLocalAction({
    kind: "workspace.commit",
    project: "sample",
    runId: "run_1",
    key,
  });
}

export function commitRequest(
  tree: string,
  parent: string | undefined,
  key = "key-1",
): CommitRequest {
  return {
    tree,
    parent,
    message: "feat: a story\n\nIts text.",
    trailers: [
      ["Story", "ST-1"],
      ["Autosd-Key", key],
    ],
    timeMs: 1_767_225_600_000,
  };
}

/** Snapshots the files and commits them on top of the branch. */
export async function commitFiles(
  subject: VcsSubject,
  directory: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  key: string,
): Promise<{ readonly tree: string; readonly commit: string }> {
  const from = await subject.folder();
  await writeFiles(from, files);
  const tree = await subject.vcs.snapshot(directory, from);
  const state = await subject.vcs.inspect(directory);
  const parent = state.kind === "repository" ? state.head : undefined;
  const request = commitRequest(tree, parent, key);
  return { tree, commit: await subject.vcs.commit(leaveFor(key), directory, request) };
}

/** A repository, and trees of whatever files. */
async function mergeRoom(open: () => Promise<VcsSubject>): Promise<{
  readonly vcs: Vcs;
  readonly directory: string;
  readonly tree: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<string>;
}> {
  const subject = await open();
  const { vcs } = subject;
  const directory = await subject.folder();
  await vcs.initialise(directory);
  return {
    ...{ vcs, directory },
    async tree(files) {
      const from = await subject.folder();
      await writeFiles(from, files);
      return vcs.snapshot(directory, from);
    },
  };
}

/** What every Vcs must do with folders and trees; adapters' tests call it, and that of commits. */
export function vcsContract(name: string, open: () => Promise<VcsSubject>): void {
  describe(`${name}: folders and trees`, () => {
    it("tells an absent, an empty, a foreign and a repository folder apart", async () => {
      const subject = await open();
      const directory = await subject.folder();
      expect(await subject.vcs.inspect(join(directory, "none"))).toEqual({ kind: "absent" });
      expect(await subject.vcs.inspect(directory)).toEqual({ kind: "empty" });
      await writeFile(join(directory, "notes.txt"), "mine");
      expect(await subject.vcs.inspect(directory)).toEqual({
        kind: "foreign",
        entries: ["notes.txt"],
      });
      await subject.vcs.initialise(directory);
      await subject.vcs.initialise(directory);
      expect(await subject.vcs.inspect(directory)).toEqual({
        kind: "repository",
        head: undefined,
        branch: "main",
        dirty: ["notes.txt"],
      });
    });

    it("gives back exactly the bytes, names and modes that it was given", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const files = {
        "src/a.ts": "export const a = 1;\r\n",
        "-leading dash": "1",
        "quo\"te's": "2",
        "line\nbreak.txt": "3",
        "grüße/日本 🙂.txt": "4",
        "binary.bin": Uint8Array.from([0, 255, 254, 10, 13, 0]),
        "$Id$.txt": "$Id$\n",
        ".gitattributes": "* text=auto eol=crlf ident filter=upper working-tree-encoding=UTF-16\n",
        empty: "",
      };
      const from = await subject.folder();
      await writeFiles(from, files);
      await writeFile(join(from, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
      await symlink("src/a.ts", join(from, "link"));
      const tree = await subject.vcs.snapshot(directory, from);
      expect(await subject.vcs.snapshot(directory, from)).toBe(tree);

      const into = await subject.folder();
      await subject.vcs.materialise(directory, tree, into);
      for (const [path, content] of Object.entries(files))
        expect(await readFile(join(into, path)), path).toEqual(Buffer.from(content));
      expect(await subject.vcs.snapshot(directory, into)).toBe(tree);
      expect(await subject.vcs.listFiles(directory, tree)).toEqual(
        [...Object.keys(files), "run.sh", "link"].sort(),
      );
      expect(await subject.vcs.readFile(directory, tree, "binary.bin")).toEqual(
        Buffer.from(files["binary.bin"]),
      );
      expect(await subject.vcs.readFile(directory, tree, "line\nbreak.txt")).toEqual(
        Buffer.from("3"),
      );
      expect(await subject.vcs.readFile(directory, tree, "none.txt")).toBeUndefined();
      expect(await subject.vcs.readFile(directory, tree, "src")).toBeUndefined();
    });

    it("reads the texts of a tree byte by byte, and of the next one what is new in it", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const from = await subject.folder();
      const text = "grüße 日本 🙂\r\n\u2028 no end";
      await writeFiles(from, { "a.txt": text, same: text, empty: "", "b/nul": "a\0b" });
      await symlink("a.txt", join(from, "link"));
      const first = await subject.vcs.snapshot(directory, from);
      const paths = ["a.txt", "b/nul", "empty", "link", "same"];
      const texts = { "a.txt": text, empty: "", same: text };
      const one = await subject.vcs.readTexts(directory, first);
      expect(one.paths).toEqual(paths);
      expect(Object.fromEntries(one.texts)).toEqual(texts);

      // Not UTF-8, and worded like the head of another file.
      const latin = Buffer.from(`${"0".repeat(40)} blob 3\n\xe9\xff`, "latin1");
      await writeFiles(from, { "c.bin": latin, "d.txt": "new", "a.txt": "changed" });
      const second = await subject.vcs.snapshot(directory, from);
      const two = await subject.vcs.readTexts(directory, second);
      expect(two.paths).toEqual([...paths, "c.bin", "d.txt"].sort());
      expect(Object.fromEntries(two.texts)).toEqual({
        ...texts,
        "a.txt": "changed",
        "d.txt": "new",
      });
      expect(Object.fromEntries((await subject.vcs.readTexts(directory, first)).texts)).toEqual(
        texts,
      );
      const none = await subject.vcs.treeOf(directory, undefined);
      expect(await subject.vcs.readTexts(directory, none)).toEqual({ paths: [], texts: new Map() });
    });

    it("names the head of the branch, and its tree, as commits come", async () => {
      const subject = await open();
      const directory = await subject.folder();
      expect(await subject.vcs.headOf(directory)).toBeUndefined();
      await subject.vcs.initialise(directory);
      expect(await subject.vcs.headOf(directory)).toBeUndefined();
      for (const key of ["k1", "k2"]) {
        const { commit, tree } = await commitFiles(subject, directory, { "a.txt": key }, key);
        expect(await subject.vcs.headOf(directory)).toBe(commit);
        expect(await subject.vcs.treeOf(directory, commit)).toBe(tree);
      }
    });

    it("honours .gitignore and never stores node_modules or .autosd", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const from = await subject.folder();
      await writeFiles(from, {
        ".gitignore": "dist/\n!node_modules\n!.autosd\n",
        "a.txt": "a",
        "dist/out.js": "x",
        "node_modules/p/index.js": "x",
        "packages/b/node_modules/p/index.js": "x",
        ".autosd/backlog.json": "{}",
      });
      const tree = await subject.vcs.snapshot(directory, from);
      expect(await subject.vcs.listFiles(directory, tree)).toEqual([".gitignore", "a.txt"]);
    });

    it("merges what two trees made of a third, by files and by lines", async () => {
      const { vcs, directory, tree } = await mergeRoom(open);
      const lines = (...changed: readonly string[]): string =>
        Array.from({ length: 9 }, (_, index) => changed[index] || `line ${index}`).join("\n");
      const base = await tree({ "a.txt": lines(), "gone.txt": "x", "kept.txt": "k" });
      const ours = await tree({ "a.txt": lines("ours"), "kept.txt": "k", "ours.txt": "o" });
      const last = lines("", "", "", "", "", "", "", "", "theirs");
      const theirs = await tree({ "a.txt": last, "gone.txt": "x", "kept.txt": "k", "d/t": "t" });
      const merged = await vcs.joinTrees(directory, { base, ours, theirs });
      const both = lines("ours", "", "", "", "", "", "", "", "theirs");
      const wanted = { "a.txt": both, "kept.txt": "k", "ours.txt": "o", "d/t": "t" };
      expect(merged).toEqual({ kind: "merged", tree: await tree(wanted) });
      const unmoved = { base, ours: base, theirs };
      expect(await vcs.joinTrees(directory, unmoved)).toEqual({ kind: "merged", tree: theirs });
      expect(await vcs.headOf(directory)).toBeUndefined();
    });

    it("names the paths at which two trees cannot be merged", async () => {
      const { vcs, directory, tree } = await mergeRoom(open);
      const base = await tree({ line: "1", binary: Uint8Array.from([0, 1, 2]), gone: "g" });
      const ours = await tree({
        ...{ line: "2", binary: Uint8Array.from([0, 1, 3]), gone: "changed" },
        ...{ both: "ours", place: "a file", same: "s" },
      });
      const theirs = await tree({
        ...{ line: "3", binary: Uint8Array.from([0, 1, 4]) },
        ...{ both: "theirs", "place/folder": "x", same: "s" },
      });
      expect(await vcs.joinTrees(directory, { base, ours, theirs })).toEqual({
        kind: "conflict",
        paths: ["binary", "both", "gone", "line", "place/folder"],
      });
    });

    it("fills a used folder with another tree, and nothing else stays", async () => {
      const { vcs, directory, tree } = await mergeRoom(open);
      const into = await (await open()).folder();
      const first = await tree({ kept: "1", changed: "1", "gone/deep": "1", folder: "a file" });
      const second = await tree({ kept: "1", changed: "2", "folder/new": "2" });
      await vcs.materialise(directory, first, into);
      await writeFiles(into, { "node_modules/m/index.js": "x", "left/over": "x", kept: "bad" });
      await mkdir(join(into, "gone", ".git"));
      await symlink(directory, join(into, "link"));
      await vcs.refill(directory, second, into);
      const names = ["changed", "folder", "folder/new", "kept"];
      expect((await readdir(into, { recursive: true })).sort()).toEqual(names);
      expect(await readFile(join(into, "kept"), "utf8")).toBe("1");
      expect(await vcs.snapshot(directory, into)).toBe(second);
      await vcs.refill(directory, first, into);
      expect(await vcs.snapshot(directory, into)).toBe(first);
      await vcs.refill(directory, await vcs.treeOf(directory, undefined), into);
      expect(await readdir(into)).toEqual([]);
    });

    it("names the paths that differ between two trees", async () => {
      const subject = await open();
      const directory = await subject.folder();
      await subject.vcs.initialise(directory);
      const from = await subject.folder();
      await writeFiles(from, { kept: "1", changed: "1", gone: "1" });
      const before = await subject.vcs.snapshot(directory, from);
      await writeFiles(from, { changed: "2", "new\n": "3" });
      await rm(join(from, "gone"));
      const after = await subject.vcs.snapshot(directory, from);
      expect(await subject.vcs.changes(directory, before, after)).toEqual([
        { path: "changed", kind: "modified" },
        { path: "gone", kind: "deleted" },
        { path: "new\n", kind: "added" },
      ]);
      const empty = await subject.vcs.treeOf(directory, undefined);
      expect(await subject.vcs.listFiles(directory, empty)).toEqual([]);
      expect(await subject.vcs.changes(directory, empty, before)).toHaveLength(3);
    });
  });
}
