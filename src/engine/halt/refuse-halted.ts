import { GovernanceError } from "../../governance/errors.ts";
import type { Halt, HaltSwitch } from "../../governance/policy/halt-switch.port.ts";
import { because } from "../../governance/policy/standing-halt.ts";
import type { Ctx } from "../ports/run-engine.port.ts";

/** The part of the kill switch that is asked before work. */
export type Halts = Pick<HaltSwitch, "haltOf">;

/**
 * Before a command works on a project: AUTOSD-HALTED when it is halted. Without an id (a project
 * that is not born yet) only a halt of everything counts.
 */
export async function refuseHalted(halts: Halts, project: string | undefined): Promise<void> {
  const halt = await halts.haltOf(project ?? "*");
  if (halt === undefined) return;
  throw new GovernanceError("AUTOSD-HALTED", `${haltedText(halt)} Nothing was done.`, {
    remedy: resumeCommand(halt),
    details: { halt },
  });
}

/**
 * A flow's context that stops before its next step once the project is halted: AUTOSD-HALTED-RUN,
 * which leaves the run resumable.
 */
export function haltable(ctx: Ctx, halts: Halts, project: string | undefined): Ctx {
  const proceed = async (): Promise<void> => {
    const halt = await halts.haltOf(project ?? "*");
    if (halt !== undefined) throw haltedRun(halt, ctx.runId);
  };
  const checked = async <T>(work: () => Promise<T>): Promise<T> => {
    await proceed();
    return work();
  };
  return {
    runId: ctx.runId,
    partition: ctx.partition,
    signal: ctx.signal,
    step: (name, run, options) => checked(() => ctx.step(name, run, options)),
    tx: (name, run) => checked(() => ctx.tx(name, run)),
    effect: (name, effect) => checked(() => ctx.effect(name, effect)),
    waitFor: (topic, timeoutMs) => checked(() => ctx.waitFor(topic, timeoutMs)),
    sleep: (ms) => checked(() => ctx.sleep(ms)),
    now: () => checked(() => ctx.now()),
    id: (prefix) => checked(() => ctx.id(prefix)),
  };
}

/** What a run ends with when its project is halted under it. */
export function haltedRun(halt: Halt, runId: string): GovernanceError {
  return new GovernanceError(
    "AUTOSD-HALTED-RUN",
    `${haltedText(halt)} Run ${runId} stopped before its next step; what it committed stays.`,
    {
      remedy: `${resumeCommand(halt)} && autosd runs resume ${runId}`,
      details: { halt, runId },
    },
  );
}

function haltedText(halt: Halt): string {
  const what = halt.project === "*" ? "Every project" : `Project ${halt.project}`;
  const where =
    halt.entry === undefined
      ? ""
      : ` (entry ${halt.entry} of the audit log; its file was taken away, which lifts nothing)`;
  return `${what} is halted by ${halt.by}${because(halt.reason)}${where}.`;
}

function resumeCommand(halt: Halt): string {
  return halt.project === "*" ? "autosd resume --all" : `autosd resume --project ${halt.project}`;
}
