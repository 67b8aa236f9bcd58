import { ownJudgement, type Judgement } from "./evidence.ts";
import { configurationProblems } from "./gate-configuration.ts";
import type { SourceTest } from "./source-test.ts";
import { testsIn } from "./test-source.ts";
import type { TestCaseResult } from "./toolchain.ts";

/** Test files and gate configuration of one tree: path -> text. */
export interface IntegritySide {
  readonly tests: ReadonlyMap<string, string>;
  readonly configuration: ReadonlyMap<string, string>;
}

export interface IntegrityQuestion {
  readonly base: IntegritySide;
  readonly result: IntegritySide;
  /** Paths that the story itself says must change or go. */
  readonly changedTests: readonly string[];
  readonly results: readonly TestCaseResult[];
}

/** No existing test was deleted, skipped or weakened, and no gate was made to see less. */
export function judgeIntegrity(question: IntegrityQuestion): Judgement {
  const problems = [
    ...testProblems(question),
    ...runtimeSkips(question),
    ...configurationProblems(
      question.base.configuration,
      question.result.configuration,
      new Set(question.changedTests),
    ),
  ];
  const before = allTests(question.base.tests).length;
  const after = allTests(question.result.tests).length;
  return ownJudgement(
    "test-integrity",
    problems,
    `${before} existing tests kept, ${after} now; no gate was changed`,
  );
}

function* testProblems(question: IntegrityQuestion): Generator<string> {
  const { base, result } = question;
  const allowed = new Set(question.changedTests);
  const moved = namesOutside(result.tests, base.tests);
  for (const [file, text] of base.tests) {
    if (allowed.has(file)) continue;
    const now = result.tests.get(file);
    const kept = new Map(testsIn(file, now ?? "").map((test) => [test.name, test]));
    for (const test of testsIn(file, text)) {
      const same = kept.get(test.name);
      if (same !== undefined) yield* weakenings(file, test, same);
      else if (!test.dynamic && !moved.has(test.name))
        yield `${now === undefined ? `${file} was deleted` : `a test was deleted from ${file}`}: "${test.name}"`;
    }
    if (now !== undefined) yield* lostDynamicTests(file, text, now);
  }
  yield* newEvasions(question, allowed);
}

/** Tests without a name of their own can only be counted. */
function* lostDynamicTests(file: string, before: string, now: string): Generator<string> {
  const number = (text: string): number =>
    testsIn(file, text).filter((test) => test.dynamic).length;
  if (number(now) < number(before)) yield `a parameterised test was deleted from ${file}`;
}

function* weakenings(file: string, before: SourceTest, now: SourceTest): Generator<string> {
  if (now.skipped && !before.skipped) yield `"${now.name}" in ${file} is skipped now`;
  if (now.assertions < before.assertions)
    yield `"${now.name}" in ${file} was weakened: ${before.assertions} assertions before, ${now.assertions} now`;
  else if (now.weak > before.weak && now.assertions - now.weak < before.assertions - before.weak)
    yield `"${now.name}" in ${file} was weakened: an exact assertion became one that nearly everything satisfies`;
}

function* newEvasions(
  question: IntegrityQuestion,
  allowed: ReadonlySet<string>,
): Generator<string> {
  for (const [file, text] of question.result.tests) {
    const before = question.base.tests.get(file);
    const known = new Set(testsIn(file, before ?? "").map((test) => test.name));
    for (const test of testsIn(file, text)) {
      if (test.focused) yield `"${test.name}" in ${file} is marked .only: the others are not run`;
      if (test.skipped && !known.has(test.name) && !allowed.has(file))
        yield `"${test.name}" in ${file} is new and skipped`;
    }
  }
}

/** Skipped while running, though the source does not say so. */
function* runtimeSkips(question: IntegrityQuestion): Generator<string> {
  const allowed = new Set(question.changedTests);
  for (const result of question.results) {
    if (result.outcome !== "skipped" || allowed.has(result.file)) continue;
    const before = testsIn(result.file, question.base.tests.get(result.file) ?? "");
    const name = result.name.split(" > ").at(-1) ?? result.name;
    const wasSkipped = before.some(
      (test) => test.skipped && (test.dynamic || test.name === name || test.name === result.name),
    );
    const saysSo = testsIn(result.file, question.result.tests.get(result.file) ?? "").some(
      (test) => test.skipped && test.name === name,
    );
    if (!wasSkipped && !saysSo)
      yield `"${result.name}" in ${result.file} was skipped while running`;
  }
}

function namesOutside(
  files: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string>,
): ReadonlySet<string> {
  const added = new Map([...files].filter(([file]) => !known.has(file)));
  return new Set(allTests(added).map((test) => test.name));
}

function allTests(files: ReadonlyMap<string, string>): readonly SourceTest[] {
  return [...files].flatMap(([file, text]) => testsIn(file, text));
}
