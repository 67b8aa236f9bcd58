import type { RunRecord, StepRecord } from "../../src/engine/ports/run-engine.port.ts";
import type { ProjectRecord } from "../../src/state/projects.port.ts";
import { type ChaosResult, storyCount } from "./chaos-flow.ts";
import type { LedgerLine } from "./ledger.ts";

/** What was known to be finished when a process was killed. */
export interface KillSnapshot {
  /** Lines of the whole ledger at that time. */
  readonly ledgerLength: number;
  readonly doneKeys: ReadonlySet<string>;
}

export interface RunEvidence {
  readonly run: RunRecord | undefined;
  readonly steps: readonly StepRecord[];
  readonly project: ProjectRecord | undefined;
  readonly ledger: readonly LedgerLine[];
  readonly kills: readonly KillSnapshot[];
  readonly result: ChaosResult | undefined;
}

/** Everything in which a run differs from one that was never disturbed. Empty: nothing. */
export function violationsOf(evidence: RunEvidence): readonly string[] {
  return [
    ...redoneSteps(evidence),
    ...repeatedEffects(evidence),
    ...wrongState(evidence),
    ...wrongResult(evidence),
  ];
}

export function keyOf(runId: string, step: StepRecord): string {
  return `${runId}/${step.position}/${step.name}`;
}

function redoneSteps({ ledger, kills, run }: RunEvidence): readonly string[] {
  return kills.flatMap(({ ledgerLength, doneKeys }) =>
    ledger
      .slice(ledgerLength)
      .filter((line) => line.runId === run?.runId && line.what !== "probe")
      .filter((line) => doneKeys.has(line.key))
      .map((line) => `finished step ${line.key} was executed again (${line.what})`),
  );
}

function repeatedEffects({ ledger, run }: RunEvidence): readonly string[] {
  const acts = ledger.filter((line) => line.what === "act" && line.runId === run?.runId);
  const keys = new Set(acts.map((line) => line.key));
  return [
    ...(keys.size === storyCount ? [] : [`${keys.size} effects instead of ${storyCount}`]),
    ...(acts.length === keys.size ? [] : [`${acts.length - keys.size} effects happened twice`]),
  ];
}

function wrongState({ project, run, steps, kills }: RunEvidence): readonly string[] {
  const unfinished = steps.filter((step) => step.state !== "done");
  return [
    ...(project?.storiesDone === storyCount
      ? []
      : [`${project?.storiesDone ?? 0} stories were counted instead of ${storyCount}`]),
    ...(run?.status === "succeeded" ? [] : [`the run is ${run?.status ?? "gone"}`]),
    ...unfinished.map((step) => `step ${step.name} is ${step.state}`),
    ...((run?.executions ?? 0) <= kills.length + 1 ? [] : ["more executions than processes"]),
  ];
}

/** What the run returned is what the outside saw last of each step, and what the journal says. */
function wrongResult({ result, ledger, run, steps }: RunEvidence): readonly string[] {
  if (result === undefined || run === undefined) return ["there is no result"];
  const last = (what: LedgerLine["what"], name: string): string | undefined =>
    ledger.findLast(
      (line) => line.runId === run.runId && line.what === what && line.key.endsWith(`/${name}`),
    )?.value;
  const wrong = result.stories.flatMap((story, index) => [
    ...(story.built === last("did", `build-${index}`) ? [] : [`story ${index}: wrong build`]),
    ...(story.commit === last("act", `commit-${index}`) ? [] : [`story ${index}: wrong commit`]),
  ]);
  const output = (name: string): unknown => steps.find((step) => step.name === name)?.output;
  return [
    ...wrong,
    ...(result.stories.length === storyCount ? [] : ["wrong number of stories"]),
    ...(result.approval?.by === run.runId ? [] : ["the signal was lost"]),
    ...(result.id === output("chaos") ? [] : ["the id changed"]),
    ...(result.startedAtMs === output("now") ? [] : ["the time changed"]),
    ...(JSON.stringify(result) === JSON.stringify(run.output) ? [] : ["another output recorded"]),
  ];
}
