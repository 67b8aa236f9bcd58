import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DialogueInput, ProcessResult, ProcessRunner, ProcessSpec } from "./process.ts";

/** For tests: whether a process runs; one that ended and was not collected by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return process.platform !== "linux";
  }
}

/**
 * What every ProcessRunner does. `create` returns one whose patience between SIGTERM and SIGKILL is
 * well below five seconds.
 */
export function processRunnerContract(name: string, create: () => ProcessRunner): void {
  describe(`ProcessRunner: ${name}`, () => {
    const runner = create();
    let folder = "";
    beforeAll(() => {
      folder = realpathSync(mkdtempSync(join(tmpdir(), "autosd-process-")));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    const spec = (
      command: ProcessSpec["command"],
      more: Partial<ProcessSpec> = {},
    ): ProcessSpec => ({
      command,
      cwd: folder,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
      timeoutMs: 20_000,
      maxOutputBytes: 1_000_000,
      ...more,
    });
    const shell = (script: string, more?: Partial<ProcessSpec>) =>
      runner.run(spec(["sh", "-c", script], more));
    const node = (script: string, more?: Partial<ProcessSpec>) =>
      runner.run(spec([process.execPath, "-e", script], more));

    test("gives both outputs, the exit code and the time", async () => {
      const result = await shell("echo out; echo err >&2; exit 3");
      expect(result).toMatchObject({
        end: { kind: "exited", exitCode: 3 },
        stdout: "out\n",
        stderr: "err\n",
      });
      expect(result.durationMs).toBeGreaterThan(0);
      expect(result.durationMs).toBeLessThan(20_000);
    });

    test("runs in the given folder with the given environment and nothing else", async () => {
      const result = await runner.run(spec(["/usr/bin/env"], { env: { A: "1", B: "zwei ü" } }));
      expect(result.stdout.trim().split("\n").sort()).toEqual(["A=1", "B=zwei ü"]);
      expect((await shell("pwd")).stdout).toBe(`${folder}\n`);
    });

    test("hands arguments over as they are", async () => {
      const odd = ["$HOME", "a b", "'\"", "*", "", "-n", "ü\n"];
      const result = await node("console.log(JSON.stringify(process.argv.slice(1)))", {
        command: [
          process.execPath,
          "-e",
          "console.log(JSON.stringify(process.argv.slice(1)))",
          "--",
          ...odd,
        ],
      });
      expect(JSON.parse(result.stdout)).toEqual(odd);
    });

    test("feeds text and bytes to the child", async () => {
      expect((await shell("cat", { stdin: "grüße\n" })).stdout).toBe("grüße\n");
      expect((await shell("wc -c", { stdin: new Uint8Array(300_000) })).stdout.trim()).toBe(
        "300000",
      );
    });

    test("talks with the child while it runs, and gives it orders beside that", async () => {
      let heard = "";
      let input: DialogueInput | undefined;
      const result = await shell('read a <&3; echo "$a"; read b; echo "$b"; cat', {
        orders: "ordered\n",
        dialogue: {
          begin: (begun) => {
            input = begun;
          },
          heard: (bytes) => {
            heard += Buffer.from(bytes).toString();
            if (heard === "ordered\n") input?.write("said\n");
            if (heard.endsWith("said\n")) input?.end();
          },
        },
      });
      expect(result).toMatchObject({ end: { kind: "exited", exitCode: 0 }, stdout: "" });
      expect(heard).toBe("ordered\nsaid\n");
      expect(input?.waitingBytes).toBe(0);
      input?.write("to nobody");
    });

    test("gives an empty input when there is none", async () => {
      expect(await shell("cat; echo end")).toMatchObject({ stdout: "end\n" });
    });

    test("does not mind a child that ends without reading its input", async () => {
      const result = await shell("exit 4", { stdin: "x".repeat(5_000_000) });
      expect(result.end).toEqual({ kind: "exited", exitCode: 4 });
    });

    test("names the signal that ended the child", async () => {
      expect((await shell("kill -KILL $$")).end).toEqual({ kind: "signalled", signal: "SIGKILL" });
    });

    test.each<[string, () => ProcessSpec, RegExp]>([
      [
        "a missing program",
        () => spec(["no-such-program-here"]),
        /no-such-program-here was not found/,
      ],
      [
        "a missing folder",
        () => spec(["sh"], { cwd: join(folder, "none") }),
        /none is not a folder/,
      ],
      ["a text file", () => spec([join(folder, "plain.txt")]), /plain\.txt may not be executed/],
      ["an impossible argument", () => spec(["sh", "a\0b"]), /sh could not be started/],
    ])("says why %s could not be started", async (_name, build, reason) => {
      writeFileSync(join(folder, "plain.txt"), "no program", { mode: 0o644 });
      const { end } = await runner.run(build());
      expect(end).toMatchObject({
        kind: "not-started",
        reason: expect.stringMatching(reason) as string,
      });
    });

    test("cuts the middle of long output, between characters, and says so", async () => {
      const result = await node(
        'process.stdout.write("a" + "é".repeat(50_000) + "ende"); process.stderr.write("short")',
        { maxOutputBytes: 1_000 },
      );
      expect(result.end).toEqual({ kind: "exited", exitCode: 0 });
      const [, head, cutBytes, tail] =
        /^(aé+)\n\[\.\.\. (\d+) bytes cut \.\.\.\]\n(é+ende)$/.exec(result.stdout) ?? [];
      const kept = Buffer.byteLength(head ?? "") + Buffer.byteLength(tail ?? "");
      expect(kept).toBeGreaterThan(990);
      expect(kept).toBeLessThanOrEqual(1_000);
      expect(kept + Number(cutBytes)).toBe(100_005);
      expect(result.stderr).toBe("short");
    });

    test("keeps output of exactly the bound whole", async () => {
      const result = await node('process.stdout.write("b".repeat(1_000))', {
        maxOutputBytes: 1_000,
      });
      expect(result.stdout).toBe("b".repeat(1_000));
    });

    test("shows output as it arrives, whole characters only, and survives a watcher that throws", async () => {
      const chunks: string[] = [];
      const script =
        'const b = Buffer.from("grün"); process.stdout.write(b.subarray(0, 3)); setTimeout(() => process.stdout.write(b.subarray(3)), 60)';
      const result = await node(script, {
        onOutput: (chunk) => {
          chunks.push(chunk);
          throw new Error("a watcher's fault");
        },
      });
      expect(result.stdout).toBe("grün");
      expect(chunks.join("")).toBe("grün");
      expect(chunks.some((chunk) => chunk.includes("\ufffd"))).toBe(false);
    });

    describe("ending by force", () => {
      /** Prints the ids of itself, a child in its group and a child in a session of its own. */
      const family = `
        const { spawn } = require("node:child_process");
        process.on("SIGTERM", () => {});
        const quiet = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
        const near = spawn(process.execPath, ["-e", quiet], { stdio: "inherit" });
        const far = spawn(process.execPath, ["-e", quiet], { stdio: "inherit", detached: true });
        console.log(JSON.stringify([process.pid, near.pid, far.pid]));
        setInterval(() => {}, 1000);`;
      const pidsOf = (stdout: string): readonly number[] => {
        const pids = JSON.parse(stdout.split("\n")[0] ?? "") as number[];
        expect(pids).toHaveLength(3);
        return pids;
      };

      /** Run out of time after it wrote its line: with more time when a busy machine did not get so far. */
      const cutShort = async (script: string): Promise<ProcessResult> => {
        let result = await shell(script, { timeoutMs: 500 });
        for (const timeoutMs of [2_000, 8_000, 32_000])
          if (result.stdout === "") result = await shell(script, { timeoutMs });
        return result;
      };

      test("a time-out leaves no descendant alive, however little they mind SIGTERM", async () => {
        const script = "trap '' TERM; sleep 60 & sh -c 'sleep 61' & echo $$ $!; wait; sleep 62";
        const result = await cutShort(script);
        expect(result.end).toEqual({ kind: "timed-out" });
        const pids = result.stdout.trim().split(" ").map(Number);
        expect(pids).toHaveLength(2);
        expect(pids.filter(isAlive)).toEqual([]);
        expect(result.durationMs).toBeGreaterThanOrEqual(450);
      });

      test("a cancellation leaves none alive either, not even one that left the group", async () => {
        const controller = new AbortController();
        const result = await node(family, {
          signal: controller.signal,
          onOutput: () => controller.abort(),
        });
        expect(result.end).toEqual({ kind: "cancelled" });
        expect(pidsOf(result.stdout).filter(isAlive)).toEqual([]);
      });

      test("a child may end by itself on SIGTERM", async () => {
        const result = await cutShort("trap 'echo bye; exit 0' TERM; echo ready; sleep 60 & wait");
        expect(result.end).toEqual({ kind: "timed-out" });
        expect(result.stdout).toBe("ready\nbye\n");
      });

      test("nothing starts when the signal was aborted before", async () => {
        const result = await shell("touch started", { signal: AbortSignal.abort() });
        expect(result).toMatchObject({ end: { kind: "cancelled" }, stdout: "", stderr: "" });
        expect((await shell("ls")).stdout).not.toContain("started");
      });
    });

    test("does not wait for a background process that keeps the output open", async () => {
      // It keeps the output open for longer than there is time: waiting would end as `timed-out`.
      const result = await shell("sleep 300 & echo $!");
      expect(result.end).toEqual({ kind: "exited", exitCode: 0 });
      expect(isAlive(Number(result.stdout))).toBe(false);
    });

    test("runs many children at once without mixing them up", async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => shell(`echo ${index}; exit ${index}`)),
      );
      expect(results.map((result) => result.stdout.trim())).toEqual(
        results.map((_, index) => `${index}`),
      );
      expect(results.map((result) => result.end)).toEqual(
        results.map((_, exitCode) => ({ kind: "exited", exitCode })),
      );
    });
  });
}
