import { execFileSync } from "node:child_process";
import { constants } from "node:fs";
import { appendFile, lstat, mkdir, mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPlainFile, plainBytes, plainBytesNow, readPlainFile, readUpTo } from "./plain-file.ts";

let base: string;
const at = (name: string): string => join(base, name);

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "autosd-plain-"));
  await writeFile(at("file"), "content");
  await writeFile(at("empty"), "");
  await mkdir(at("folder"));
  await symlink("file", at("link"));
  execFileSync("mkfifo", [at("pipe")]);
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

describe("reading a plain file", () => {
  it("gives its bytes, up to the bound and not one more", async () => {
    expect(await readPlainFile(at("file"), 7)).toEqual({
      kind: "read",
      bytes: Buffer.from("content"),
    });
    expect(await readPlainFile(at("empty"), 0)).toEqual({ kind: "read", bytes: Buffer.alloc(0) });
    expect(await readPlainFile(at("file"), 6)).toEqual({ kind: "too-large", sizeBytes: 7 });
  });

  it("tells what is no file, and waits for no pipe", async () => {
    expect(await readPlainFile(at("nothing"), 9)).toEqual({ kind: "absent" });
    expect(await readPlainFile(at("folder"), 9)).toEqual({ kind: "folder" });
    expect(await readPlainFile(at("pipe"), 9)).toEqual({ kind: "other" });
  });

  it("follows no link, and leaves the system's words to the caller", async () => {
    await expect(readPlainFile(at("link"), 9)).rejects.toMatchObject({ code: "ELOOP" });
    await expect(readPlainFile(at("file/below"), 9)).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  it("reads no more than it was told of a file that grows", async () => {
    const file = await open(at("file"), "r");
    await appendFile(at("file"), " and more");
    expect((await readUpTo(file, 7)).toString()).toBe("content");
    expect((await readUpTo(file, 99)).toString()).toBe("content and more");
    await file.close();
  });

  it.each(["nothing", "folder", "pipe", "link", "file/below"])(
    "has no bytes to give for %s, at once or not",
    async (name) => {
      expect(await plainBytes(at(name), 9)).toBeUndefined();
      expect(plainBytesNow(at(name), 9)).toBeUndefined();
    },
  );

  it("gives the same bytes at once", async () => {
    expect(plainBytesNow(at("file"), 7)).toEqual(await plainBytes(at("file"), 7));
    expect(plainBytesNow(at("file"), 7)?.toString()).toBe("content");
    expect(plainBytesNow(at("file"), 6)).toBeUndefined();
  });
});

it("makes a missing file for this user only when it is told to", async () => {
  expect(await openPlainFile(at("new"))).toBeUndefined();
  const file = await openPlainFile(at("new"), constants.O_RDWR | constants.O_CREAT);
  await file?.close();
  expect((await lstat(at("new"))).mode & 0o777).toBe(0o600);
});
