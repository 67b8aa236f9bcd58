import { judgeAcceptance, type BaseRun } from "./acceptance.ts";
import { detectToolchain } from "./detect-toolchain.ts";
import type { GateEntry } from "./gate-book.ts";
import { runGate, type GateRoom } from "./gate-room.ts";
import { judgeIntegrity } from "./test-integrity.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { reportOn, type GateRun } from "./part-runs.ts";
import { unloadable, type TestReport } from "./test-report.ts";
import { brokenEnd, outputOf } from "./tests-gate.ts";
import { firstProblem, lastWords } from "./first-problem.ts";
import type { CommandGate, TestCaseResult } from "./toolchain.ts";
import { integritySideOf, isTestSupport, testFilesOf } from "./tree-facts.ts";
import type { VerificationRequest } from "./verification.port.ts";
import type { ProjectCase } from "./verifier-options.ts";

type Story = NonNullable<VerificationRequest["story"]>;

/** The gates that compare a story's tree with the one that it started from. */
export async function storyGates(
  project: ProjectCase,
  room: GateRoom,
  story: Story,
  tests: { readonly gate: CommandGate; readonly done: Promise<GateEntry> },
): Promise<void> {
  const { acceptanceTests, changedTests } = story.proposal;
  const { baseTree } = project.request;
  const testFiles = testFilesOf(project.facts, room.profile);
  const acceptance = project.book.gate(
    "acceptance",
    { baseTree, acceptanceTests, criteria: story.criteria, command: tests.gate.command },
    async () => {
      const [base, entry] = await Promise.all([
        runOnBase(project, room, story, tests.gate),
        tests.done,
      ]);
      return {
        judgement: judgeAcceptance({
          criteria: story.criteria,
          acceptanceTests,
          testFiles: new Set(testFiles.keys()),
          result: reportOf(entry),
          base,
        }),
      };
    },
  );
  const integrity = project.book.gate("test-integrity", { baseTree, changedTests }, async () => {
    const entry = await tests.done;
    return {
      judgement: judgeIntegrity({
        base: integritySideOf(project.base, room.profile),
        result: integritySideOf(project.facts, room.profile),
        changedTests,
        results: entry.tests ?? [],
      }),
    };
  });
  await Promise.all([acceptance, integrity]);
}

function reportOf(entry: GateEntry): TestReport | undefined {
  const { tests } = entry;
  if (tests === undefined) return undefined;
  return { results: tests, files: new Set(tests.map((one) => one.file)) };
}

/** The story's tests, with the test support that came along, on the tree without the story. */
async function runOnBase(
  project: ProjectCase,
  room: GateRoom,
  story: Story,
  gate: CommandGate,
): Promise<BaseRun> {
  const { base, facts } = project;
  const known = await detectToolchain(base);
  if ("kind" in known || gate.refusal !== undefined) return { kind: "nothing-there" };
  const named = new Set(story.proposal.acceptanceTests);
  const tests = testFilesOf(facts, room.profile);
  const overlay = new Map(
    [...facts.texts].filter(
      ([path, text]) =>
        base.texts.get(path) !== text &&
        (named.has(path) || (isTestSupport(path) && !tests.has(path))),
    ),
  );
  const files = [...named].filter((path) => tests.has(path));
  if (files.length === 0) return { kind: "nothing-there" };
  const tried = (only: readonly string[]): Promise<GateRun> => {
    const laid = [...overlay].filter(([path]) => !named.has(path) || only.includes(path));
    const on = { tree: project.request.baseTree, overlay: new Map(laid), only };
    return project.inTurn(() => runGate(room, gate, on));
  };
  const together = await tried(files);
  if (files.length === 1 || !hidesOthers(gate, files, together))
    return baseRunOf(gate, files, together);
  if (files.length > maxFilesTried)
    return {
      kind: "broken",
      reason: `one of ${files.length} files could not be loaded, and at most ${maxFilesTried} are tried by themselves`,
    };
  const results: TestCaseResult[] = [];
  for (const file of files) {
    const alone = baseRunOf(gate, [file], await tried([file]));
    if (alone.kind !== "ran") return alone;
    results.push(...alone.report.results);
  }
  return { kind: "ran", report: reportOn(results) };
}

const maxFilesTried = 16;

/** One file that cannot be loaded may have kept tests of others from being seen to pass. */
function hidesOthers(gate: CommandGate, files: readonly string[], run: GateRun): boolean {
  return run.report === undefined && files.some((file) => leavesNoReport(gate, file, run.result));
}

function baseRunOf(gate: CommandGate, files: readonly string[], run: GateRun): BaseRun {
  const broken = brokenEnd(run.result);
  if (broken !== undefined) return { kind: "broken", reason: broken };
  if (run.report !== undefined) return { kind: "ran", report: run.report };
  const { stderr, stdout } = run.result;
  // A test can end the process without a word; what cannot be loaded is named.
  const problem = firstProblem(`${stderr}\n${stdout}`);
  if (problem === undefined || !files.every((file) => leavesNoReport(gate, file, run.result)))
    return { kind: "broken", reason: problem ?? lastWords(outputOf([], run.result)) };
  return { kind: "ran", report: reportOn(files.map((file) => notLoaded(file, problem))) };
}

/**
 * Mocha writes no report when a file cannot be loaded, as when a test names what the story only brings;
 * a file that cannot be loaded has no test that passes.
 */
function leavesNoReport(gate: CommandGate, file: string, { end }: ProcessResult): boolean {
  const part = gate.parts?.find(({ folder }) => file.startsWith(`${folder}/`)) ?? gate;
  const isFailed = end.kind === "exited" && end.exitCode !== 0 && end.exitCode < 126;
  return isFailed && part.reportFormat === "mocha-json";
}

function notLoaded(file: string, message: string): TestCaseResult {
  return { file, name: unloadable, outcome: "failed", message };
}
