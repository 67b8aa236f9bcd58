import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { isAlive, processRunnerContract } from "../../kernel/process.contract.ts";
import { createProcessRunner } from "./spawn-runner.ts";

processRunnerContract("spawn", () => createProcessRunner({ killGraceMs: 400 }));

test("a flood of output costs constant memory and loses neither its beginning nor its end", async () => {
  const script = `
    const line = "x".repeat(99) + "\\n";
    let left = 2_000;
    process.stdout.write("first\\n");
    const more = () => {
      while (left > 0) { left -= 1; if (!process.stdout.write(line.repeat(1_000))) return process.stdout.once("drain", more); }
      process.stdout.write("last\\n");
    };
    more();`;
  const runner = createProcessRunner();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const result = await runner.run({
    command: [process.execPath, "-e", script],
    cwd: tmpdir(),
    env: {},
    timeoutMs: 60_000,
    maxOutputBytes: 100_000,
  });
  clearInterval(watch);
  expect(result.stdout).toMatch(
    /^first\nxx[^]*\n\[\.\.\. 199900011 bytes cut \.\.\.\]\n[^]*xx\nlast\n$/,
  );
  expect(peak - before).toBeLessThan(150_000_000);
});

test("children die with a process that exits before they do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "autosd-exit-"));
  try {
    symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
    const outfile = join(folder, "parent.mjs");
    await build({
      stdin: {
        contents: `
          import { createProcessRunner } from "./spawn-runner.ts";
          void createProcessRunner().run({
            command: ["sh", "-c", "echo $$; sleep 60"], cwd: "/", env: { PATH: "/usr/bin:/bin" },
            timeoutMs: 60000, maxOutputBytes: 1000,
            onOutput: (pid) => process.stdout.write(pid, () => process.exit(0)),
          });`,
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile,
      logLevel: "error",
    });
    const parent = spawn(process.execPath, [outfile], { stdio: ["ignore", "pipe", "inherit"] });
    let pid = "";
    parent.stdout.on("data", (chunk: Buffer) => (pid += chunk.toString()));
    await once(parent, "close");
    expect(Number(pid)).toBeGreaterThan(1);
    await expect.poll(() => isAlive(Number(pid))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
