import {
  type FileHandle,
  mkdtemp,
  open,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  isLockedNow,
  lockNamed,
  lockWithin,
  openLockedFile,
  openLockedFileWithin,
  type LockKind,
} from "./locked-file.ts";

let base: string;
let path: string;
const opened: FileHandle[] = [];

async function locked(kind: LockKind): Promise<FileHandle | undefined> {
  const file = await openLockedFile(path, kind);
  if (file !== undefined) opened.push(file);
  return file;
}

async function plain(): Promise<FileHandle> {
  const file = await open(path, "a+");
  opened.push(file);
  return file;
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "autosd-locked-"));
  path = join(base, "file.lock");
});
afterEach(async () => {
  for (const file of opened.splice(0)) await file.close();
  await rm(base, { recursive: true, force: true });
});

describe("a locked file", () => {
  it("is made for this user only, and had by one until it is closed", async () => {
    const first = await locked("exclusive");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await locked("exclusive")).toBeUndefined();
    expect(await locked("shared")).toBeUndefined();
    await first?.close();
    expect(await locked("exclusive")).toBeDefined();
  });

  it("is shared by many, and had alone by none of them", async () => {
    expect(await locked("shared")).toBeDefined();
    expect(await locked("shared")).toBeDefined();
    expect(await locked("exclusive")).toBeUndefined();
  });

  it("is waited for until it is free, and no longer than told", async () => {
    const holder = await locked("exclusive");
    expect(await openLockedFileWithin(path, "exclusive", 1)).toBeUndefined();
    const waiting = openLockedFileWithin(path, "exclusive", 60_000);
    await holder?.close();
    const file = await waiting;
    expect(file).toBeDefined();
    await file?.close();
  });

  it("follows no link", async () => {
    await writeFile(join(base, "theirs"), "");
    await symlink("theirs", path);
    await expect(openLockedFile(path, "exclusive")).rejects.toMatchObject({ code: "ELOOP" });
  });

  it("that lost its name excludes nobody, and is said to have lost it", async () => {
    const file = await plain();
    await rename(path, `${path}.away`);
    expect(await lockNamed(file, path, "exclusive")).toBe("replaced");
    await writeFile(path, "");
    expect(await lockNamed(file, path, "exclusive")).toBe("replaced");
    expect(await locked("exclusive")).toBeDefined();
    expect(await lockNamed(await plain(), path, "exclusive")).toBe("busy");
  });
});

it("locks an open file when it becomes free", async () => {
  const [one, other] = [await plain(), await plain()];
  expect(isLockedNow(one, "exclusive")).toBe(true);
  expect(await lockWithin(other, 1)).toBe(false);
  const waiting = lockWithin(other, 60_000);
  await one.close();
  expect(await waiting).toBe(true);
});
