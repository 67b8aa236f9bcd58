import type { ImplementationTask } from "../../../delivery/agent/implementer.port.ts";
import type { FetchParts, Leash } from "./fetch.ts";
import type { ParallelSettings } from "./parallel-settings.ts";
import { whyStale } from "./staleness.ts";

/** An attempt that is under way ahead of its turn, and the tree that it began on. */
export interface UnderWay extends Leash {
  readonly baseTree: string;
}

/**
 * Cuts attempts that have read what is otherwise on the tree of the turn that begins: they are not
 * worth another question. Where stale answers are accepted all are let be.
 */
export async function cutStale(
  { vcs }: Pick<FetchParts, "vcs">,
  { rule, allowStale }: Omit<ParallelSettings, "workers">,
  attempts: readonly UnderWay[],
  { workspace, run }: Pick<ImplementationTask, "workspace" | "run">,
  signal: AbortSignal,
): Promise<void> {
  if (allowStale || run === undefined) return;
  const reader = { vcs, directory: run.directory };
  for (const attempt of attempts) {
    if (attempt.cutBecause !== undefined) continue;
    const trees = { from: attempt.baseTree, to: workspace.baseTree };
    const why = await whyStale(reader, { reads: attempt.reads(), ...trees, rule }, signal);
    if (why !== undefined) attempt.cutBecause = `${rule}: ${why}`;
  }
}
