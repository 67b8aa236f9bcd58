#!/usr/bin/env node
/**
 * Measures the built autosd side by side with a bare `node -e 0` of the same run, prints a table with
 * targets, and writes bench/results/<time>.json. `--quick` leaves out the whole run of the example,
 * parallel stories, large work trees and the audit log of a million entries; `--runs N` sets how often
 * the short ones are repeated (default 21). What is measured gets a small environment that is always
 * the same; machine, load and environment stand above the table and in the result. Exits 1 when a
 * target is missed and `--strict` is given.
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchAgent } from "./bench/agent.mjs";
import { benchAudit } from "./bench/audit.mjs";
import { benchGovernance } from "./bench/governance.mjs";
import { benchModels } from "./bench/models.mjs";
import { benchParallel } from "./bench/parallel.mjs";
import { headOf, measuredEnvironment, warningOf, watchMachine } from "./bench/surroundings.mjs";
import { benchWorkspaces } from "./bench/workspaces.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = join(root, "dist/main.js");
const peakReporter = join(root, "bench/report-peak-memory.mjs");
const example = join(root, "examples/bookmarks.md");
const seededProjects = 10_000;
const runTimeoutMs = 20 * 60 * 1000;

/**
 * `floor` rows say what the machine itself takes. A time target holds on a machine whose floor takes
 * `referenceStartMs`; elsewhere it is scaled by what the floor takes there: that of the row, where it
 * has one, else a bare Node.
 */
const referenceStartMs = 49;
const targets = {
  "autosd --version": { ms: 60 },
  "./autosd --version (launcher)": { ms: 75 },
  "autosd --help": { ms: 120 },
  "projects list, one of 10,000": { ms: 150 },
  "projects list, all 10,000": { ms: 400 },
  "run: start to first story": { ms: 400 },
  "run: autosd itself, per story": { ms: 150 },
  "peak memory, projects list all": { bytes: 100e6 },
  "peak memory, run": { bytes: 100e6 },
};

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
    runs: { type: "string", default: "21" },
  },
});

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs to the end; standard output and error are kept, with the time of the first line that matches. */
function run(command, args, { env = {}, until } = {}) {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...measuredEnvironment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: runTimeoutMs,
    });
    let stdout = "";
    let stderr = "";
    let matchedMs;
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      if (until !== undefined && matchedMs === undefined && until.test(stderr))
        matchedMs = performance.now() - startedAt;
    });
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code, stdout, stderr, matchedMs, ms: performance.now() - startedAt }),
    );
  });
}

function mustSucceed(what, result, codes = [0]) {
  if (codes.includes(result.code)) return result;
  throw new Error(`${what} ended with ${result.code}:\n${result.stderr.slice(-2000)}`);
}

/** Takes turns between the candidates, so that what else the machine does hits all of them. */
async function sideBySide(candidates, runs) {
  const times = new Map(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < runs + 1; round += 1)
    for (const { name, command, args, env } of candidates) {
      const result = mustSucceed(name, await run(command, args, { env }));
      // The first round fills the file cache.
      if (round > 0) times.get(name).push(result.ms);
    }
  return candidates.map(({ name }) => ({ name, ms: median(times.get(name)) }));
}

/** Bundles the seeding program once and fills a fresh home with it. */
async function seed(folder) {
  const { build } = await import("esbuild");
  const outfile = join(root, "dist/bench-seed.mjs");
  await build({
    absWorkingDir: root,
    entryPoints: ["bench/seed-projects.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["libsql", "fs-native-extensions"],
    banner: {
      js: 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);',
    },
    logLevel: "warning",
  });
  const home = join(folder, "home");
  mustSucceed("seeding", await run(process.execPath, [outfile, home, String(seededProjects)]));
  await rm(outfile);
  return home;
}

async function peakOf(folder, name, args, env, codes) {
  const file = join(folder, "peak");
  const result = await run(process.execPath, ["--import", peakReporter, program, ...args], {
    env: { ...env, AUTOSD_BENCH_PEAK_FILE: file },
    until: /^\[[^\]]*\] story /m,
  });
  mustSucceed(name, result, codes);
  return { result, bytes: Number(await readFile(file, "utf8")) };
}

async function measureStart(home, runs) {
  const node = process.execPath;
  const env = { AUTOSD_HOME: home };
  return sideBySide(
    [
      { name: "node -e 0 (floor)", command: node, args: ["-e", "0"] },
      { name: "autosd --version", command: node, args: [program, "--version"] },
      { name: "./autosd --version (launcher)", command: join(root, "autosd"), args: ["--version"] },
      { name: "autosd --help", command: node, args: [program, "--help"] },
      {
        name: "projects list, one of 10,000",
        command: node,
        args: [program, "projects", "list", "--limit", "1", "--json"],
        env,
      },
      {
        name: "projects list, all 10,000",
        command: node,
        args: [program, "projects", "list", "--all", "--json"],
        env,
      },
    ],
    runs,
  );
}

/** One whole run of the example in a home of its own, then a second whose dependencies are there. */
async function measureRun(folder) {
  const rows = [];
  const env = { AUTOSD_HOME: join(folder, "run-home") };
  for (const round of ["first", "second"]) {
    const args = [
      ...["run", "--json", "--requirements-file", example],
      ...["--output-dir", join(folder, `out-${round}`), "--project-id", `bench-${round}`],
    ];
    // 4: built, with stories that are not implemented; still a whole run.
    const { result, bytes } = await peakOf(folder, `the ${round} run`, args, env, [0, 4]);
    const { durationsMs, stories, outcome } = JSON.parse(result.stdout);
    const label = (what) => `${round} run of the example: ${what} (${outcome})`;
    rows.push(
      { name: label("whole"), ms: result.ms },
      { name: label("install"), ms: durationsMs.install },
      { name: label("gates"), ms: durationsMs.gates },
      { name: label("autosd itself"), ms: durationsMs.autosd },
    );
    if (round === "first") continue;
    rows.push(
      { name: "run: start to first story", ms: result.matchedMs },
      { name: "run: autosd itself, per story", ms: durationsMs.autosd / stories.length },
      { name: "peak memory, run", bytes },
    );
  }
  return rows;
}

/** A row of a benchmark that measures a part by itself: `{name, value, unit, target, floorMs}`. */
function rowOf({ name, value, unit, target, floorMs }) {
  if (target !== undefined) targets[name] = unit === "bytes" ? { bytes: target } : { ms: target };
  if (unit === "ms") return { name, ms: value, floorMs };
  return unit === "bytes" ? { name, bytes: value } : { name, perSecond: value };
}

function isMissed({ name, ms, bytes, floorMs: own }, bareMs) {
  const floorMs = own ?? bareMs;
  const target = targets[name];
  if (target === undefined) return false;
  if (target.bytes !== undefined) return bytes > target.bytes;
  return ms > target.ms * Math.max(1, floorMs / referenceStartMs);
}

function format({ ms, bytes, perSecond }) {
  if (perSecond !== undefined) return `${perSecond.toFixed(1)}/s`;
  if (bytes !== undefined && bytes < 100_000) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes !== undefined) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (ms === undefined) return "not seen";
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(1)} ms`;
}

function table(rows, floorMs) {
  const lines = rows.map((row) => [
    row.name,
    format(row),
    row.ms === undefined ? "" : `${(row.ms / (row.floorMs ?? floorMs)).toFixed(2)}x`,
    targets[row.name] === undefined ? "" : format(targets[row.name]),
    targets[row.name] === undefined ? "" : isMissed(row, floorMs) ? "MISSED" : "met",
  ]);
  const head = ["what", "median", "to floor", "target", ""];
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at].length)));
  const show = (line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join("  ");
  return [head, ...lines].map((line) => show(line).trimEnd()).join("\n");
}

async function main() {
  const machineMeanwhile = watchMachine();
  mustSucceed("the build", await run(process.execPath, [join(root, "scripts/build.mjs")]));
  // Brings the launcher's stamp up to date: what is measured is a start after which nothing changed.
  mustSucceed("./autosd --version", await run(join(root, "autosd"), ["--version"]));
  const folder = await mkdtemp(join(tmpdir(), "autosd-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const home = await seed(folder);
  const rows = await measureStart(home, Number(options.runs));
  const list = ["projects", "list", "--all", "--json"];
  const { bytes } = await peakOf(folder, "projects list", list, { AUTOSD_HOME: home }, [0]);
  rows.push({ name: "peak memory, projects list all", bytes });
  if (!options.quick) rows.push(...(await measureRun(folder)));
  rows.push(...(await benchGovernance({ runs: Number(options.runs) })).map(rowOf));
  rows.push(...(await benchAgent()).map(rowOf));
  rows.push(...(await benchModels()).map(rowOf));
  if (!options.quick) rows.push(...(await benchParallel()).map(rowOf));
  if (!options.quick) rows.push(...(await benchWorkspaces()).map(rowOf));
  if (!options.quick) rows.push(...(await benchAudit()).map(rowOf));
  const floorMs = rows[0].ms;
  const machine = machineMeanwhile();
  console.log(`${headOf(machine)}\n\n${table(rows, floorMs)}`);
  const results = join(root, "bench/results");
  await mkdir(results, { recursive: true });
  const at = new Date().toISOString();
  const record = {
    schema: "autosd/bench@2",
    at,
    ...machine,
    runs: Number(options.runs),
    rows: rows.map((row) => ({
      ...row,
      target: targets[row.name],
      missed: isMissed(row, floorMs),
    })),
  };
  const file = join(results, `${at.replace(/[:.]/g, "-")}.json`);
  await writeFile(file, `${JSON.stringify(record, undefined, 2)}\n`);
  console.log(`\n${file}`);
  const warning = warningOf(machine);
  if (warning !== undefined) console.log(warning);
  const missed = record.rows.filter((row) => row.missed).map((row) => row.name);
  const held = record.rows.filter((row) => row.target !== undefined).length;
  console.log(`targets: ${held - missed.length} of ${held} met`);
  if (missed.length > 0) console.log(`missed: ${missed.join(", ")}`);
  return options.strict && missed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
