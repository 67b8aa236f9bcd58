import { judgeAcceptance, type BaseRun } from "./acceptance.ts";
import { detectToolchain } from "./detect-toolchain.ts";
import type { GateEntry } from "./gate-book.ts";
import { runGate, type GateRoom } from "./gate-room.ts";
import { judgeIntegrity } from "./test-integrity.ts";
import type { ProcessResult } from "../../kernel/process.ts";
import { reportOn } from "./part-runs.ts";
import { unloadable, type TestReport } from "./test-report.ts";
import { brokenEnd, outputOf } from "./tests-gate.ts";
import { lastWords } from "./first-problem.ts";
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
  const run = await project.inTurn(() =>
    runGate(room, gate, { tree: project.request.baseTree, overlay, only: files }),
  );
  const broken = brokenEnd(run.result);
  if (broken !== undefined) return { kind: "broken", reason: broken };
  if (run.report === undefined && leavesNoReport(gate, run.result))
    return { kind: "ran", report: reportOn(files.map(notLoaded)) };
  if (run.report === undefined)
    return { kind: "broken", reason: lastWords(outputOf([], run.result)) };
  return { kind: "ran", report: run.report };
}

/**
 * These write no report when a file cannot be loaded, as when a test names what the story only brings;
 * a file that cannot be loaded has no test that passes.
 */
function leavesNoReport(gate: CommandGate, { end }: ProcessResult): boolean {
  const formats = [gate, ...(gate.parts ?? [])].map((one) => one.reportFormat);
  const isFailed = end.kind === "exited" && end.exitCode !== 0 && end.exitCode < 126;
  return isFailed && formats.some((format) => format === "mocha-json" || format === "tap");
}

function notLoaded(file: string): TestCaseResult {
  return { file, name: unloadable, outcome: "failed" };
}
