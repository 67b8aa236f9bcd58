import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { ProcessSpec } from "../../kernel/process.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { blobId } from "./blob-id.ts";
import { createGit } from "./git.ts";
import { RecentTexts } from "./recent-texts.ts";
import { writeKnownFiles } from "./write-known-files.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-refill-"));
afterAll(async () => {
  execFileSync("chmod", ["-R", "u+rwx", base]);
  await rm(base, { recursive: true, force: true });
});
let folders = 0;
let gits: string[] = [];
const runner = createProcessRunner();
const vcs = createGit({
  runner: {
    run(request: ProcessSpec) {
      gits.push(request.command.join(" "));
      return runner.run(request);
    },
  },
  scratch: join(base, "scratch"),
  searchPath: process.env["PATH"] ?? "",
});
/** Knows nothing of what was read or written before: git fills every folder. */
const forgetful = (): ReturnType<typeof createGit> =>
  createGit({
    runner,
    scratch: join(base, "scratch"),
    searchPath: process.env["PATH"] ?? "",
  });
const repository = await folder();
await vcs.initialise(repository);

async function folder(): Promise<string> {
  const path = join(base, `f${String((folders += 1))}`);
  await mkdir(path);
  return path;
}

type File =
  | { readonly kind: "text"; readonly text: string; readonly isExecutable: boolean }
  | { readonly kind: "link"; readonly target: string };
type Files = ReadonlyMap<string, File>;

const name = fc.constantFrom("a", "b", "c", "ü", "dist");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const file: fc.Arbitrary<File> = fc.oneof(
  fc.record({
    kind: fc.constant("text" as const),
    text: fc.constantFrom("one", "two", "ten", "", "\ufeffmark\r\n", "no\0text"),
    isExecutable: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("link" as const), target: fc.constantFrom("a", "gone") }),
);
const files: fc.Arbitrary<Files> = fc
  .array(fc.tuple(path, file), { maxLength: 8 })
  .map((entries) => new Map(entries.filter(([one]) => !isCovered(one, entries))));

function isCovered(one: string, entries: readonly (readonly [string, File])[]): boolean {
  return entries.some(([other]) => one.startsWith(`${other}/`));
}

async function treeOf(wanted: Files): Promise<string> {
  const from = await folder();
  for (const [at, one] of wanted) {
    await mkdir(dirname(join(from, at)), { recursive: true });
    if (one.kind === "link") await symlink(one.target, join(from, at));
    else {
      await writeFile(join(from, at), one.text);
      await chmod(join(from, at), one.isExecutable ? 0o755 : 0o644);
    }
  }
  return vcs.snapshot(repository, from);
}

const messes = [
  "change",
  "same size, same time",
  "hard link",
  "second name",
  "mode",
  "folder mode",
  "read-only folder",
  "repository",
  "dependencies",
  "link out",
  "link for folder",
  "pipe",
  "empty folder",
  "owner",
  "socket",
  "name without UTF-8",
  "sticky folder",
  "own repository in a folder",
  "folder for file",
  "ignored",
] as const;

const sample: Files = new Map([
  ["a", { kind: "link", target: "b/c" }],
  ["b/c", { kind: "text", text: "one", isExecutable: true }],
]);

/** What an attempt may leave at a path. */
async function leave(root: string, mess: (typeof messes)[number], at: string): Promise<void> {
  const place = join(root, at);
  const outside = join(base, "outside");
  await mkdir(outside, { recursive: true });
  await writeFile(join(outside, "theirs"), "theirs");
  await mkdir(dirname(place), { recursive: true });
  const found = await lstat(place).catch(() => undefined);
  switch (mess) {
    case "change":
      await rm(place, { recursive: true, force: true });
      return writeFile(place, "planted");
    case "same size, same time":
      if (found?.isFile() !== true) return;
      await writeFile(place, "bad");
      return utimes(place, found.atime, found.mtime);
    case "hard link":
      await rm(place, { recursive: true, force: true });
      return link(join(outside, "theirs"), place);
    case "second name":
      return found?.isFile() === true
        ? link(place, join(outside, `second-${String((folders += 1))}`))
        : undefined;
    case "mode":
      return found?.isFile() === true ? chmod(place, 0o4711) : undefined;
    case "folder mode":
      return dirname(place) === root ? undefined : chmod(dirname(place), 0o777);
    case "read-only folder":
      await mkdir(join(root, "locked", "in"), { recursive: true });
      await writeFile(join(root, "locked", "in", "file"), "x");
      await chmod(join(root, "locked", "in"), 0o500);
      return chmod(join(root, "locked"), 0o000);
    case "repository":
      await mkdir(join(root, ".git", "hooks"), { recursive: true });
      return writeFile(join(root, ".git", "HEAD"), "ref: refs/heads/planted\n");
    case "dependencies":
      await mkdir(join(root, "node_modules", "m"), { recursive: true });
      return writeFile(join(root, "node_modules", "m", "index.js"), "planted");
    case "link out":
      await rm(place, { recursive: true, force: true });
      await symlink(join(outside, "theirs"), place);
      return lutimes(place, 1, 1);
    case "link for folder": {
      const first = at.split("/")[0] ?? "";
      await rm(join(root, first), { recursive: true, force: true });
      return symlink(outside, join(root, first));
    }
    case "pipe":
      execFileSync("mkfifo", [join(root, "pipe")], { stdio: "ignore" });
      return;
    case "empty folder":
      await mkdir(join(root, "empty", "deep"), { recursive: true });
      return;
    case "socket":
      return listenOnce(join(root, "socket"));
    case "name without UTF-8": {
      const odd = Buffer.from([...Buffer.from(`${root}/odd`), 0xff, 0xfe]);
      await mkdir(odd);
      return writeFile(Buffer.concat([odd, Buffer.from("/"), Buffer.from([0xfe])]), "planted");
    }
    case "sticky folder":
      return dirname(place) === root ? undefined : chmod(dirname(place), 0o3755);
    case "own repository in a folder":
      await mkdir(join(dirname(place), ".git", "objects"), { recursive: true });
      return writeFile(
        join(dirname(place), ".git", "config"),
        "[core]\n\tfsmonitor = touch planted\n\thooksPath = hooks\n",
      );
    case "folder for file":
      await rm(place, { recursive: true, force: true });
      await mkdir(join(place, "deep"), { recursive: true });
      return writeFile(join(place, "deep", "file"), "planted");
    case "ignored":
      await writeFile(join(root, ".gitignore"), "*\n");
      await mkdir(join(root, "cache"), { recursive: true });
      return writeFile(join(root, "cache", "kept.tmp"), "planted");
    case "owner":
      if (process.getuid?.() === 0 && found !== undefined)
        execFileSync("chown", ["-R", "--no-dereference", "12345:12345", root]);
  }
}

/** A socket that stays when nobody listens any more: closing would take it away. */
async function listenOnce(path: string): Promise<void> {
  const server = createServer();
  const moved = `${path}-left`;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await rename(path, moved);
  await new Promise((resolve) => server.close(resolve));
}

/** Everything there is to see of a folder but times. */
async function seen(root: string): Promise<unknown> {
  const found: unknown[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const place = join(entry.parentPath, entry.name);
    const { mode, uid, gid, nlink } = await lstat(place);
    const text = entry.isSymbolicLink()
      ? await readlink(place)
      : entry.isFile()
        ? await readFile(place, "utf8")
        : "";
    const links = entry.isFile() ? nlink : 0;
    found.push([place.slice(root.length), mode, uid, gid, links, text]);
  }
  const { uid, gid } = await lstat(root);
  return [uid, gid, found.map((one) => JSON.stringify(one)).sort()];
}

describe("a folder that is filled again", () => {
  it("equals one made anew, whatever an attempt left in it", async () => {
    const mess = fc.tuple(fc.constantFrom(...messes), path);
    await fc.assert(
      fc.asyncProperty(files, files, fc.array(mess, { maxLength: 5 }), async (from, to, left) => {
        const [before, after] = [await treeOf(from), await treeOf(to)];
        const [used, anew] = [await folder(), await folder()];
        await vcs.materialise(repository, before, used);
        for (const [what, at] of left) await leave(used, what, at).catch(() => undefined);
        await vcs.refill(repository, after, used);
        await forgetful().materialise(repository, after, anew);
        expect(await seen(used)).toEqual(await seen(anew));
        const known = await folder();
        await vcs.materialise(repository, after, known);
        expect(await seen(known)).toEqual(await seen(anew));
        expect(await readFile(join(base, "outside", "theirs"), "utf8").catch(() => "theirs")).toBe(
          "theirs",
        );
      }),
      { numRuns: 10, examples: messes.map((one) => [sample, sample, [[one, "b/c"]]]) },
    );
  });

  it("is filled whole where the difference cannot be told", async () => {
    const git = (args: readonly string[], input: string): string =>
      execFileSync("git", args, { cwd: repository, input, encoding: "utf8" }).trim();
    const blob = git(["hash-object", "-w", "--stdin"], "x");
    const link = `160000 commit ${"1".repeat(40)}\tlinked`;
    const tree = git(["mktree", "--missing"], `100644 blob ${blob}\ta\n${link}\n`);
    const [used, anew] = [await folder(), await folder()];
    for (const mess of messes) await leave(used, mess, "b/c").catch(() => undefined);
    await writeFile(join(used, "theirs"), "x");
    await leave(used, "owner", "theirs");
    await chmod(used, 0o000);
    await vcs.refill(repository, tree, used);
    await vcs.materialise(repository, tree, anew);
    expect(await seen(used)).toEqual(await seen(anew));
    expect(await readFile(join(base, "outside", "theirs"), "utf8")).toBe("theirs");
  });

  it("starts no git and writes nothing when everything is there already", async () => {
    const tree = await treeOf(new Map([["a/b", { kind: "text", text: "x", isExecutable: false }]]));
    const used = await folder();
    await vcs.materialise(repository, tree, used);
    const { ino } = await lstat(join(used, "a/b"));
    const moved = `${used}-moved`;
    await rename(used, moved);
    gits = [];
    await vcs.refill(repository, tree, moved);
    expect(gits).toEqual([]);
    expect((await lstat(join(moved, "a/b"))).ino).toBe(ino);
  });

  it("writes what differs itself where the texts are at hand, and the rest with one git", async () => {
    const text = (one: string): File => ({ kind: "text", text: one, isExecutable: one === "2" });
    const before = await treeOf(new Map(["a", "b"].map((at) => [at, text("1")])));
    const next = new Map([
      ["a", text("1")],
      ["b", text("2")],
      ["c/d", text("3")],
    ]);
    const after = await treeOf(next);
    const withBytes = await treeOf(new Map([...next, ["bytes", text("no\0text")]]));
    const [used, anew] = [await folder(), await folder()];
    await vcs.materialise(repository, before, used);
    gits = [];
    await vcs.refill(repository, after, used);
    expect(gits).toEqual([]);
    await forgetful().materialise(repository, after, anew);
    expect(await seen(used)).toEqual(await seen(anew));
    await vcs.refill(repository, withBytes, used);
    expect(gits).toHaveLength(1);
    expect(await readFile(join(used, "bytes"), "utf8")).toBe("no\0text");
  });

  it("leads no file through a link that a tree made by hand names twice", async () => {
    const outside = await folder();
    const git = (args: readonly string[], input: string): string =>
      execFileSync("git", args, { cwd: repository, input, encoding: "utf8" }).trim();
    const link = git(["hash-object", "-w", "--stdin"], outside);
    const inner = await treeOf(new Map([["b", { kind: "text", text: "x", isExecutable: false }]]));
    const tree = git(["mktree"], `120000 blob ${link}\ta\n040000 tree ${inner}\ta\n`);
    for (const fill of ["materialise", "refill"] as const) {
      const into = await folder();
      await vcs.listFiles(repository, tree);
      await vcs[fill](repository, tree, into).catch(() => undefined);
    }
    // The same at its worst: the link lies there already.
    const [into, texts] = [await folder(), new RecentTexts()];
    await symlink(outside, join(into, "a"));
    const blob = blobId(Buffer.from("x"));
    texts.learn(blob, "x");
    const wanted = new Map([
      ["a", { mode: "120000", blob: link }],
      ["a/b", { mode: "100644", blob }],
    ]);
    expect((await writeKnownFiles(texts, wanted, { into, kept: new Map() })).size).toBe(0);
    expect(await readdir(outside)).toEqual([]);
  });

  it("takes no text for what its bytes are not, and writes over nothing", async () => {
    const into = await folder();
    const entry = { mode: "100644", blob: blobId(Buffer.from("x")) };
    const texts = new RecentTexts();
    texts.learn(entry.blob, "x");
    texts.learn("1".repeat(40), "not what the id says");
    const wanted = new Map([
      ["a", { mode: "100644", blob: "1".repeat(40) }],
      ["b", entry],
    ]);
    const written = await writeKnownFiles(texts, wanted, { into, kept: new Map() });
    expect([[...written.keys()], await readdir(into)]).toEqual([["b"], ["b"]]);
    await expect(writeKnownFiles(texts, wanted, { into, kept: new Map() })).rejects.toMatchObject({
      code: "EEXIST",
    });
  });
});
