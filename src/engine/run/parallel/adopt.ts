import type { ImplementationTask } from "../../../delivery/agent/implementer.port.ts";
import type { Read } from "../../../delivery/agent/read-set.ts";
import type { AheadFacts } from "./ahead-report.ts";
import type { Fetched, FetchParts } from "./fetch.ts";
import type { ParallelSettings } from "./parallel-settings.ts";
import { whyStale } from "./staleness.ts";

export type Adoption = Pick<AheadFacts, "decision" | "because">;

const maxPathsNamed = 3;

/**
 * Judges at its turn what was fetched ahead. Unless it is stale the task's workspace holds it
 * afterwards, merged with what was committed meanwhile; a conflict is stale whatever is allowed.
 */
export async function adoptFetched(
  parts: FetchParts,
  settings: Omit<ParallelSettings, "workers">,
  { task, fetched }: { readonly task: ImplementationTask; readonly fetched: Fetched },
  signal: AbortSignal,
): Promise<Adoption> {
  const { vcs, workspaces } = parts;
  const { workspace } = task;
  const { rule, allowStale } = settings;
  const repository = task.run?.directory ?? "";
  const trees = { from: fetched.baseTree, to: workspace.baseTree };
  const why = await whyStale(
    { vcs, directory: repository },
    { reads: readsOf(fetched), ...trees, rule },
    signal,
  );
  if (why !== undefined && (!allowStale || fetched.tree === undefined)) return stale(rule, why);
  // It found out that it cannot be done, and what it looked at is as it was.
  if (fetched.tree === undefined) return fresh(rule);
  const merged = await vcs.joinTrees(repository, {
    base: trees.from,
    ours: trees.to,
    theirs: fetched.tree,
  });
  if (merged.kind === "conflict")
    return stale("merge", `both changed ${merged.paths.slice(0, maxPathsNamed).join(", ")}`);
  if (merged.tree === trees.to && fetched.tree !== trees.from)
    return stale("merge", "all that it changed is there already");
  await workspaces.fill(workspace, { repository, tree: merged.tree });
  return why === undefined
    ? fresh(rule)
    : { decision: "stale-accepted", because: `${rule}: ${why}` };
}

/** Whoever ended on a denial would meet it again, whatever the files are that its command found. */
function readsOf({ last, reads }: Fetched): readonly Read[] {
  if (last.kind !== "failed" || last.denial === undefined) return reads;
  return reads.filter((read) => read.kind !== "command" || read.isDenied !== true);
}

function fresh(rule: string): Adoption {
  return { decision: "used", because: `${rule}: nothing that counts has changed` };
}

function stale(rule: string, why: string): Adoption {
  return { decision: "stale", because: `${rule}: ${why}` };
}
