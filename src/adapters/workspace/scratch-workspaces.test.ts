import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Vcs } from "../../delivery/agent/vcs.port.ts";
import { workspacesContract } from "../../engine/ports/workspaces.contract.ts";
import { createProcessRunner } from "../process/spawn-runner.ts";
import { createGit } from "../vcs/git.ts";
import { createScratchWorkspaces } from "./scratch-workspaces.ts";

const root = await mkdtemp(join(tmpdir(), "autosd-workspaces-"));
afterAll(() => rm(root, { recursive: true, force: true }));

let created = 0;
async function open(settings: { readonly outlives?: boolean } = {}) {
  created += 1;
  const base = join(root, String(created));
  const vcs = createGit({
    runner: createProcessRunner(),
    scratch: join(base, "git"),
    searchPath: process.env["PATH"] ?? "",
  });
  const repository = join(base, "repository");
  const files = join(base, "files");
  await mkdir(join(files, "folder"), { recursive: true });
  await writeFile(join(files, "a.txt"), "a");
  await writeFile(join(files, "folder", "b.txt"), "b");
  await vcs.initialise(repository);
  const tree = await vcs.snapshot(repository, files);
  const scratch = join(base, "work");
  const written: string[] = [];
  const watched: Vcs = {
    ...vcs,
    materialise: (...given) => (written.push("anew"), vcs.materialise(...given)),
    refill: (...given) => (written.push("again"), vcs.refill(...given)),
  };
  const workspaces = createScratchWorkspaces({ scratch, vcs: watched, ...settings });
  return { workspaces, vcs, repository, tree, scratch, written };
}

workspacesContract("scratch folders", open);
workspacesContract("scratch folders that are never used again", () => open({ outlives: true }));

describe("scratch folders on disk", () => {
  it("are used again when discarded, and hold nothing of before", async () => {
    const { workspaces, repository, tree } = await open();
    const one = await workspaces.open({ repository, tree, name: "one" });
    const { ino } = await stat(one.root);
    await chmod(one.root, 0o755);
    await writeFile(join(one.root, "a.txt"), "b");
    await mkdir(join(one.root, "node_modules", "planted"), { recursive: true });
    await mkdir(join(one.root, ".git"));
    await symlink("/etc", join(one.root, "folder", "link"));
    await workspaces.discard(one);
    const two = await workspaces.open({ repository, tree, name: "two" });
    expect((await stat(two.root)).ino).toBe(ino);
    expect((await stat(two.root)).mode & 0o777).toBe(0o700);
    expect((await readdir(two.root, { recursive: true })).sort()).toEqual([
      "a.txt",
      "folder",
      "folder/b.txt",
    ]);
    expect(await readFile(join(two.root, "a.txt"), "utf8")).toBe("a");
  });

  it("are made anew where a process may outlive its attempt", async () => {
    const { workspaces, repository, tree, written } = await open({ outlives: true });
    const one = await workspaces.open({ repository, tree, name: "one" });
    await workspaces.discard(one);
    const two = await workspaces.open({ repository, tree, name: "two" });
    expect(await two.list()).toEqual(["a.txt", "folder/b.txt"]);
    expect(await readdir(dirname(two.root))).toEqual(["two"]);
    expect(written).toEqual(["anew", "anew"]);
  });

  it("are gone from their place when discarded, and read and write nothing any more", async () => {
    const { workspaces, repository, tree } = await open();
    const one = await workspaces.open({ repository, tree, name: "one" });
    const late = one.write("late.txt", "x".repeat(1_000_000));
    await workspaces.discard(one);
    await late;
    expect(await readdir(dirname(one.root))).not.toContain("one");
    const ended = { code: "AUTOSD-WORKSPACE-UNWRITABLE" };
    await expect(one.write("a.txt", "mine")).rejects.toMatchObject(ended);
    await expect(one.list()).rejects.toMatchObject(ended);
    const two = await workspaces.open({ repository, tree, name: "one" });
    expect(await two.list()).toEqual(["a.txt", "folder/b.txt"]);
    await expect(one.remove("a.txt")).rejects.toMatchObject(ended);
  });

  it("that cannot be used again make room for one made anew", async () => {
    const { workspaces, vcs, repository, tree } = await open();
    let refills = 0;
    const failing = createScratchWorkspaces({
      scratch: join(root, "failing"),
      vcs: {
        ...vcs,
        refill: () => {
          refills += 1;
          return Promise.reject(new Error("no"));
        },
      },
    });
    const both = [
      await failing.open({ repository, tree, name: "one" }),
      await failing.open({ repository, tree, name: "two" }),
    ];
    for (const one of both) await failing.discard(one);
    const next = await failing.open({ repository, tree, name: "next" });
    expect(refills).toBe(1);
    expect(await next.list()).toEqual(["a.txt", "folder/b.txt"]);
    expect(await readdir(dirname(next.root))).toEqual(["next"]);
    await failing.close();
    await workspaces.close();
  });

  it("are gone when they are closed, and others may be opened then", async () => {
    const { workspaces, repository, tree, scratch } = await open();
    await workspaces.discard(await workspaces.open({ repository, tree, name: "one" }));
    const two = await workspaces.open({ repository, tree, name: "two" });
    await chmod(join(two.root, "folder"), 0o000);
    await workspaces.close();
    await workspaces.close();
    expect(await readdir(scratch)).toEqual([]);
    const three = await workspaces.open({ repository, tree, name: "three" });
    expect(await three.list()).toEqual(["a.txt", "folder/b.txt"]);
    await workspaces.discard(three);
  });

  it("stay apart from those of another process", async () => {
    const one = await open();
    const others = createScratchWorkspaces({ scratch: one.scratch, vcs: one.vcs });
    const place = { repository: one.repository, tree: one.tree, name: "same" };
    const mine = await one.workspaces.open(place);
    const theirs = await others.open(place);
    expect(basename(mine.root)).toBe(basename(theirs.root));
    await mine.write("a.txt", "mine");
    await others.close();
    expect(Buffer.from((await mine.read("a.txt")) ?? []).toString()).toBe("mine");
    await one.workspaces.close();
    expect(await readdir(one.scratch)).toEqual([]);
  });
});
