import type { ProcessResult } from "../../kernel/process.ts";
import type { Judgement } from "./evidence.ts";
import { firstProblem, lastWords } from "./first-problem.ts";
import type { TestReport } from "./test-report.ts";
import type { SourceTest } from "./source-test.ts";
import { testsIn } from "./test-source.ts";

/** What is known about a test run besides its exit code. */
export interface TestRun {
  readonly command: readonly string[];
  readonly result: ProcessResult;
  /** `undefined`: none was written, or it is damaged. */
  readonly report: TestReport | undefined;
  /** Test files of the tree, with their text. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Judges a test run by the runner's own report, held against the test files: every file and every
 * test that stands there in words must have been run. The exit code must agree with the report.
 */
export function judgeTests(run: TestRun): Judgement {
  const { result } = run;
  const exitCode = result.end.kind === "exited" ? result.end.exitCode : null;
  const base = { command: run.command, exitCode, output: outputOf(run.command, result) };
  const problem = problemOf(run, exitCode);
  if (problem !== undefined) return { ...base, verdict: "red", finding: problem };
  const { passed, skipped } = countsOf(run.report);
  const rest = skipped > 0 ? `, ${skipped} skipped` : "";
  return { ...base, verdict: "green", finding: `${count(passed, "test")} passed${rest}` };
}

function problemOf(run: TestRun, exitCode: number | null): string | undefined {
  const { result, report } = run;
  const broken = brokenEnd(result);
  if (broken !== undefined) return broken;
  if (report === undefined)
    return exitCode === 0
      ? "the test runner ended without a report of its results"
      : `the tests did not run: ${reasonIn(result)}`;
  const { passed, failed } = countsOf(report);
  if (failed > 0) {
    const first = report.results.find((one) => one.outcome === "failed");
    const words = first?.message === undefined ? "" : `: ${first.message}`;
    return `${failed} of ${count(passed + failed, "test")} failed; first "${first?.name ?? ""}" in ${first?.file ?? ""}${words}`;
  }
  if (exitCode !== 0)
    return `the test runner ended with exit code ${exitCode ?? "none"} although no test failed: ${reasonIn(result)}`;
  if (passed === 0) return "no test was run";
  return unrunTest(run.sources, report);
}

/** A test file or a named test that the report does not know. */
function unrunTest(sources: ReadonlyMap<string, string>, report: TestReport): string | undefined {
  for (const [file, text] of sources) {
    const tests = testsIn(file, text).filter((test) => !test.skipped);
    if (tests.length === 0) continue;
    const own = report.results.filter((one) => one.file === file);
    // Files that tests are tried on look like tests themselves; no runner looks for them there.
    if (own.length === 0 && /(?:^|\/)_{0,2}fixtures?_{0,2}\//.test(file)) continue;
    if (own.length === 0) return `${file} holds ${count(tests.length, "test")} that were not run`;
    const missing = tests.find((test) => !isReported(test, own));
    if (missing !== undefined) return `"${missing.name}" in ${file} was not run`;
    const plain = tests.filter((test) => !test.dynamic).length;
    if (own.length < plain)
      return `${file} holds ${count(plain, "test")}, ${own.length} were reported`;
  }
  return undefined;
}

function isReported(test: SourceTest, results: TestReport["results"]): boolean {
  if (test.dynamic) return true;
  return results.some(
    ({ file, name }) =>
      name === test.name ||
      name.endsWith(` > ${test.name}`) ||
      // pytest adds what fixtures and tables gave it.
      (file.endsWith(".py") && name.startsWith(`${test.name}[`)),
  );
}

/** Why a command came to no end of its own; undefined when it did. */
export function brokenEnd(result: ProcessResult): string | undefined {
  switch (result.end.kind) {
    case "exited":
      return undefined;
    case "timed-out":
      return `it did not end within ${Math.round(result.durationMs / 1000)} s and was stopped`;
    case "signalled":
      return `it was killed by ${result.end.signal} (out of memory, or it killed itself)`;
    case "cancelled":
      return "it was cancelled";
    case "not-started":
      return `it could not be started: ${result.end.reason}`;
  }
}

/** A command's output as a person reads it. */
export function outputOf(command: readonly string[], result: ProcessResult): string {
  return `$ ${command.join(" ")}\n${result.stdout}${result.stderr === "" ? "" : `\n--- stderr ---\n${result.stderr}`}\n--- ${JSON.stringify(result.end)} ---\n`;
}

function reasonIn(result: ProcessResult): string {
  const text = `${result.stderr}\n${result.stdout}`;
  return firstProblem(text) ?? lastWords(text);
}

function countsOf(report: TestReport | undefined): {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
} {
  const results = report?.results ?? [];
  const number = (outcome: string): number =>
    results.filter((one) => one.outcome === outcome).length;
  return { passed: number("passed"), failed: number("failed"), skipped: number("skipped") };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
