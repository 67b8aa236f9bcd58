import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { partitionLockContract } from "../../engine/ports/partition-lock.contract.ts";
import type { LockAttempt } from "../../engine/ports/partition-lock.port.ts";
import { bundleModule } from "../../../test/chaos/bundle.ts";
import { createPartitionLock } from "./partition-lock.ts";
import { createMemoryLock } from "./test-engine.ts";

partitionLockContract("files", async () => {
  const directory = await mkdtemp(join(tmpdir(), "autosd-locks-"));
  return {
    mine: createPartitionLock(directory),
    other: createPartitionLock(directory),
    close: () => rm(directory, { recursive: true }),
  };
});

partitionLockContract("memory", async () => {
  const lock = createMemoryLock();
  return { mine: lock, other: lock, close: async () => undefined };
});

describe("lock files", () => {
  let directory: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "autosd-locks-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await rm(directory, { recursive: true });
  });

  const release = async (attempt: LockAttempt): Promise<void> => {
    if (attempt.kind === "held") await attempt.release();
  };

  /** A process that takes the lock, starts a child of its own, names it, and stays. */
  async function holdingProcess(): Promise<{ readonly pid: number; readonly grandchild: number }> {
    const source = join(import.meta.dirname, "partition-lock.ts");
    const module = await bundleModule(source, join(directory, "lock.mjs"));
    const script = `
      import { spawn } from "node:child_process";
      import { createPartitionLock } from ${JSON.stringify(module)};
      const attempt = await createPartitionLock(${JSON.stringify(join(directory, "locks"))}).acquire("/p", "run_1");
      const child = spawn("/bin/sleep", ["60"], { stdio: "ignore", detached: true });
      console.log(JSON.stringify({ kind: attempt.kind, grandchild: child.pid }));
      setInterval(() => undefined, 60_000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [chunk] = (await once(child.stdout, "data")) as [Buffer];
    const told = JSON.parse(chunk.toString()) as { kind: string; grandchild: number };
    expect(told.kind).toBe("held");
    return { pid: child.pid ?? 0, grandchild: told.grandchild };
  }

  it("are released by the kernel at kill -9, even when a child of the holder lives on", async () => {
    const lock = createPartitionLock(join(directory, "locks"));
    const { pid, grandchild } = await holdingProcess();
    try {
      expect(await lock.holder("/p")).toMatchObject({ pid, runId: "run_1" });
      expect(await lock.acquire("/p", "run_2")).toMatchObject({
        kind: "busy",
        holder: { pid, runId: "run_1" },
      });
      const [child] = children;
      child?.kill("SIGKILL");
      if (child !== undefined) await once(child, "exit");
      process.kill(grandchild, 0);
      expect(await lock.holder("/p")).toBeUndefined();
      const attempt = await lock.acquire("/p", "run_2");
      expect(attempt.kind).toBe("held");
      await release(attempt);
    } finally {
      process.kill(grandchild, "SIGKILL");
    }
  });

  it("are private and stay where they are", async () => {
    const lock = createPartitionLock(join(directory, "locks"));
    await release(await lock.acquire("/projects/bookmarks", "run_1"));
    const names = await readdir(join(directory, "locks"));
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(name).toMatch(/^-projects-bookmarks\.[0-9a-f]{17}\.(lock|alive)$/);
      expect((await lstat(join(directory, "locks", name))).mode & 0o777).toBe(0o600);
    }
  });

  it("exclude whoever comes after the folder was emptied, too", async () => {
    const lock = createPartitionLock(directory);
    const first = await lock.acquire("/p", "run_1");
    for (const name of await readdir(directory)) await rm(join(directory, name));
    const second = await lock.acquire("/p", "run_2");
    expect(second.kind).toBe("held");
    expect((await lock.acquire("/p", "run_3")).kind).toBe("busy");
    await release(first);
    expect((await lock.acquire("/p", "run_3")).kind).toBe("busy");
    await release(second);
  });

  it("wait for an onlooker instead of giving up", async () => {
    const lock = createPartitionLock(directory);
    await release(await lock.acquire("/p", "run_1"));
    const names = await readdir(directory);
    const path = (end: string): string =>
      join(directory, names.find((name) => name.endsWith(end)) ?? "");
    const onlooker = await open(path(".alive"), "r");
    expect(tryLock(onlooker.fd, 0, 0, { shared: true })).toBe(true);
    const attempt = lock.acquire("/p", "run_2");
    await expect.poll(() => readFile(path(".lock"), "utf8"), { interval: 1 }).toContain("run_2");
    await onlooker.close();
    expect((await attempt).kind).toBe("held");
    await release(await attempt);
  });

  it("name nobody when what the holder wrote is unreadable", async () => {
    const lock = createPartitionLock(directory);
    const attempt = await lock.acquire("/p", "run_1");
    const file = (await readdir(directory)).find((name) => name.endsWith(".lock")) ?? "";
    await writeFile(join(directory, file), "{");
    const unknown = { pid: undefined, runId: undefined };
    expect(await lock.holder("/p")).toEqual(unknown);
    expect(await lock.acquire("/p", "run_2")).toEqual({ kind: "busy", holder: unknown });
    await release(attempt);
  });

  it("are not taken through a symbolic link", async () => {
    const lock = createPartitionLock(directory);
    await release(await lock.acquire("/p", "run_1"));
    const file = (await readdir(directory)).find((name) => name.endsWith(".lock")) ?? "";
    await rm(join(directory, file));
    await writeFile(join(directory, "target"), "");
    await symlink(join(directory, "target"), join(directory, file));
    await expect(lock.acquire("/p", "run_1")).rejects.toMatchObject({
      code: "AUTOSD-STATE-IO",
    });
  });
});
