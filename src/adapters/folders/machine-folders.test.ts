import { link, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMachineFolders } from "./machine-folders.ts";

describe("a folder that is looked at before it is used", () => {
  let base = "";
  let outside = "";
  let project = "";
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "autosd-folders-"));
    [outside, project] = [join(base, "outside"), join(base, "project")];
    await Promise.all([mkdir(outside), mkdir(project)]);
  });
  afterEach(() => rm(base, { recursive: true, force: true }));
  const look = (path = project) => createMachineFolders(base).makeWritable(path);

  it("is made with those above it, and nothing is left in it", async () => {
    expect(await look(join(project, "a", "b"))).toEqual({ kind: "writable" });
    expect(await readdir(join(project, "a", "b", ".autosd"))).toEqual([]);
  });

  it("is no folder when a file is in its place", async () => {
    await writeFile(join(project, "file"), "");
    expect(await look(join(project, "file"))).toEqual({
      kind: "unwritable",
      reason: "it is not a folder",
    });
  });

  it("is not used when its .autosd leads elsewhere, and nothing is written there", async () => {
    await symlink(outside, join(project, ".autosd"));
    expect(await look()).toEqual({
      kind: "unwritable",
      reason: "its .autosd is a symbolic link",
    });
    expect(await readdir(outside)).toEqual([]);
  });

  it.each([
    { kind: "links", plant: symlink },
    { kind: "second names", plant: link },
  ])("does not empty somebody's file that $kind of a guessed probe lead to", async ({ plant }) => {
    const theirs = join(outside, "theirs");
    await writeFile(theirs, "theirs");
    await mkdir(join(project, ".autosd"));
    const guessed = join(project, ".autosd", `.write-probe-${process.pid}`);
    await plant(theirs, guessed);
    expect(await look()).toEqual({ kind: "writable" });
    expect(await readFile(theirs, "utf8")).toBe("theirs");
    expect(await readFile(guessed, "utf8")).toBe("theirs");
  });
});
