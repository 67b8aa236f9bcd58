import type {
  AgentEvent,
  ImplementationTask,
  Implementer,
} from "../../src/delivery/agent/implementer.port.ts";
import type {
  JournalRecord,
  PromptJournal,
} from "../../src/delivery/agent/model/prompt-journal.port.ts";
import type { TreeMerge, Vcs } from "../../src/delivery/agent/vcs.port.ts";
import type { Workspace } from "../../src/delivery/agent/workspace.port.ts";
import type { Denial } from "../../src/delivery/backlog/denial.ts";
import type { AheadFacts } from "../../src/engine/run/parallel/ahead-report.ts";
import type { ParallelSettings } from "../../src/engine/run/parallel/parallel-settings.ts";
import { type AheadParts, StoriesAhead } from "../../src/engine/run/parallel/stories-ahead.ts";
import { type Files, memoryTrees } from "./memory-trees.ts";
import { exampleTask, memoryWorkspace } from "./scripted-attempt.ts";

/** How a story's attempt ended, and with which tree the branch went on. */
export interface StoryEnd {
  readonly story: string;
  readonly end: AgentEvent["kind"];
  /** Why it brought nothing. */
  readonly reason: string | undefined;
  /** What it was denied, when that is why. */
  readonly denial: Denial | undefined;
  readonly tree: Files;
}

export interface PlannedStory {
  readonly id: string;
  readonly needs: readonly string[];
}

/**
 * A run's stories one after the other, with everything in memory that is not work ahead itself. The
 * branch and the journal outlive an execution, as files outlive a process.
 */
export class MemoryYard {
  readonly ends: StoryEnd[] = [];
  readonly records: JournalRecord[] = [];
  /** Called before each step that reaches outside: it throws where the process dies. */
  onStep: (step: string) => void = () => undefined;
  readonly #trees: Record<string, Files> = {};
  readonly #parts: AheadParts;
  #tree: string;
  #open = 0;

  constructor(files: Files) {
    this.#tree = this.#keep(files);
    this.#parts = this.#made();
  }

  /** Workspaces that nobody has discarded. */
  get open(): number {
    return this.#open;
  }

  /** Goes on where an execution before it has ended. Rejects with what ends the run. */
  async build(
    stories: readonly PlannedStory[],
    settings: ParallelSettings,
    implement: Implementer["implement"],
  ): Promise<ReadonlyMap<string, AheadFacts>> {
    const stop = new AbortController();
    const ahead = new StoriesAhead(this.#parts, settings, stop.signal);
    const implementer = ahead.over({ kind: "model", implement });
    const facts = new Map<string, AheadFacts>();
    try {
      for (const story of stories) {
        if (this.#isSettled(story) || !this.#isFree(story)) continue;
        const others = stories.filter(
          (one) => one.id !== story.id && !this.#isSettled(one) && this.#isFree(one),
        );
        ahead.expect(others.map(({ id }) => taskOf(id).story));
        await this.#take(story.id, implementer, stop.signal);
        const fact = ahead.factsOf(story.id, 1);
        if (fact !== undefined) facts.set(story.id, fact);
      }
    } finally {
      await ahead.close();
    }
    return facts;
  }

  async #take(id: string, implementer: Implementer, signal: AbortSignal): Promise<void> {
    const { workspaces, vcs } = this.#parts;
    const workspace = await workspaces.open({ repository: "/r", tree: this.#tree, name: id });
    try {
      let last: AgentEvent | undefined;
      for await (const event of implementer.implement({ ...taskOf(id), workspace }, signal))
        last = event;
      const end = last?.kind ?? "failed";
      const tree = end === "proposal" ? await vcs.snapshot("/r", workspace.root) : this.#tree;
      this.onStep("commit");
      this.#tree = tree;
      const reason = last !== undefined && "reason" in last ? last.reason : undefined;
      const denial = last?.kind === "failed" ? last.denial : undefined;
      this.ends.push({ story: id, end, reason, denial, tree: this.#trees[tree] ?? {} });
    } finally {
      await workspaces.discard(workspace);
    }
  }

  #isSettled({ id }: PlannedStory): boolean {
    return this.ends.some(({ story }) => story === id);
  }

  #isFree({ needs }: PlannedStory): boolean {
    return needs.every((id) =>
      this.ends.some(({ story, end }) => story === id && end === "proposal"),
    );
  }

  #keep(files: Files): string {
    const name = JSON.stringify(Object.entries(files).sort());
    this.#trees[name] = files;
    return name;
  }

  #made(): AheadParts {
    const folders = new Map<string, Map<string, string>>();
    let opened = 0;
    const filesOf = (workspace: Workspace): Map<string, string> =>
      folders.get(workspace.root) ?? new Map<string, string>();
    const vcs: Partial<Vcs> = {
      ...memoryTrees(this.#trees),
      snapshot: async (_, root) => {
        this.onStep("snapshot");
        return this.#keep(Object.fromEntries(folders.get(root) ?? []));
      },
      joinTrees: async (_, { base, ours, theirs }) => {
        this.onStep("join");
        return this.#joined(base, ours, theirs);
      },
    };
    return {
      vcs: vcs as Vcs,
      clock: { now: () => 0, monotonicMs: () => 0 },
      workspaces: {
        open: async ({ tree }) => {
          this.onStep("open");
          opened += 1;
          this.#open += 1;
          const root = `/work/${String(opened)}`;
          const files = new Map(Object.entries(this.#trees[tree] ?? {}));
          folders.set(root, files);
          return { ...memoryWorkspace(files), root, baseTree: tree };
        },
        fill: async (workspace, { tree }) => {
          const files = filesOf(workspace);
          files.clear();
          this.onStep("fill");
          for (const [path, text] of Object.entries(this.#trees[tree] ?? {})) files.set(path, text);
        },
        discard: async ({ root }) => {
          if (folders.delete(root)) this.#open -= 1;
        },
      },
      journalOf: () => this.#journal(),
    };
  }

  #journal(): PromptJournal {
    return {
      append: async (record) => {
        this.onStep(`before ${record.kind}`);
        this.records.push(record);
        this.onStep(`after ${record.kind}`);
      },
      of: async ({ story, attempt }) =>
        this.records.filter((one) => one.story === story && one.attempt === attempt),
      all: async function* () {
        yield* [];
      },
    };
  }

  /** By whole files: what both changed otherwise is a conflict. */
  #joined(base: string, ours: string, theirs: string): TreeMerge {
    const [from, mine, other] = [base, ours, theirs].map((tree) => this.#trees[tree] ?? {});
    const merged = new Map(Object.entries(mine ?? {}));
    const conflicts: string[] = [];
    for (const path of new Set([...Object.keys(from ?? {}), ...Object.keys(other ?? {})])) {
      const [was, is, wanted] = [from?.[path], mine?.[path], other?.[path]];
      if (was === wanted || is === wanted) continue;
      if (was !== is) conflicts.push(path);
      else if (wanted === undefined) merged.delete(path);
      else merged.set(path, wanted);
    }
    if (conflicts.length > 0) return { kind: "conflict", paths: conflicts.sort() };
    return { kind: "merged", tree: this.#keep(Object.fromEntries(merged)) };
  }
}

function taskOf(id: string): Omit<ImplementationTask, "workspace"> {
  const task = exampleTask(memoryWorkspace(new Map()));
  const run = { id: "run_1", directory: "/r", mayInstall: false };
  return { ...task, story: { ...task.story, id }, run };
}
