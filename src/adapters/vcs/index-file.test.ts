import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { formatIndexFile, parseIndexFile, readIndexFile } from "./index-file.ts";
import type { TreeEntry } from "./tree-listings.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-index-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let folders = 0;

async function repository(): Promise<{ folder: string; git: (...args: string[]) => string }> {
  const folder = join(base, String((folders += 1)));
  await mkdir(folder);
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  git("init", "-q");
  return { folder, git };
}

const facts = (entries: ReadonlyMap<string, TreeEntry> | undefined): unknown =>
  [...(entries ?? [])].map(([path, { mode, blob }]) => [path, mode, blob]);

describe("the file of an index", () => {
  it("is read as git reads it, with what git saw of the files", async () => {
    const { folder, git } = await repository();
    const names = ["a", "b/c d", "e\tf\nü", "x".repeat(200)];
    await mkdir(join(folder, "b"));
    for (const name of names) await writeFile(join(folder, name), name);
    await chmod(join(folder, "a"), 0o755);
    await symlink("a", join(folder, "link"));
    git("add", "-A");
    git("write-tree");
    const entries = await readIndexFile(join(folder, ".git", "index"));
    const told = git("ls-files", "--stage", "-z").split("\0").slice(0, -1);
    const wanted = told.map((line) => {
      const [, mode, blob, path] = /^(\d+) ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
      return [path, mode, blob];
    });
    expect(facts(entries)).toEqual(wanted);
    const stats = await lstat(join(folder, "b/c d"), { bigint: true });
    expect(entries?.get("b/c d")?.stamp).toEqual({
      changedNs: stats.ctimeNs,
      modifiedNs: stats.mtimeNs,
      inode: Number(stats.ino & 0xffffffffn),
      size: 5,
    });
  });

  it("is written so that git finds the tree in it", async () => {
    const { folder, git } = await repository();
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], {
      ...{ cwd: folder, encoding: "utf8", input: "text" },
    }).trim();
    const name = fc
      .string({ unit: fc.constantFrom("a", "B", "ü", "😀", "-", "0", " "), minLength: 1 })
      .map((one) => `n${one}n`);
    const file = fc.tuple(
      fc.array(name, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("100644", "100755", "120000"),
    );
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: ([[first]]) => first }), (files) => {
        const listing = new Map(files.map(([path, mode]) => [path.join("/"), { mode, blob }]));
        const bytes = formatIndexFile(listing);
        expect(bytes).toBeDefined();
        const found = parseIndexFile(bytes ?? Buffer.alloc(0));
        expect(new Map(facts(found) as [])).toEqual(new Map(facts(listing) as []));
      }),
    );
    const listing = new Map([
      ["z", { mode: "100644", blob }],
      ["a/b", { mode: "100755", blob }],
      ["a-b", { mode: "120000", blob }],
    ]);
    await writeFile(join(folder, ".git", "index"), formatIndexFile(listing) ?? "");
    git("fsck", "--strict");
    const tree = git("write-tree").trim();
    expect(git("ls-tree", "-r", "--name-only", tree)).toBe("a-b\na/b\nz\n");
  });

  it("is git's to read when it is anything but plain", async () => {
    const { folder, git } = await repository();
    const index = join(folder, ".git", "index");
    await writeFile(join(folder, "a"), "a");
    git("add", "-A");
    const plain = await readFile(index);
    expect(parseIndexFile(plain)?.size).toBe(1);
    git("update-index", "--assume-unchanged", "a");
    expect(await readIndexFile(index)).toBeUndefined();
    git("update-index", "--no-assume-unchanged", "a");
    git("update-index", "--index-version", "4");
    expect(await readIndexFile(index)).toBeUndefined();
    git("update-index", "--index-version", "2");
    git("update-index", "--split-index");
    expect(await readIndexFile(index)).toBeUndefined();
    for (let end = 0; end < plain.length; end += 1)
      expect(parseIndexFile(plain.subarray(0, end))).toBeUndefined();
    expect(await readIndexFile(join(folder, "absent"))).toEqual(new Map());
    await symlink(index, join(folder, "led"));
    expect(await readIndexFile(join(folder, "led"))).toBeUndefined();
  });

  it("with more in it than it has room for is no index", () => {
    const content = Buffer.concat([Buffer.from("DIRC"), Buffer.from([0, 0, 0, 2, 0, 0, 0, 9])]);
    const sum = createHash("sha1").update(content).digest();
    expect(parseIndexFile(Buffer.concat([content, sum]))).toBeUndefined();
  });

  it("is not written with names that git might refuse", () => {
    const entry = { mode: "100644", blob: "a".repeat(40) };
    for (const path of ["", "a//b", "../a", "a/.git/config", ".GIT/x", "a\0b", "\ufffd"])
      expect(formatIndexFile(new Map([[path, entry]]))).toBeUndefined();
  });
});
