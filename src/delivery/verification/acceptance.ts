import type { Criterion } from "../requirements/refined-requirements.ts";
import { ownJudgement, type Judgement } from "./evidence.ts";
import { unloadable, type TestReport } from "./test-report.ts";
import type { TestCaseResult } from "./toolchain.ts";

/** The story's tests run on the tree that it started from. */
export type BaseRun =
  /** There was no project that could run anything. */
  | { readonly kind: "nothing-there" }
  | { readonly kind: "ran"; readonly report: TestReport }
  | { readonly kind: "broken"; readonly reason: string };

export interface AcceptanceQuestion {
  readonly criteria: readonly Criterion[];
  /** Files that are said to hold the story's tests. */
  readonly acceptanceTests: readonly string[];
  /** Test files of the result. */
  readonly testFiles: ReadonlySet<string>;
  readonly result: TestReport | undefined;
  readonly base: BaseRun;
}

/**
 * A criterion is met when a test that bears its id passes now and did not pass before the story.
 * A test that passed before shows nothing about the story.
 */
export function judgeAcceptance(question: AcceptanceQuestion): Judgement {
  const problems = [...problemsOf(question)];
  const number = question.criteria.length;
  const finding = `${number} ${number === 1 ? "criterion" : "criteria"} met by tests that fail without the story`;
  return ownJudgement("acceptance", problems, finding, tableOf(question));
}

function* problemsOf(question: AcceptanceQuestion): Generator<string, void> {
  const { criteria, acceptanceTests, testFiles, result, base } = question;
  if (criteria.length === 0) {
    yield "the story has no acceptance criterion";
    return;
  }
  if (acceptanceTests.length === 0) {
    yield "no acceptance test was named";
    return;
  }
  for (const file of acceptanceTests)
    if (!testFiles.has(file)) yield `${file} was named as acceptance test but is not a test file`;
  if (result === undefined) {
    yield "the tests were not run, so no criterion is shown to be met";
    return;
  }
  if (base.kind === "broken") {
    yield `the acceptance tests could not be tried without the story: ${base.reason}`;
    return;
  }
  for (const criterion of criteria) yield* criterionProblems(question, criterion.id);
}

function* criterionProblems(question: AcceptanceQuestion, id: string): Generator<string, void> {
  const tests = testsOf(question, question.result, id);
  if (tests.length === 0) {
    yield `${id} has no test whose name begins with it`;
    return;
  }
  for (const test of tests)
    if (test.outcome !== "passed") yield `"${test.name}" ${test.outcome}${because(test)}`;
  for (const test of testsOf(question, reportOf(question.base), id))
    if (test.outcome === "passed")
      yield `"${test.name}" passes without the story, so it shows nothing`;
}

function testsOf(
  question: AcceptanceQuestion,
  report: TestReport | undefined,
  id: string,
): readonly TestCaseResult[] {
  const named = new Set(question.acceptanceTests);
  return (report?.results ?? []).filter((test) => named.has(test.file) && bearsId(test.name, id));
}

/** Whether a test's name, or the name of a group around it, begins with a criterion's id: `AC-3.1 …`, `test_ac_3_1_…`. */
export function bearsId(name: string, id: string): boolean {
  const [story = "", number = ""] = id.replace(/^AC-/, "").split(".");
  const words = new RegExp(
    `^(?:AC-${story}\\.${number}(?![\\d.]*\\d)|test_ac_${story}_${number}(?!\\d))`,
    "i",
  );
  return name.split(" > ").some((part) => words.test(part));
}

function reportOf(base: BaseRun): TestReport | undefined {
  return base.kind === "ran" ? base.report : undefined;
}

function because(test: TestCaseResult): string {
  return test.message === undefined ? "" : `: ${test.message}`;
}

/** For the log: each criterion's tests, before and after. */
function tableOf(question: AcceptanceQuestion): string {
  const before = reportOf(question.base);
  const lines = question.criteria.map((criterion) => {
    const tests = testsOf(question, question.result, criterion.id).map((test) => {
      const old = before?.results.find((one) => one.file === test.file && one.name === test.name);
      return `  ${test.file}: ${test.name}: ${beforeWords(question, test.file, old)} before, ${test.outcome} now`;
    });
    return [`${criterion.id} ${criterion.then}`, ...tests].join("\n");
  });
  return `${lines.join("\n")}\n`;
}

function beforeWords(
  question: AcceptanceQuestion,
  file: string,
  old: TestCaseResult | undefined,
): string {
  if (old !== undefined) return old.outcome;
  const base = reportOf(question.base);
  const cannotLoad = base?.results.some((one) => one.file === file && one.name === unloadable);
  return cannotLoad === true ? "could not be loaded" : "absent";
}
