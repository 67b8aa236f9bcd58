import type { Flow } from "../../engine/ports/run-engine.port.ts";
import type { JournaledRun, JsonText, RunChange } from "../../engine/ports/run-journal.port.ts";
import { Execution, type ExecutionParts, interruption, superseded } from "./execution.ts";
import { recall, toJsonText } from "./json-text.ts";
import { errorText, isResumable } from "./recorded-error.ts";
import { RunContext } from "./run-context.ts";

/** How an execution ended. `interrupted` leaves the run resumable. */
type ExecutionEnd =
  | { readonly kind: "succeeded"; readonly output: JsonText }
  | { readonly kind: "failed" | "interrupted" | "cancelled"; readonly error: unknown };

/** Executes a begun run to its end and records the end. Returns its output or throws its error. */
export async function executeFlow<I, O>(
  parts: ExecutionParts,
  flow: Flow<I, O>,
  run: JournaledRun,
  signal: AbortSignal,
): Promise<JsonText> {
  const leaving = new AbortController();
  const stepSignal = AbortSignal.any([signal, leaving.signal]);
  const execution = new Execution(parts, run, run.executions, stepSignal);
  const facts = { runId: run.runId, flow: flow.name, execution: run.executions };
  parts.log.info("run execution began", facts);
  const context = new RunContext(execution, await parts.journal.steps(run.runId));
  const settled = await settle(flow, context, recall<I>(run.input));
  const end = endOf(execution, settled, signal);
  leaving.abort();
  const flaw = await context.close();
  const isHalted = end.kind === "interrupted" || end.kind === "cancelled";
  const final = flaw === undefined || isHalted ? end : flaw;
  await recordEnd(execution, final);
  parts.log.info("run execution ended", { ...facts, end: final.kind });
  if (final.kind === "succeeded") return final.output;
  throw final.error;
}

async function settle<I, O>(
  flow: Flow<I, O>,
  context: RunContext,
  input: I,
): Promise<ExecutionEnd> {
  try {
    const output = toJsonText(await flow.run(context, input), `The result of run ${context.runId}`);
    return { kind: "succeeded", output };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** A halt outweighs whatever the flow made of it; an abort outweighs an error that it caused. */
function endOf(execution: Execution, settled: ExecutionEnd, signal: AbortSignal): ExecutionEnd {
  if (execution.halt !== undefined) return execution.halt;
  if (settled.kind !== "failed") return settled;
  if (signal.aborted) return { kind: "interrupted", error: interruption(execution.runId, signal) };
  const error = execution.explained(settled.error);
  return { kind: isResumable(error) ? "interrupted" : settled.kind, error };
}

/**
 * When the end cannot be written the run stays `running` without a lock, which readers show as
 * interrupted and the next execution takes up.
 */
async function recordEnd(execution: Execution, end: ExecutionEnd): Promise<void> {
  const { journal, clock } = execution.parts;
  const change: RunChange =
    end.kind === "succeeded"
      ? { status: end.kind, output: end.output, atMs: clock.now() }
      : { status: end.kind, error: errorText(end.error), atMs: clock.now() };
  try {
    const isWritten = await journal.endExecution(execution.runId, execution.number, change);
    if (isWritten || end.kind === "interrupted") return;
  } catch (error) {
    if (end.kind === "interrupted") return;
    throw error;
  }
  throw superseded(execution.runId);
}
