import type { Authorization } from "../../governance/policy/authorization.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { Tx } from "../../state/tx.ts";
import { RunError } from "../../engine/ports/errors.ts";
import type { Effect, RetryPolicy, StepScope } from "../../engine/ports/run-engine.port.ts";
import type { JournaledStep, JsonText } from "../../engine/ports/run-journal.port.ts";
import { type Execution, type Slot, stepOf } from "./execution.ts";
import { toJsonText } from "./json-text.ts";
import { isRetryable } from "./recorded-error.ts";

const once: RetryPolicy = { maxAttempts: 1, firstDelayMs: 0, maxDelayMs: 0 };

/** Runs a step to its end, retrying within `retry`, and remembers what came of it. */
export async function runStep(
  execution: Execution,
  slot: Slot,
  run: (scope: StepScope) => Promise<unknown>,
  retry: RetryPolicy = once,
): Promise<JsonText> {
  await execution.record(stepOf(slot));
  for (let attempt = 1; ; attempt += 1) {
    let output: JsonText;
    try {
      output = resultText(slot, await run({ key: slot.key, signal: execution.signal }));
    } catch (error) {
      const isLast = attempt >= retry.maxAttempts || !isRetryable(error);
      if (isLast || execution.signal.aborted || execution.halt !== undefined)
        return execution.fail(slot, error);
      await execution.pause(delayMs(retry, attempt));
      continue;
    }
    await execution.recordDone(slot, output);
    return output;
  }
}

/** Changes state and remembers it in one transaction. */
export function runTx(
  execution: Execution,
  slot: Slot,
  run: (tx: Tx) => Promise<unknown>,
): Promise<JsonText> {
  return execution.transaction(slot, async (tx) => {
    const output = resultText(slot, await run(tx));
    await execution.recordDone(slot, output, tx);
    return output;
  });
}

/**
 * Acts once. The intent is durable before the act; whoever finds an intent without an outcome asks
 * the target first, and acts only when it did not happen, on leave asked for anew.
 */
export async function runEffect(
  execution: Execution,
  slot: Slot,
  effect: Effect<unknown>,
  earlier: JournaledStep | undefined,
): Promise<JsonText> {
  if (earlier !== undefined) {
    const happened = await probed(execution, slot, effect);
    if (happened !== undefined) return happened.output;
  }
  const authorization = await execution.transaction(slot, async (tx) => {
    const leave = await effect.authorize(tx, slot.key);
    await execution.record(stepOf(slot), tx);
    return leave;
  });
  return act(execution, slot, effect, authorization);
}

async function act(
  execution: Execution,
  slot: Slot,
  effect: Effect<unknown>,
  authorization: Authorization,
): Promise<JsonText> {
  let output: JsonText;
  try {
    output = resultText(slot, await effect.do(authorization, slot.key));
  } catch (error) {
    // An act cut short by an abort is asked after on resume, like after a crash.
    if (execution.signal.aborted) return execution.interrupt();
    const happened = await probed(execution, slot, effect, error);
    return happened === undefined ? execution.fail(slot, error) : happened.output;
  }
  await execution.recordDone(slot, output);
  return output;
}

/** Undefined: it did not happen. A target that cannot say leaves the intent open and halts the run. */
async function probed(
  execution: Execution,
  slot: Slot,
  effect: Effect<unknown>,
  failure?: unknown,
): Promise<{ readonly output: JsonText } | undefined> {
  let outcome: unknown;
  try {
    outcome = await effect.probe(slot.key);
  } catch (error) {
    if (execution.signal.aborted) return execution.interrupt();
    return execution.stop("interrupted", outcomeUnknown(execution.runId, slot, failure ?? error));
  }
  if (outcome === undefined) return undefined;
  const output = resultText(slot, outcome);
  await execution.recordDone(slot, output);
  return { output };
}

/** Waits for a signal until the deadline that the first wait set; null when none came. */
export async function runWait(
  execution: Execution,
  slot: Slot,
  topic: string,
  wait: { readonly timeoutMs: number; readonly earlier: JournaledStep | undefined },
): Promise<JsonText> {
  const { journal, clock, pollIntervalMs } = execution.parts;
  const deadlineMs = wait.earlier?.deadlineMs ?? slot.startedAtMs + wait.timeoutMs;
  if (wait.earlier === undefined) await execution.record({ ...stepOf(slot), deadlineMs });
  for (;;) {
    const isOver = clock.now() >= deadlineMs;
    if (isOver || (await journal.hasSignal(execution.runId, topic))) {
      const output = await takeSignal(execution, slot, topic, isOver);
      if (output !== undefined) return output;
    }
    await execution.pause(Math.min(pollIntervalMs, Math.max(1, deadlineMs - clock.now())));
  }
}

function takeSignal(
  execution: Execution,
  slot: Slot,
  topic: string,
  isOver: boolean,
): Promise<JsonText> {
  return execution.transaction(slot, async (tx) => {
    const { journal } = execution.parts;
    const signal = await journal.takeSignal(execution.runId, topic, slot.position, tx);
    if (signal === undefined && !isOver) return undefined;
    const output = signal?.payload ?? "null";
    await execution.recordDone(slot, output, tx);
    return output;
  });
}

/** Sleeps until the wake-up time that the first sleep set. */
export async function runSleep(
  execution: Execution,
  slot: Slot,
  durationMs: number,
  earlier: JournaledStep | undefined,
): Promise<JsonText> {
  const deadlineMs = earlier?.deadlineMs ?? slot.startedAtMs + durationMs;
  if (earlier === undefined) await execution.record({ ...stepOf(slot), deadlineMs });
  await execution.pause(deadlineMs - execution.parts.clock.now());
  await execution.recordDone(slot, undefined);
  return undefined;
}

/** Remembers a value that differs from one execution to the next: the time, an id. */
export async function runOnce(
  execution: Execution,
  slot: Slot,
  value: () => number | string,
): Promise<JsonText> {
  const output = resultText(slot, value());
  await execution.recordDone(slot, output);
  return output;
}

function resultText(slot: Slot, value: unknown): JsonText {
  return toJsonText(value, `The result of step ${slot.key}`);
}

function delayMs(retry: RetryPolicy, attempt: number): number {
  return Math.min(retry.firstDelayMs * 2 ** (attempt - 1), retry.maxDelayMs);
}

function outcomeUnknown(runId: string, slot: Slot, cause: unknown): RunError {
  const reason = messageOf(cause);
  return new RunError(
    "AUTOSD-RUN-OUTCOME-UNKNOWN",
    `Whether ${slot.name} took effect could not be found out (${reason}).`,
    { remedy: `autosd runs resume ${runId}`, cause },
  );
}
