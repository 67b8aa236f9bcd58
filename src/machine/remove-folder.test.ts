import { chmod, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asPlainUser } from "../../test/support/plain-user.ts";
import { removeFolder } from "./remove-folder.ts";

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "autosd-remove-"));
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

describe("removing a folder", () => {
  it("removes what took its own permissions away, at every depth", async () => {
    await asPlainUser([base], async () => {
      const folder = join(base, "folder");
      await mkdir(join(folder, "locked", "in", "deep"), { recursive: true });
      await writeFile(join(folder, "locked", "in", "deep", "file"), "x");
      await chmod(join(folder, "locked", "in"), 0o500);
      await chmod(join(folder, "locked"), 0o000);
      await chmod(folder, 0o000);
      await expect(rm(folder, { recursive: true })).rejects.toThrow();
      await removeFolder(folder);
      expect(await readdir(base)).toEqual([]);
    });
  });

  it("removes names that are no UTF-8 from a locked folder", async () => {
    await asPlainUser([base], async () => {
      const folder = Buffer.concat([Buffer.from(`${base}/`), Buffer.from([0xff, 0xfe])]);
      const inside = Buffer.concat([folder, Buffer.from("/"), Buffer.from([0xc3])]);
      await mkdir(inside, { recursive: true });
      await chmod(inside, 0o000);
      await chmod(folder, 0o500);
      await removeFolder(folder);
      expect(await readdir(base)).toEqual([]);
    });
  });

  it("follows no link, neither to empty what it leads to nor to open it up", async () => {
    await asPlainUser([base], async () => {
      const theirs = join(base, "theirs");
      await mkdir(theirs);
      await writeFile(join(theirs, "file"), "x");
      await chmod(theirs, 0o500);
      const folder = join(base, "folder");
      await mkdir(join(folder, "locked"), { recursive: true });
      await symlink(theirs, join(folder, "locked", "link"));
      await chmod(join(folder, "locked"), 0o500);
      await removeFolder(folder);
      expect((await lstat(theirs)).mode & 0o777).toBe(0o500);
      expect(await readdir(theirs)).toEqual(["file"]);
      await chmod(theirs, 0o700);
    });
  });

  it("removes a file and a link itself, and does nothing where nothing is", async () => {
    await writeFile(join(base, "file"), "x");
    await symlink("file", join(base, "link"));
    await removeFolder(join(base, "link"));
    expect(await readdir(base)).toEqual(["file"]);
    await removeFolder(join(base, "file"));
    await removeFolder(join(base, "nothing"));
    expect(await readdir(base)).toEqual([]);
  });

  it("says so when something stays", async () => {
    await asPlainUser([base], async () => {
      // The folder above is somebody's who lets nobody write: nothing can be opened up there.
      const above = join(base, "above");
      await mkdir(join(above, "folder"), { recursive: true });
      await chmod(above, 0o500);
      await expect(removeFolder(join(above, "folder"))).rejects.toMatchObject({ code: "EACCES" });
      await chmod(above, 0o700);
    });
  });
});
