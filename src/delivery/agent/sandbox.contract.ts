import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DialogueInput, ProcessResult } from "../../kernel/process.ts";
import type { Sandbox, SandboxCommand } from "./sandbox.port.ts";

/** A sandbox under test and the host folders around it. */
export interface SandboxHarness {
  readonly sandbox: Sandbox;
  /** An empty host folder of this test, removed by `close`. */
  readonly folder: string;
  readonly autosdHome: string;
  readonly close: () => Promise<void>;
}

export const roomyLimits: SandboxCommand["limits"] = {
  timeoutMs: 20_000,
  maxOutputBytes: 100_000,
  maxProcesses: 200,
  maxDataBytes: 4 * 1024 ** 3,
  maxFileBytes: 64 * 1024 ** 2,
};

/** Runs a shell script in `/workspace`, the folder `workspace` of the harness. */
export async function runScript(
  harness: SandboxHarness,
  script: string,
  more: Partial<SandboxCommand> = {},
): Promise<ProcessResult> {
  return harness.sandbox.run({
    command: ["/bin/sh", "-c", script],
    cwd: "/workspace",
    env: {},
    egress: { kind: "none" },
    limits: roomyLimits,
    mounts: [
      { hostPath: join(harness.folder, "workspace"), path: "/workspace", mode: "read-write" },
    ],
    ...more,
  });
}

/** What every backend does, `none` included: commands, their ends, their limits of time and output. */
export function sandboxContract(name: string, open: () => Promise<SandboxHarness>): void {
  describe(`a sandbox: ${name}`, () => {
    let harness: SandboxHarness;
    const sh = (script: string, more: Partial<SandboxCommand> = {}): Promise<ProcessResult> =>
      runScript(harness, script, more);

    beforeAll(async () => {
      harness = await open();
      await mkdir(join(harness.folder, "workspace"), { recursive: true });
      await harness.sandbox.adopt(join(harness.folder, "workspace"));
    });
    afterAll(() => harness.close());

    it("returns the exit code and both outputs", async () => {
      const result = await sh("echo out; echo err >&2; exit 7");
      expect(result.end).toEqual({ kind: "exited", exitCode: 7 });
      expect([result.stdout, result.stderr]).toEqual(["out\n", "err\n"]);
    });

    it("keeps what a command writes in a writable mount", async () => {
      await sh("mkdir -p a/b && echo kept > a/b/c");
      expect(await readFile(join(harness.folder, "workspace/a/b/c"), "utf8")).toBe("kept\n");
    });

    it("lets a command change files that were there before, once the folder is adopted", async () => {
      const folder = join(harness.folder, "workspace");
      await writeFile(join(folder, "before"), "old\n", { mode: 0o600 });
      await harness.sandbox.adopt(folder);
      await harness.sandbox.adopt(folder);
      const result = await sh("echo new >> before");
      expect(result.end).toEqual({ kind: "exited", exitCode: 0 });
      expect(await readFile(join(folder, "before"), "utf8")).toBe("old\nnew\n");
    });

    it("says when the program is not there", async () => {
      const result = await sh("", { command: ["no-such-program-of-anybody", "x"] });
      expect(result.end.kind).toBe("not-started");
    });

    it("passes variables and arguments as they are", async () => {
      const odd = "a b\n'c' \"d\" $HOME * \\ ü -e";
      const result = await sh("", {
        command: ["/bin/sh", "-c", 'printf "%s|%s" "$ODD" "$1"', "sh", odd],
        env: { ODD: odd },
      });
      expect(result.stdout).toBe(`${odd}|${odd}`);
    });

    it("inherits nothing from autosd's environment", async () => {
      process.env["AUTOSD_TEST_SECRET"] = "inherited-secret";
      const result = await sh("env");
      delete process.env["AUTOSD_TEST_SECRET"];
      expect(result.stdout).toContain("PATH=");
      expect(result.stdout).not.toContain("inherited-secret");
    });

    it("tells which signal ended the command", async () => {
      expect((await sh("kill -TERM $$")).end).toEqual({ kind: "signalled", signal: "SIGTERM" });
    });

    it("ends a command that takes too long", async () => {
      const cut = (timeoutMs: number) =>
        sh("echo started; sleep 300", { limits: { ...roomyLimits, timeoutMs } });
      let result = await cut(300);
      // With more time when a busy machine did not even start it.
      for (const timeoutMs of [2_000, 8_000, 32_000])
        if (result.stdout === "") result = await cut(timeoutMs);
      expect(result.end).toEqual({ kind: "timed-out" });
      expect(result.stdout).toBe("started\n");
    });

    it("ends a command when the caller cancels, and does not start one that is cancelled", async () => {
      const cancel = new AbortController();
      const result = await sh("echo started; sleep 60", {
        signal: cancel.signal,
        onOutput: () => cancel.abort(),
      });
      expect(result.end).toEqual({ kind: "cancelled" });
      expect((await sh("echo again", { signal: cancel.signal })).stdout).toBe("");
    });

    it("runs Node, with a loopback of its own to serve on", async () => {
      const script =
        "const s=require('net').createServer(c=>c.end('hello')).listen(0,'127.0.0.1',()=>require('net').connect(s.address().port,'127.0.0.1').on('data',d=>{console.log(String(d));process.exit(0)}))";
      const result = await sh("", { command: [process.execPath, "-e", script] });
      expect(result.stdout).toBe("hello\n");
    });

    it("talks with a command while it runs, and hands its output on instead of keeping it", async () => {
      let heard = "";
      let input: DialogueInput | undefined;
      const result = await sh(
        'read first; echo "1 $first"; read second; echo "2 $second"; cat; ls /proc/self/fd | wc -l >&2',
        {
          dialogue: {
            begin: (begun) => {
              input = begun;
              begun.write("one\n");
            },
            heard: (bytes) => {
              heard += Buffer.from(bytes).toString();
              // The answer to what was said first: nothing of it was there when the command began.
              if (heard === "1 one\n") input?.write("two\nrest\n");
              if (heard.endsWith("rest\n")) input?.end();
            },
          },
        },
      );
      expect(result.end).toEqual({ kind: "exited", exitCode: 0 });
      expect(heard).toBe("1 one\n2 two\nrest\n");
      expect(result.stdout).toBe("");
      // Input, output, errors, and the folder that is listed: nothing that is autosd's own.
      if (harness.sandbox.backend !== "none") expect(result.stderr.trim()).toBe("4");
      input?.write("to nobody\n");
    });

    it("runs several commands side by side", async () => {
      const results = await Promise.all([1, 2, 3, 4].map((one) => sh(`echo ${one}; sleep 0.1`)));
      expect(results.map((one) => one.stdout)).toEqual(["1\n", "2\n", "3\n", "4\n"]);
    });

    it("bounds the output of a command that floods", async () => {
      const limits = { ...roomyLimits, maxOutputBytes: 10_000 };
      const result = await sh("yes flood | head -c 3000000", { limits });
      expect(result.end).toEqual({ kind: "exited", exitCode: 0 });
      expect(result.stdout.length).toBeGreaterThan(1_000);
      expect(result.stdout.length).toBeLessThan(12_000);
    });
  });
}
