import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Clock } from "../../kernel/clock.ts";
import { reportUnavailable } from "../../../test/support/report-unavailable.ts";
import { openLog } from "./open-log.ts";

const clock: Clock = { now: () => Date.UTC(2026, 0, 31, 10, 20, 30, 456), monotonicMs: () => 0 };
let folder = "";
let writer = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "autosd-log-"));
  // A child that runs this source finds its packages as an installed autosd does.
  symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  writer = join(folder, "writer.mjs");
  await build({
    stdin: {
      contents: `
        import { openLog } from "./open-log.ts";
        const [file, name, lines, end] = process.argv.slice(2);
        const log = openLog({ file, verbose: false, clock: { now: Date.now, monotonicMs: () => 0 } });
        for (let line = 0; line < Number(lines); line += 1)
          log.info("a line", { name, line, filler: "x".repeat(line % 10 === 0 ? 20_000 : 50) });
        if (end === "kill") process.kill(process.pid, "SIGKILL");`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    outfile: writer,
    logLevel: "error",
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Line {
  readonly level: string;
  readonly time: string;
  readonly pid: number;
  readonly msg: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

function linesOf(file: string): readonly Line[] {
  const text = readFileSync(file, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

test("each line is in the file when the call returns, with its time, level and fields", () => {
  const file = join(folder, "plain", "autosd.log");
  const log = openLog({ file, verbose: false, clock });
  log.warn("the registry was slow", { level: 3, msg: "own", waitedMs: 900 });
  expect(linesOf(file)).toEqual([
    {
      level: "warn",
      time: "2026-01-31T10:20:30.456Z",
      pid: process.pid,
      fields: { level: 3, msg: "own", waitedMs: 900 },
      msg: "the registry was slow",
    },
  ]);
  log.error("no fields");
  expect(linesOf(file).map((line) => line.level)).toEqual(["warn", "error"]);
  log.close();
  log.info("after close");
  expect(linesOf(file)).toHaveLength(3);
  log.close();
});

test("debug lines are written only when asked for", () => {
  const file = join(folder, "levels.log");
  const quiet = openLog({ file, verbose: false, clock });
  quiet.debug("hidden");
  expect(existsSync(file)).toBe(false);
  quiet.info("shown");
  const verbose = openLog({ file, verbose: true, clock });
  verbose.debug("shown too");
  expect(linesOf(file).map((line) => [line.level, line.msg])).toEqual([
    ["info", "shown"],
    ["debug", "shown too"],
  ]);
  quiet.close();
  verbose.close();
});

test("opening costs nothing: no file, no folder, until the first line", () => {
  const file = join(folder, "lazy", "autosd.log");
  openLog({ file, verbose: true, clock }).close();
  expect(existsSync(join(folder, "lazy"))).toBe(false);
});

test("the file is for its owner only and is never truncated", () => {
  const file = join(folder, "private", "autosd.log");
  const log = openLog({ file, verbose: false, clock });
  log.info("first");
  log.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "private")).mode & 0o777).toBe(0o700);
  const again = openLog({ file, verbose: false, clock });
  again.info("second");
  again.close();
  expect(linesOf(file).map((line) => line.msg)).toEqual(["first", "second"]);
});

test("secrets are redacted in messages and fields", () => {
  const file = join(folder, "redacted.log");
  const secret = `ghp_${"aB3dE5gH7j".repeat(4)}`;
  const log = openLog({ file, verbose: false, clock });
  log.info(`pushed with ${secret}`, {
    token: "x",
    url: `https://u:${secret}@host.example`,
    maxTokens: 9,
  });
  log.error("failed", { cause: new Error(secret) });
  log.close();
  expect(readFileSync(file, "utf8")).not.toContain(secret);
  expect(linesOf(file)[0]).toMatchObject({
    msg: "pushed with [redacted:github-token]",
    fields: { token: "[redacted]", maxTokens: 9 },
  });
});

test("a line without end is replaced by its beginning", () => {
  const file = join(folder, "long.log");
  const log = openLog({ file, verbose: false, clock });
  log.info("output", { text: "y".repeat(3_000_000) });
  log.info("next");
  log.close();
  const [long, next] = linesOf(file);
  expect(long).toMatchObject({ level: "warn", msg: "a line was too long to be logged whole" });
  expect(long?.fields?.["beginning"]).toContain('"level":"info"');
  expect(statSync(file).size).toBeLessThan(10_000);
  expect(next?.msg).toBe("next");
});

test("a file that cannot be written is told once and ends nothing", () => {
  const occupied = join(folder, "occupied");
  mkdirSync(occupied);
  const failures: Error[] = [];
  const log = openLog({
    file: occupied,
    verbose: false,
    clock,
    onFailure: (error) => {
      failures.push(error);
      throw new Error("even then");
    },
  });
  log.info("one");
  log.error("two");
  expect(failures).toHaveLength(1);
  expect(failures[0]?.message).toContain("EISDIR");
  log.close();
});

test("a full disk is told once and ends nothing", () => {
  if (!existsSync("/dev/full")) {
    reportUnavailable("a log on a full disk", "there is no /dev/full");
    return;
  }
  const failures: Error[] = [];
  const log = openLog({
    file: "/dev/full",
    verbose: false,
    clock,
    onFailure: (error) => failures.push(error),
  });
  log.info("one");
  log.info("two");
  log.close();
  expect(failures.map((error) => error.message)).toEqual([
    "disk full: there is no room left in /dev",
  ]);
});

test("a line that was cut when no more could be written spoils no other", async () => {
  const file = join(folder, "cut.log");
  const script = 'ulimit -f 64; exec "$0" "$@"';
  const child = spawn("sh", ["-c", script, process.execPath, writer, file, "c", "60"], {
    stdio: "inherit",
  });
  expect(await once(child, "close")).toEqual([0, null]);
  expect(readFileSync(file, "utf8").endsWith("\n")).toBe(false);
  const log = openLog({ file, verbose: false, clock });
  log.info("after");
  log.close();
  const [after, cut, ...before] = readFileSync(file, "utf8").trimEnd().split("\n").reverse();
  expect(JSON.parse(after ?? "")).toMatchObject({ msg: "after" });
  expect(() => JSON.parse(cut ?? "") as unknown).toThrow();
  expect(before).toHaveLength(10);
  for (const line of before) expect(JSON.parse(line)).toMatchObject({ msg: "a line" });
});

test("a named pipe that nobody reads does not hold autosd up", async () => {
  const pipe = join(folder, "pipe");
  await once(spawn("sh", ["-c", 'mkfifo "$0"', pipe]), "close");
  const failures: Error[] = [];
  const log = openLog({
    file: pipe,
    verbose: false,
    clock,
    onFailure: (error) => failures.push(error),
  });
  log.info("one");
  expect(failures).toHaveLength(1);
});

test("eight processes appending at once lose and tear no line", async () => {
  const file = join(folder, "shared.log");
  const lines = 300;
  await Promise.all(
    Array.from({ length: 8 }, async (_, name) => {
      const child = spawn(process.execPath, [writer, file, `w${name}`, `${lines}`], {
        stdio: "inherit",
      });
      expect(await once(child, "close")).toEqual([0, null]);
    }),
  );
  const written = linesOf(file);
  expect(written).toHaveLength(8 * lines);
  for (let name = 0; name < 8; name += 1)
    expect(
      written
        .filter((line) => line.fields?.["name"] === `w${name}`)
        .map((line) => line.fields?.["line"]),
    ).toEqual(Array.from({ length: lines }, (_, line) => line));
}, 60_000);

test("a process killed right after a log call has lost no line", async () => {
  const file = join(folder, "killed.log");
  appendFileSync(file, "");
  const child = spawn(process.execPath, [writer, file, "k", "50", "kill"], { stdio: "inherit" });
  expect(await once(child, "close")).toEqual([null, "SIGKILL"]);
  expect(linesOf(file).map((line) => line.fields?.["line"])).toEqual(
    Array.from({ length: 50 }, (_, line) => line),
  );
});
