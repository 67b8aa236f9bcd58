import type { Selectable } from "kysely";
import type {
  JournaledRun,
  JournaledStep,
  RunChange,
} from "../../engine/ports/run-journal.port.ts";
import type { RunsTable, RunStepsTable } from "./tables.ts";

/** What a change of status writes. */
export function changeRow(
  change: RunChange,
): Pick<RunsTable, "status" | "output" | "error" | "updated_at_ms"> {
  return {
    status: change.status,
    output: change.output ?? null,
    error: change.error ?? null,
    updated_at_ms: change.atMs,
  };
}

/** A run as its row. */
export function runRow(run: JournaledRun): RunsTable {
  return {
    run_id: run.runId,
    flow: run.flow,
    version: run.version,
    partition: run.partition,
    status: run.status,
    input: run.input ?? null,
    output: run.output ?? null,
    error: run.error ?? null,
    created_at_ms: run.createdAtMs,
    updated_at_ms: run.updatedAtMs,
    executions: run.executions,
    cancel_requested: run.cancelRequested ? 1 : 0,
  };
}

/** The run of a row. */
export function runOf(row: Selectable<RunsTable>): JournaledRun {
  return {
    runId: row.run_id,
    flow: row.flow,
    version: row.version,
    partition: row.partition,
    status: row.status,
    input: row.input ?? undefined,
    output: row.output ?? undefined,
    error: row.error ?? undefined,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    executions: row.executions,
    cancelRequested: row.cancel_requested === 1,
  };
}

/** A step as its row. */
export function stepRow(runId: string, step: JournaledStep): RunStepsTable {
  return {
    run_id: runId,
    position: step.position,
    name: step.name,
    kind: step.kind,
    state: step.state,
    started_at_ms: step.startedAtMs,
    ended_at_ms: step.endedAtMs ?? null,
    deadline_ms: step.deadlineMs ?? null,
    output: step.output ?? null,
    error: step.error ?? null,
  };
}

/** The step of a row. */
export function stepOf(row: Selectable<RunStepsTable>): JournaledStep {
  return {
    position: row.position,
    name: row.name,
    kind: row.kind,
    state: row.state,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms ?? undefined,
    deadlineMs: row.deadline_ms ?? undefined,
    output: row.output ?? undefined,
    error: row.error ?? undefined,
  };
}
