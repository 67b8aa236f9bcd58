import { lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isTemporaryName, placeFile, replaceFile, syncFolder, writeNewFile } from "./whole-file.ts";

let base: string;
const at = (name: string): string => join(base, name);
const plain = { mode: 0o600, sync: "content-and-name" } as const;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "autosd-whole-"));
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

describe("replacing a file", () => {
  it.each(["nothing", "content", "content-and-name"] as const)(
    "leaves the new content and nothing beside it, with %s synced",
    async (sync) => {
      await writeFile(at("file"), "old, and longer than the new");
      await replaceFile(at("file"), "new", { mode: 0o600, sync });
      expect(await readFile(at("file"), "utf8")).toBe("new");
      expect(await readdir(base)).toEqual(["file"]);
    },
  );

  it("replaces a link instead of writing to what it leads to", async () => {
    await writeFile(at("theirs"), "theirs");
    await symlink("theirs", at("file"));
    await replaceFile(at("file"), "new", plain);
    expect(await readFile(at("theirs"), "utf8")).toBe("theirs");
    expect((await lstat(at("file"))).isFile()).toBe(true);
  });

  it("leaves nothing behind when the name cannot be taken", async () => {
    await mkdir(at("file"));
    await expect(replaceFile(at("file"), "new", plain)).rejects.toMatchObject({ code: "EISDIR" });
    expect(await readdir(base)).toEqual(["file"]);
  });

  it("gives exactly the mode that it is told to, or what the mask leaves of it", async () => {
    const mask = process.umask(0o077);
    try {
      await replaceFile(at("exact"), "x", { mode: 0o755, sync: "nothing", isExactMode: true });
      await replaceFile(at("masked"), "x", { mode: 0o755, sync: "nothing" });
    } finally {
      process.umask(mask);
    }
    expect((await lstat(at("exact"))).mode & 0o777).toBe(0o755);
    expect((await lstat(at("masked"))).mode & 0o777).toBe(0o700);
  });

  it("takes names as long as the system takes", async () => {
    const name = "n".repeat(255);
    await replaceFile(at(name), "x", plain);
    expect(await readdir(base)).toEqual([name]);
  });
});

describe("placing a file", () => {
  it("gives the name to one of many writers, whole", async () => {
    const contents = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(10_000));
    const placed = await Promise.all(contents.map((one) => placeFile(at("file"), one, plain)));
    expect(placed.filter(Boolean)).toHaveLength(1);
    expect(await readFile(at("file"), "utf8")).toBe(contents[placed.indexOf(true)]);
    expect(await readdir(base)).toEqual(["file"]);
  });

  it("replaces nothing, a dangling link neither", async () => {
    await symlink("nowhere", at("link"));
    expect(await placeFile(at("link"), "x", plain)).toBe(false);
    expect(await readdir(base)).toEqual(["link"]);
  });
});

it("makes a new file only where nothing is", async () => {
  await writeNewFile(at("file"), "first", plain);
  await expect(writeNewFile(at("file"), "second", plain)).rejects.toMatchObject({ code: "EEXIST" });
  await symlink("elsewhere", at("link"));
  await expect(writeNewFile(at("link"), "x", plain)).rejects.toMatchObject({ code: "EEXIST" });
  expect(await readdir(base)).toEqual(["file", "link"]);
  expect(await readFile(at("file"), "utf8")).toBe("first");
});

it("knows the names that files bear while they are written", () => {
  expect(isTemporaryName(".file.0123456789ab.tmp")).toBe(true);
  expect(isTemporaryName(".a\nb.0123456789ab.tmp")).toBe(true);
  expect(["file", ".file.tmp", "file.0123456789ab.tmp"].some(isTemporaryName)).toBe(false);
});

it("cannot sync a folder that is not there", async () => {
  await expect(syncFolder(at("nothing"))).rejects.toMatchObject({ code: "ENOENT" });
});
