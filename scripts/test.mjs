#!/usr/bin/env node
/**
 * Builds, runs the tests (arguments go to vitest), then says what could not run on this machine and
 * why, and ends with the line `N passed, N failed`. With CI=true whatever could not run fails.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function run(args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function readOptional(path) {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Tests append `{"name": ..., "reason": ...}` a line; several tests may give the same one. */
function unavailableFrom(text) {
  const seen = new Map();
  for (const line of (text ?? "").split("\n").filter((one) => one.trim() !== "")) {
    try {
      const { name, reason } = JSON.parse(line);
      seen.set(`${name}: ${reason}`, true);
    } catch {
      seen.set(`unreadable record: ${line}`, true);
    }
  }
  return [...seen.keys()].sort();
}

/** Passed, failed and skipped tests. A file that could not be loaded is one failed test. */
function summaryOf(report) {
  const summary = { passed: 0, failed: 0, skipped: [], failures: [] };
  for (const file of report.testResults) {
    const name = relative(root, file.name);
    for (const test of file.assertionResults) {
      if (test.status === "passed") summary.passed += 1;
      else if (test.status === "failed") {
        summary.failed += 1;
        summary.failures.push(`${name} > ${test.fullName}`);
      } else summary.skipped.push(`${name} > ${test.fullName}`);
    }
    const hasFailure = file.assertionResults.some((test) => test.status === "failed");
    if (file.status === "failed" && !hasFailure) {
      summary.failed += 1;
      summary.failures.push(`${name}: ${file.message.split("\n")[0] || "did not load"}`);
    }
  }
  return summary;
}

/** Runs vitest and returns what came out; a run without a report is one failure. */
async function runTests(args, folder) {
  const reportFile = join(folder, "report.json");
  const unavailableFile = join(folder, "unavailable.jsonl");
  const exitCode = await run(
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${reportFile}`,
      ...args,
    ],
    { ...process.env, AUTOSD_TEST_UNAVAILABLE: unavailableFile },
  );
  const text = await readOptional(reportFile);
  const summary =
    text === undefined
      ? { passed: 0, failed: 0, skipped: [], failures: [] }
      : summaryOf(JSON.parse(text));
  // An unhandled rejection, a crash, a failed set-up: red without a red test.
  if (exitCode !== 0 && summary.failed === 0) {
    summary.failed = 1;
    summary.failures.push(`vitest ended with exit code ${exitCode} and no failed test`);
  }
  if (exitCode === 0 && summary.passed === 0) {
    summary.failed = 1;
    summary.failures.push("no test was run");
  }
  return { ...summary, unavailable: unavailableFrom(await readOptional(unavailableFile)) };
}

function list(title, lines) {
  console.log(`\n${title}`);
  for (const line of lines) console.log(`  ${line}`);
}

async function main(args) {
  const onCi = process.env.CI === "true";
  // A name filter skips everything else on purpose.
  const isFiltered = args.some((one) => /^(-t|--testNamePattern)/.test(one));
  const built = await run([join(root, "scripts/build.mjs")]);
  if (built !== 0) {
    list("failed:", ["the build"]);
    console.log("\n0 passed, 1 failed");
    return 1;
  }
  const folder = await mkdtemp(join(tmpdir(), "autosd-test-"));
  try {
    const { passed, failed, skipped, failures, unavailable } = await runTests(args, folder);
    const missing = [
      ...unavailable,
      ...(isFiltered ? [] : skipped.map((name) => `${name}: skipped without a recorded reason`)),
    ];
    if (failures.length > 0) list("failed:", failures);
    if (missing.length === 0) console.log("\neverything ran");
    else list(`could not run here${onCi ? " (a failure on CI)" : ""}:`, missing);
    const lost = onCi ? missing.length : 0;
    console.log(`\n${passed} passed, ${failed + lost} failed`);
    return failed + lost === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
