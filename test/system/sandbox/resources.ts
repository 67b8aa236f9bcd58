import { spawn } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  roomyLimits,
  runScript,
  type SandboxHarness,
} from "../../../src/delivery/agent/sandbox.contract.ts";
import type { SandboxBackend, SandboxCommand } from "../../../src/delivery/agent/sandbox.port.ts";
import { openHarness, processesWith } from "./harness.ts";

let markers = 0;
/** Seconds for `sleep` that no other process on the machine waits. */
function newMarker(): string {
  markers += 1;
  return `4321.${process.pid}${markers}`;
}

async function until(condition: () => boolean, waitMs = 10_000): Promise<boolean> {
  const endMs = performance.now() + waitMs;
  while (performance.now() < endMs) {
    if (condition()) return true;
    await delay(10);
  }
  return condition();
}

/** Greed and processes that try to stay. */
export function resourceSuite(backend: SandboxBackend): void {
  describe(`${backend} bounds`, () => {
    let harness: SandboxHarness;
    const limited = (limits: Partial<SandboxCommand["limits"]>): Partial<SandboxCommand> => ({
      limits: { ...roomyLimits, ...limits },
    });

    beforeAll(async () => {
      harness = await openHarness(backend);
      await mkdir(join(harness.folder, "workspace"));
      await harness.sandbox.adopt(join(harness.folder, "workspace"));
    });
    afterAll(() => harness.close());

    it("the number of processes", async () => {
      const program =
        'for (1 .. 2000) { my $child = fork; if (not defined $child) { print "full\\n"; last } if (!$child) { sleep 60; exit } $n++ } print $n';
      const command = ["perl", "-e", program] as const;
      const result = await runScript(harness, "", { command, ...limited({ maxProcesses: 60 }) });
      const [full, count] = result.stdout.split("\n");
      expect(full).toBe("full");
      expect(Number(count)).toBeGreaterThan(5);
      // As root, bubblewrap shares the limit among the sandboxes of the machine.
      const sharers = backend === "bubblewrap" && process.getuid?.() === 0 ? 8 : 1;
      expect(Number(count)).toBeLessThanOrEqual(60 * sharers);
    });

    it("a fork bomb, and ends it with its time", async () => {
      const marker = newMarker();
      const command = ["perl", "-e", "while (1) { fork }", marker] as const;
      const result = await runScript(harness, "", {
        command,
        ...limited({ maxProcesses: 40, timeoutMs: 500 }),
      });
      expect(result.end.kind).toBe("timed-out");
      expect(processesWith(marker)).toEqual([]);
    });

    it("the size of a file", async () => {
      const script = "head -c 10G /dev/zero > big; echo $?; truncate -s 10G sparse; echo $?";
      const result = await runScript(harness, script, limited({ maxFileBytes: 1_000_000 }));
      expect(result.stdout).not.toContain("0\n0");
      for (const name of ["big", "sparse"]) {
        const size = (await stat(join(harness.folder, "workspace", name))).size;
        expect(size).toBeLessThanOrEqual(1_000_000);
      }
    });

    it("the private file system of /tmp, which is memory", async () => {
      const result = await runScript(
        harness,
        "df -k /tmp /dev/shm | awk 'NR > 1 { print $2 }'; (echo x > /dev/full) 2>/dev/null; true",
      );
      for (const kibibytes of result.stdout.trim().split("\n"))
        expect(Number(kibibytes)).toBeLessThanOrEqual(2 * 1024 ** 2);
    });

    it("memory", async () => {
      const hog =
        "const held = []; for (let i = 0; i < 64; i += 1) held.push(Buffer.alloc(64 * 1024 ** 2, 1)); console.log('all of it')";
      const result = await runScript(harness, "", {
        command: [process.execPath, "-e", hog],
        ...limited({ maxDataBytes: 512 * 1024 ** 2 }),
      });
      expect(result.stdout).toBe("");
      expect(result.end).not.toEqual({ kind: "exited", exitCode: 0 });
    });

    it("open files", async () => {
      const result = await runScript(harness, "ulimit -n");
      expect(Number(result.stdout)).toBeLessThanOrEqual(4_096);
    });

    it("crash dumps, to none", async () => {
      expect((await runScript(harness, "ulimit -c; ulimit -Hc")).stdout).toBe("0\n0\n");
    });
  });

  describe(`${backend} leaves no process behind`, () => {
    let harness: SandboxHarness;
    beforeAll(async () => {
      harness = await openHarness(backend);
      await mkdir(join(harness.folder, "workspace"));
      await harness.sandbox.adopt(join(harness.folder, "workspace"));
    });
    afterAll(() => harness.close());

    const stayers: Readonly<Record<string, (marker: string) => string>> = {
      "in a session of its own": (marker) =>
        `setsid sleep ${marker} >/dev/null 2>&1 </dev/null & sleep 0.05`,
      "forked twice": (marker) =>
        `(setsid sh -c 'sleep ${marker} & exit' & exit) >/dev/null 2>&1; sleep 0.05`,
      "deaf to signals": (marker) =>
        `setsid sh -c "trap '' TERM HUP INT; sleep ${marker}; sleep ${marker}" >/dev/null 2>&1 & sleep 0.05`,
      "that holds the output open": (marker) => `sleep ${marker} & sleep 0.05`,
    };
    for (const [what, script] of Object.entries(stayers)) {
      it(`${what}, when the command ends`, async () => {
        const marker = newMarker();
        const result = await runScript(harness, `${script(marker)}; pgrep -fc 'sleep ${marker}'`);
        expect(Number(result.stdout)).toBeGreaterThan(0);
        expect(processesWith(marker)).toEqual([]);
      });
      it(`${what}, when time is over`, async () => {
        const marker = newMarker();
        const limits = { ...roomyLimits, timeoutMs: 250 };
        const command = `${script(marker)}; sleep ${marker}`;
        const result = await runScript(harness, command, { limits });
        expect(result.end.kind).toBe("timed-out");
        expect(processesWith(marker)).toEqual([]);
      });
      it(`${what}, when the caller cancels`, async () => {
        const marker = newMarker();
        const cancel = new AbortController();
        const result = await runScript(harness, `${script(marker)}; echo up; sleep ${marker}`, {
          signal: cancel.signal,
          onOutput: () => cancel.abort(),
        });
        expect(result.end.kind).toBe("cancelled");
        expect(processesWith(marker)).toEqual([]);
      });
    }

    it("when autosd itself is killed with SIGKILL", async () => {
      const program = join(harness.folder, "run-until-killed.mjs");
      await build({
        entryPoints: [join(import.meta.dirname, "run-until-killed.ts")],
        outfile: program,
        bundle: true,
        platform: "node",
        format: "esm",
        logLevel: "error",
      });
      const marker = newMarker();
      const child = spawn(process.execPath, [program, backend, harness.folder, marker], {
        stdio: "ignore",
      });
      const sleepers = (): readonly number[] => processesWith(`sleep\0${marker}`);
      expect(await until(() => sleepers().length >= 2)).toBe(true);
      child.kill("SIGKILL");
      expect(await until(() => processesWith(marker).length === 0)).toBe(true);
    });

    it("nor a file in its scratch folder", async () => {
      await runScript(harness, "true");
      const { readdir } = await import("node:fs/promises");
      const left = await readdir(join(harness.autosdHome, "scratch"));
      // What the killed autosd of the test before could not remove is its own folder.
      expect(left.filter((name) => name !== "system").length).toBeLessThanOrEqual(1);
    });
  });
}
