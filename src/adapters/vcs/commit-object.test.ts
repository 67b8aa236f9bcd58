import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { looseCommitTree } from "./commit-object.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-objects-"));
afterAll(() => rm(base, { recursive: true, force: true }));
const repository = { directory: base, gitDir: base, view: base, objectsEnv: {} };
const tree = "c".repeat(40);

function objectOf(kind: string, text: string): Buffer {
  return Buffer.from(`${kind} ${String(Buffer.byteLength(text))}\0${text}`);
}

function idOf(object: Buffer): string {
  return createHash("sha1").update(object).digest("hex");
}

async function place(id: string, content: Buffer): Promise<void> {
  await mkdir(join(base, "objects", id.slice(0, 2)), { recursive: true });
  await writeFile(join(base, "objects", id.slice(0, 2), id.slice(2)), content);
}

describe("the tree of a loose commit", () => {
  it("is what the object says", async () => {
    const commit = objectOf("commit", `tree ${tree}\nauthor a <a@localhost> 1 +0000\n\nwords\n`);
    await place(idOf(commit), deflateSync(commit));
    expect(await looseCommitTree(repository, idOf(commit))).toBe(tree);
  });

  it("is not taken from an object that was forged or cut, or that is no commit", async () => {
    const one = objectOf("commit", `tree ${tree}\n\none\n`);
    const other = objectOf("commit", `tree ${"d".repeat(40)}\n\nother\n`);
    await place(idOf(one), deflateSync(other));
    expect(await looseCommitTree(repository, idOf(one))).toBeUndefined();
    await place(idOf(other), deflateSync(other).subarray(0, 20));
    expect(await looseCommitTree(repository, idOf(other))).toBeUndefined();
    const tag = objectOf("tag", `tree ${tree}\n`);
    await place(idOf(tag), deflateSync(tag));
    expect(await looseCommitTree(repository, idOf(tag))).toBeUndefined();
  });

  it("is not looked for when the object is elsewhere, too large, or the name is no id", async () => {
    expect(await looseCommitTree(repository, "e".repeat(40))).toBeUndefined();
    expect(await looseCommitTree(repository, "HEAD")).toBeUndefined();
    const huge = objectOf("commit", `tree ${tree}\n\n${"x".repeat(2 * 1024 * 1024)}\n`);
    await place(idOf(huge), deflateSync(huge));
    expect(await looseCommitTree(repository, idOf(huge))).toBeUndefined();
  });
});
