import type {
  AgentEvent,
  ImplementationTask,
  Implementer,
} from "../../../delivery/agent/implementer.port.ts";
import type { Read } from "../../../delivery/agent/read-set.ts";
import type { Vcs } from "../../../delivery/agent/vcs.port.ts";
import { AutosdError } from "../../../kernel/errors.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Workspaces } from "../../ports/workspaces.port.ts";
import { watchWorkspace } from "./watch-workspace.ts";

/** What an attempt ahead of its turn is made with. */
export interface FetchParts {
  readonly vcs: Vcs;
  readonly workspaces: Workspaces;
  readonly clock: Clock;
}

export type LastEvent = Exclude<AgentEvent, { readonly kind: "progress" }>;

/** What an attempt brought that was made ahead of its turn. */
export interface Fetched {
  readonly baseTree: string;
  readonly reads: readonly Read[];
  /** What it said on its way; the newest when there is very much. */
  readonly progress: readonly AgentEvent[];
  readonly last: LastEvent;
  /** Of the workspace at its end; undefined unless it ended with a proposal. */
  readonly tree: string | undefined;
  readonly durationMs: number;
}

/** Holds on to an attempt that is under way. */
export interface Leash {
  /** What it has read so far. */
  reads: () => readonly Read[];
  /** Once it is set the attempt ends before its next question: what is asked already is paid for. */
  cutBecause: string | undefined;
}

const maxProgressEvents = 500;

/**
 * Makes an attempt in a workspace of its own on the task's base tree; undefined: it was cut on its
 * way. Throws what ends a run, and the signal's reason; the workspace is gone afterwards in any case.
 */
export async function fetchAttempt(
  parts: FetchParts,
  inner: Implementer,
  task: Omit<ImplementationTask, "workspace"> & {
    readonly repository: string;
    readonly baseTree: string;
    readonly name: string;
    readonly leash: Leash;
  },
  signal: AbortSignal,
): Promise<Fetched | undefined> {
  const { repository, baseTree, name, leash } = task;
  const fromMs = parts.clock.monotonicMs();
  const opened = await parts.workspaces.open({ repository, tree: baseTree, name });
  try {
    const watched = watchWorkspace(opened);
    const { workspace } = watched;
    leash.reads = () => watched.reads();
    const progress: AgentEvent[] = [];
    let last: LastEvent = nothingSaid;
    for await (const event of inner.implement({ ...task, workspace }, signal)) {
      if (event.kind !== "progress") last = event;
      else {
        if (leash.cutBecause !== undefined) return undefined;
        if (progress.push(event) > maxProgressEvents) progress.shift();
      }
    }
    // A cut attempt must not be taken for an answer.
    signal.throwIfAborted();
    const ended = last.kind === "proposal" ? await snapshot(parts, repository, opened.root) : {};
    return {
      baseTree,
      reads: watched.reads(),
      progress,
      last: ended.unsafe ?? last,
      tree: ended.tree,
      durationMs: parts.clock.monotonicMs() - fromMs,
    };
  } finally {
    await parts.workspaces.discard(opened);
  }
}

const nothingSaid: LastEvent = {
  kind: "failed",
  reason: "the implementer ended without a proposal",
  retryable: true,
};

/** What must not become a tree is a failed attempt, as it is for one that is made at its turn. */
async function snapshot(
  { vcs }: FetchParts,
  repository: string,
  root: string,
): Promise<{ readonly tree?: string; readonly unsafe?: LastEvent }> {
  try {
    return { tree: await vcs.snapshot(repository, root) };
  } catch (error) {
    if (error instanceof AutosdError && error.code === "AUTOSD-VCS-UNSAFE")
      return { unsafe: { kind: "failed", reason: error.message, retryable: true } };
    throw error;
  }
}
