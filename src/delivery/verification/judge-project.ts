import { judgeCommand, judgeRefusal } from "./command-gate.ts";
import { detectToolchain } from "./detect-toolchain.ts";
import { ownJudgement, type Judgement } from "./evidence.ts";
import type { GateEntry } from "./gate-book.ts";
import { runGate, type GateRoom } from "./gate-room.ts";
import { installGate } from "./install-gate.ts";
import { concerned } from "./node-gates.ts";
import { leftOut } from "./part-runs.ts";
import { machineLack } from "./machine-lack.ts";
import { VerificationError } from "./errors.ts";
import { readingGates } from "./reading-gates.ts";
import { storyGates } from "./story-gates.ts";
import { judgeTests } from "./tests-gate.ts";
import type { CommandGate } from "./toolchain.ts";
import { testFilesOf } from "./tree-facts.ts";
import type { ProjectCase } from "./verifier-options.ts";

/** Runs every gate that the project has; returns how many tests were run. */
export async function judgeProject(project: ProjectCase): Promise<number> {
  const profile = await detectToolchain(project.facts);
  if ("kind" in profile) {
    await project.book.gate("install", undefined, async () => ({
      judgement: ownJudgement("install", [profile.reason], ""),
    }));
    await readingGates(project, undefined);
    return 0;
  }
  const [dependencies] = await allDone([
    installGate(project, profile),
    readingGates(project, profile),
  ]);
  if (dependencies === undefined) return 0;
  const room: GateRoom = {
    sandbox: project.options.sandbox,
    checkouts: project.options.checkouts,
    repository: project.request.repository,
    profile,
    dependencies: dependencies.installed,
    signal: project.signal,
  };
  // The tests take longest: the others are done beside them.
  const all = profile.gates.map((gate) => asConcerned(project, gate));
  const tests = all.filter((gate) => gate.name === "tests");
  const others = all.filter((gate) => gate.name !== "tests");
  const gates = [...tests, ...others].map((gate) =>
    gate.name === "tests" ? testGates(project, room, gate) : commandGate(project, room, gate),
  );
  const entries = await allDone(gates);
  const results = entries.flatMap((entry) => entry.tests ?? []);
  return results.filter((one) => one.outcome !== "skipped").length;
}

/**
 * In a repository of several packages a story answers for those that it touches and those that use
 * them; a package among these that cannot be checked makes the gate red.
 */
function asConcerned(project: ProjectCase, gate: CommandGate): CommandGate {
  if (gate.parts === undefined || project.request.story === undefined) return gate;
  const { base, facts } = project;
  const paths = new Set([...base.texts.keys(), ...facts.texts.keys()]);
  const changed = [...paths].filter((path) => base.texts.get(path) !== facts.texts.get(path));
  const own = concerned(gate, changed);
  const refused = own === gate ? undefined : own.parts?.find((part) => part.refusal !== undefined);
  return refused?.refusal === undefined
    ? own
    : { ...own, refusal: `${refused.folder}: ${refused.refusal}` };
}

/** The tests, and beside them what a story is judged by with their results. */
async function testGates(
  project: ProjectCase,
  room: GateRoom,
  gate: CommandGate,
): Promise<GateEntry> {
  const done = testsGate(project, room, gate);
  const { story } = project.request;
  const [entry] = await allDone([
    done,
    story === undefined ? Promise.resolve() : storyGates(project, room, story, { gate, done }),
  ]);
  return entry;
}

function testsGate(project: ProjectCase, room: GateRoom, gate: CommandGate): Promise<GateEntry> {
  return project.book.gate("tests", dependsOn(gate), async () => {
    if (gate.refusal !== undefined) return { judgement: judgeRefusal(gate, gate.refusal) };
    const run = await project.inTurn(() => runGate(room, gate, { tree: project.request.tree }));
    const lack = machineLack(gate, run);
    // A story may have written tests for what nobody has: that is its fault, and red.
    if (lack !== undefined && project.request.story === undefined)
      throw new VerificationError("AUTOSD-TOOLCHAIN-MISSING", lack.message, {
        remedy: lack.remedy,
        details: { module: lack.module },
      });
    const all = testFilesOf(project.facts, room.profile);
    const ran = gate.parts?.filter((part) => part.refusal === undefined);
    // Of packages that were not run no test can have been left out.
    const sources =
      ran === undefined
        ? all
        : new Map(
            [...all].filter(([path]) => ran.some(({ folder }) => path.startsWith(`${folder}/`))),
          );
    const judgement =
      lack === undefined
        ? judgeTests({ command: gate.command, ...run, sources })
        : judgeRefusal(gate, `${lack.message}. ${lack.remedy}`);
    return {
      judgement: named(gate, judgement),
      ...(run.report === undefined ? {} : { tests: run.report.results }),
    };
  });
}

function commandGate(project: ProjectCase, room: GateRoom, gate: CommandGate): Promise<GateEntry> {
  return project.book.gate(gate.name, dependsOn(gate), async () => {
    if (gate.refusal !== undefined) return { judgement: judgeRefusal(gate, gate.refusal) };
    const run = await project.inTurn(() => runGate(room, gate, { tree: project.request.tree }));
    return { judgement: named(gate, judgeCommand(gate, run.result)) };
  });
}

/** With what was not looked at: nobody is to take silence for a check. */
function named(gate: CommandGate, judgement: Judgement): Judgement {
  return { ...judgement, finding: `${judgement.finding}${leftOut(gate)}` };
}

function dependsOn(gate: CommandGate): unknown {
  return { command: gate.command, env: gate.env };
}

/** Waits for all, even when one fails: nothing may go on behind the caller's back. */
async function allDone<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [Place in keyof T]: Awaited<T[Place]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
