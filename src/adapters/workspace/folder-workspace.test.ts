import { execFileSync } from "node:child_process";
import {
  link,
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
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { workspaceContract } from "../../delivery/agent/workspace.contract.ts";
import { openWorkspace } from "./folder-workspace.ts";

const base = await mkdtemp(join(tmpdir(), "autosd-workspace-"));
afterAll(() => rm(base, { recursive: true, force: true }));
let folders = 0;

async function folder(): Promise<string> {
  const path = join(base, `f${String((folders += 1))}`);
  await mkdir(path);
  return path;
}

const open = (root: string) => openWorkspace({ root, baseTree: "0".repeat(40) });

workspaceContract("a folder", async () => open(await folder()));

describe("a folder as workspace", () => {
  const refused = { code: "AUTOSD-WORKSPACE-PATH" };

  it("follows no link, neither at the end nor on the way", async () => {
    const root = await folder();
    const outside = await folder();
    await writeFile(join(outside, "secret"), "theirs");
    await symlink(join(outside, "secret"), join(root, "file"));
    await symlink(outside, join(root, "dir"));
    await symlink(outside, join(root, "nowhere"));
    const workspace = open(root);
    for (const path of ["file", "dir/secret"]) {
      await expect(workspace.read(path)).rejects.toMatchObject(refused);
      await expect(workspace.write(path, "mine")).rejects.toMatchObject(refused);
    }
    await expect(workspace.write("dir/new/x", "mine")).rejects.toMatchObject(refused);
    await expect(workspace.remove("dir/secret")).rejects.toMatchObject(refused);
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("theirs");
    expect(await readdir(outside)).toEqual(["secret"]);
    await workspace.remove("file");
    expect(await readFile(join(outside, "secret"), "utf8")).toBe("theirs");
  });

  it("is not led away by a folder that is swapped for a link meanwhile", async () => {
    const root = await folder();
    const outside = await folder();
    const workspace = open(root);
    const swapping = new AbortController();
    const swap = (async () => {
      while (!swapping.signal.aborted) {
        await rm(join(root, "d"), { recursive: true, force: true }).catch(() => undefined);
        await symlink(outside, join(root, "d")).catch(() => undefined);
        await rm(join(root, "d"), { force: true }).catch(() => undefined);
        await mkdir(join(root, "d")).catch(() => undefined);
      }
    })();
    for (let round = 0; round < 100; round += 1)
      await workspace.write("d/x", "mine").catch(() => undefined);
    swapping.abort();
    await swap;
    expect(await readdir(outside)).toEqual([]);
  });

  it("gives a hard-linked file a content of its own", async () => {
    const root = await folder();
    const outside = await folder();
    await writeFile(join(outside, "shared"), "theirs");
    await link(join(outside, "shared"), join(root, "file"));
    await open(root).write("file", "mine");
    expect(await readFile(join(outside, "shared"), "utf8")).toBe("theirs");
  });

  it("does not wait at a pipe", async () => {
    const root = await folder();
    execFileSync("mkfifo", [join(root, "pipe"), join(root, ".gitignore")]);
    const workspace = open(root);
    await expect(workspace.read("pipe")).rejects.toMatchObject(refused);
    expect(await workspace.list()).toEqual([".gitignore", "pipe"]);
  });

  it("keeps a file executable, and makes one so when asked", async () => {
    const root = await folder();
    const workspace = open(root);
    await workspace.write("run.sh", "1", { executable: true });
    await workspace.write("run.sh", "2");
    await workspace.write("plain", "1");
    expect((await stat(join(root, "run.sh"))).mode & 0o777).toBe(0o755);
    expect((await stat(join(root, "plain"))).mode & 0o777).toBe(0o644);
    await workspace.write("run.sh", "3", { executable: false });
    expect((await stat(join(root, "run.sh"))).mode & 0o777).toBe(0o644);
  });

  it("leaves no temporary file, also when writing fails", async () => {
    const root = await folder();
    const workspace = open(root);
    await workspace.write("d/a", "1");
    await expect(workspace.write("d/b", Buffer.alloc(33 * 1024 * 1024))).rejects.toMatchObject(
      refused,
    );
    expect(await readdir(join(root, "d"))).toEqual(["a"]);
  });
});
