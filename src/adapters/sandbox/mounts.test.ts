import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SandboxMount } from "../../delivery/agent/sandbox.port.ts";
import { isWithin, mountSteps } from "./mounts.ts";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "autosd-mounts-")));
  for (const name of ["ws/.git", "ws/src", "other", "home/preauth", "home/cache/deps", "me/.ssh"])
    await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, "file"), "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mount = (hostPath: string, path = "/workspace"): SandboxMount => ({
  hostPath: hostPath.startsWith("/") ? hostPath : join(folder, hostPath),
  path,
  mode: "read-write",
});
const steps = (...mounts: SandboxMount[]) =>
  mountSteps(mounts, {
    hidden: [join(folder, "home"), join(folder, "me/.ssh"), "/etc", "/proc"],
    allowed: [join(folder, "home/cache")],
  });
const refusal = { code: "AUTOSD-SANDBOX-MOUNT" };

describe("mounts of a sandbox", () => {
  it("come outer before inner, whatever their order", async () => {
    const found = await steps(mount("ws/.git", "/workspace/.git"), mount("ws"));
    expect(found.map((step) => (step.kind === "bind" ? step.to : ""))).toEqual([
      "/workspace",
      "/workspace/.git",
    ]);
  });

  it("are real paths, where the machine's owner linked a folder above them", async () => {
    await symlink(folder, join(folder, "alias"));
    const found = await steps(mount("alias/ws"));
    expect(found).toEqual([
      { kind: "bind", from: join(folder, "ws"), to: "/workspace", mode: "read-write" },
    ]);
  });

  it("may show the parts of AUTOSD_HOME that hold no secret", async () => {
    await expect(steps(mount("home/cache/deps"))).resolves.toHaveLength(1);
  });

  it.each([
    ["AUTOSD_HOME", "home"],
    ["a folder of AUTOSD_HOME", "home/preauth"],
    ["what holds AUTOSD_HOME", "."],
    ["ssh keys", "me/.ssh"],
    ["what holds ssh keys", "me"],
    ["the whole machine", "/"],
    ["system settings", "/etc"],
    ["a way round", "/proc/self/root"],
  ])("never show %s", async (_what, path) => {
    await expect(steps(mount(join(path === "/" ? "/" : "", path)))).rejects.toMatchObject(refusal);
  });

  it.each(["relative", "/workspace/../etc", "/workspace/", "//workspace", "/a/./b", "/a\0b"])(
    "refuse the inside path %j",
    async (path) => {
      await expect(steps(mount("ws", path))).rejects.toMatchObject(refusal);
    },
  );

  it.each([
    "/",
    "/tmp",
    "/usr",
    "/usr/local/lib",
    "/etc/passwd",
    "/proc/1",
    "/dev/shm",
    "/run/autosd",
  ])("refuse to lie over %s", async (path) => {
    await expect(steps(mount("ws", path))).rejects.toMatchObject(refusal);
  });

  it("refuse a host path that is not there, is a link, or has '..' in it", async () => {
    await symlink(join(folder, "other"), join(folder, "link"));
    for (const path of ["absent", "link"])
      await expect(steps(mount(path))).rejects.toMatchObject(refusal);
    const dotted = { ...mount("ws"), hostPath: `${folder}/ws/../other` };
    await expect(steps(dotted)).rejects.toMatchObject(refusal);
  });

  it("refuse a source that a link inside another mount leads elsewhere", async () => {
    await mkdir(join(folder, "other/deep"));
    await symlink(join(folder, "other"), join(folder, "ws/out"));
    const inner = mount("ws/out/deep", "/deep");
    await expect(steps(mount("ws"), inner)).rejects.toMatchObject(refusal);
  });

  it("refuse a mount point that a link inside another mount leads elsewhere", async () => {
    await rm(join(folder, "ws/.git"), { recursive: true });
    await symlink(join(folder, "other"), join(folder, "ws/.git"));
    const inner = mount("other", "/workspace/.git");
    await expect(steps(mount("ws"), inner)).rejects.toMatchObject(refusal);
  });

  it("refuse a mount point inside another mount that is missing or of another kind", async () => {
    const missing = mount("other", "/workspace/absent");
    await expect(steps(mount("ws"), missing)).rejects.toMatchObject(refusal);
    const kind = mount("file", "/workspace/src");
    await expect(steps(mount("ws"), kind)).rejects.toMatchObject(refusal);
  });

  it("refuse two mounts at one path", async () => {
    await expect(steps(mount("ws"), mount("other"))).rejects.toMatchObject(refusal);
  });
});

it("a folder holds itself and what is below it, not what is named alike", () => {
  expect([isWithin("/a/b", "/a/b"), isWithin("/a/b/c", "/a/b"), isWithin("/x", "/")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([isWithin("/a/bc", "/a/b"), isWithin("/a", "/a/b")]).toEqual([false, false]);
});
