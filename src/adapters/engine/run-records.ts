import type { RunRecord, StepRecord } from "../../engine/ports/run-engine.port.ts";
import type { JournaledRun, JournaledStep } from "../../engine/ports/run-journal.port.ts";
import { recall } from "./json-text.ts";
import { shownError } from "./recorded-error.ts";

/** A run as commands see it. */
export function runRecord(run: JournaledRun): RunRecord {
  return {
    runId: run.runId,
    flow: run.flow,
    version: run.version,
    partition: run.partition,
    status: run.status,
    input: recall<unknown>(run.input),
    output: recall<unknown>(run.output),
    error: shownError(run.error),
    createdAtMs: run.createdAtMs,
    updatedAtMs: run.updatedAtMs,
    executions: run.executions,
    cancelRequested: run.cancelRequested,
  };
}

/** A step as commands see it; the output of a failed one is its error. */
export function stepRecord(step: JournaledStep): StepRecord {
  return {
    position: step.position,
    name: step.name,
    kind: step.kind,
    state: step.state,
    startedAtMs: step.startedAtMs,
    endedAtMs: step.endedAtMs,
    output: step.state === "failed" ? shownError(step.error) : recall<unknown>(step.output),
  };
}
