import type { Tx } from "../../state/tx.ts";
import { RunError } from "../../engine/ports/errors.ts";
import type { Ctx, Effect, RetryPolicy, StepScope } from "../../engine/ports/run-engine.port.ts";
import type { JournaledStep, JsonText } from "../../engine/ports/run-journal.port.ts";
import type { Execution, Slot } from "./execution.ts";
import { recall } from "./json-text.ts";
import { runEffect, runOnce, runSleep, runStep, runTx, runWait } from "./operations.ts";
import { revivedError } from "./recorded-error.ts";

const maxNameLength = 200;

/** A way of ending that no flow may have; a changed flow leaves its run to the version that knows it. */
export interface FlowFlaw {
  readonly kind: "failed" | "interrupted";
  readonly error: RunError;
}

type Live = (slot: Slot, earlier: JournaledStep | undefined) => Promise<JsonText>;

/**
 * What a flow sees. Steps come one after another: the order is the identity of the run, and two at
 * once would be ordered by chance.
 */
export class RunContext implements Ctx {
  readonly runId: string;
  readonly partition: string;
  readonly signal: AbortSignal;
  readonly #execution: Execution;
  readonly #history: ReadonlyMap<number, JournaledStep>;
  #position = 0;
  #active: { readonly name: string; readonly ended: Promise<unknown> } | undefined;
  #isClosed = false;

  constructor(execution: Execution, history: readonly JournaledStep[]) {
    this.runId = execution.runId;
    this.partition = execution.partition;
    this.signal = execution.signal;
    this.#execution = execution;
    this.#history = new Map(history.map((step) => [step.position, step]));
  }

  step<T>(
    name: string,
    run: (scope: StepScope) => Promise<T>,
    options?: { readonly retry?: RetryPolicy },
  ): Promise<T> {
    return this.#take("step", name, (slot) => runStep(this.#execution, slot, run, options?.retry));
  }

  tx<T>(name: string, run: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#take("tx", name, (slot) => runTx(this.#execution, slot, run));
  }

  effect<T>(name: string, effect: Effect<T>): Promise<T> {
    return this.#take("effect", name, (slot, earlier) =>
      runEffect(this.#execution, slot, effect, earlier),
    );
  }

  waitFor<T>(topic: string, timeoutMs: number): Promise<T | null> {
    return this.#take("wait", topic, (slot, earlier) =>
      runWait(this.#execution, slot, topic, { timeoutMs, earlier }),
    );
  }

  sleep(ms: number): Promise<void> {
    return this.#take("sleep", "sleep", (slot, earlier) =>
      runSleep(this.#execution, slot, ms, earlier),
    );
  }

  now(): Promise<number> {
    return this.#take("now", "now", (slot) =>
      runOnce(this.#execution, slot, () => slot.startedAtMs),
    );
  }

  id(prefix: string): Promise<string> {
    const { ids } = this.#execution.parts;
    return this.#take("id", prefix, (slot) =>
      runOnce(this.#execution, slot, () => ids.next(prefix)),
    );
  }

  /**
   * No more steps: waits for one that the flow left running. Returns what is wrong with how the
   * flow ended, if anything.
   */
  async close(): Promise<FlowFlaw | undefined> {
    this.#isClosed = true;
    const left = this.#active;
    if (left !== undefined) {
      await left.ended;
      const error = concurrent(`The flow ended while step ${left.name} was running`);
      return { kind: "failed", error };
    }
    const next = this.#history.get(this.#position);
    if (next === undefined) return undefined;
    const difference = `the journal goes on with ${describe(next)}, the flow has ended`;
    return { kind: "interrupted", error: changed(this.runId, difference) };
  }

  #take<T>(kind: Slot["kind"], name: string, live: Live): Promise<T> {
    const refusal = this.#refusal(name);
    if (refusal !== undefined) return Promise.reject(refusal);
    const position = this.#position;
    this.#position += 1;
    const slot: Slot = {
      position,
      name,
      kind,
      key: `${this.runId}/${position}/${name}`,
      startedAtMs: this.#execution.parts.clock.now(),
    };
    const result = this.#outcome<T>(slot, live).finally(() => {
      this.#active = undefined;
    });
    this.#active = {
      name,
      ended: result.then(
        () => undefined,
        () => undefined,
      ),
    };
    return result;
  }

  async #outcome<T>(slot: Slot, live: Live): Promise<T> {
    const earlier = this.#history.get(slot.position);
    if (earlier !== undefined && (earlier.kind !== slot.kind || earlier.name !== slot.name))
      this.#execution.stop(
        "interrupted",
        changed(this.runId, `the journal has ${describe(earlier)}, the flow ${describe(slot)}`),
      );
    if (earlier?.state === "done") return recall<T>(earlier.output);
    if (earlier?.state === "failed") throw revivedError(earlier.error);
    await this.#execution.refuseIfStopped();
    return recall<T>(await live(slot, earlier));
  }

  #refusal(name: string): Error | undefined {
    if (this.#isClosed) return concurrent(`Step ${name} began after the flow had ended`);
    if (this.#active !== undefined)
      return concurrent(`Step ${name} began while step ${this.#active.name} was running`);
    if (name.length === 0 || name.length > maxNameLength)
      return new RunError(
        "AUTOSD-RUN-VALUE-INVALID",
        `The name of a step has ${name.length} characters; 1 to ${maxNameLength} are allowed.`,
      );
    return undefined;
  }
}

function concurrent(what: string): RunError {
  return new RunError(
    "AUTOSD-RUN-STEPS-CONCURRENT",
    `${what}. Steps come one after another; parallel work goes inside one step.`,
  );
}

function changed(runId: string, difference: string): RunError {
  return new RunError(
    "AUTOSD-RUN-CHANGED",
    `Run ${runId} cannot go on with this autosd: ${difference}.`,
  );
}

function describe(step: Pick<JournaledStep, "position" | "kind" | "name">): string {
  return `${step.kind} "${step.name}" at position ${step.position}`;
}
