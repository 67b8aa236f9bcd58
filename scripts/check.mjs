#!/usr/bin/env node
/**
 * Everything that must be green: format, lint, types, import law, laws of the house, dead code,
 * generated files, tests. One line each with its time; goes on after a failure and exits non-zero
 * at the end. `--static` leaves the tests out.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tool = (path) => join(root, "node_modules", path);

/** Longest first, so that two side by side end at about the same time. */
const staticChecks = [
  ["lint", tool("eslint/bin/eslint.js"), "--max-warnings", "0", "."],
  ["types", tool("typescript/bin/tsc"), "--noEmit"],
  ["format", tool("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", "."],
  [
    "import law",
    tool("dependency-cruiser/bin/dependency-cruise.mjs"),
    "--config",
    ".dependency-cruiser.cjs",
    "src",
  ],
  ["dead code", tool("knip/bin/knip.js")],
  ["generated files", "scripts/generate-reference.mjs", "--check"],
  ["house laws", "scripts/laws.mjs"],
];

const tests = ["tests", "scripts/test.mjs"];

function runQuietly([name, ...args]) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    const end = (ok, note = "") =>
      resolve({
        name,
        ok,
        seconds: (performance.now() - startedAt) / 1000,
        output: Buffer.concat(output).toString() + note,
      });
    child.once("error", (error) => end(false, String(error)));
    child.once("close", (code) => end(code === 0));
  });
}

function runLoudly([name, ...args]) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const end = (ok) =>
      resolve({ name, ok, seconds: (performance.now() - startedAt) / 1000, output: "" });
    child.once("error", () => end(false));
    child.once("exit", (code) => end(code === 0));
  });
}

function report({ name, ok, seconds, output }) {
  console.log(`${ok ? "ok  " : "FAIL"}  ${name.padEnd(16)} ${seconds.toFixed(1).padStart(7)} s`);
  if (!ok && output.trim() !== "") console.log(output.trimEnd().replace(/^/gm, "      "));
}

/** Two at a time at most: each of them keeps a core busy and some hundred megabytes. */
async function runStatic() {
  const waiting = [...staticChecks];
  const results = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await runQuietly(next);
      report(result);
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return results;
}

const results = await runStatic();
if (!process.argv.includes("--static")) {
  const result = await runLoudly(tests);
  console.log("");
  results.push(result);
  report(result);
}
const failed = results.filter((result) => !result.ok).map((result) => result.name);
console.log(failed.length === 0 ? "\nall green" : `\nnot green: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
