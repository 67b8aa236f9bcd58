import { join } from "node:path";
import { createProcessRunner } from "../../../src/adapters/process/spawn-runner.ts";
import { systemClock } from "../../../src/adapters/process/system-clock.ts";
import { createProjectFiles } from "../../../src/adapters/store/project-files.ts";
import { createPromptJournal } from "../../../src/adapters/store/prompt-journal.ts";
import { createGit } from "../../../src/adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../../../src/adapters/workspace/scratch-workspaces.ts";
import type {
  ImplementationTask,
  Implementer,
} from "../../../src/delivery/agent/implementer.port.ts";
import type { JournalRecord } from "../../../src/delivery/agent/model/prompt-journal.port.ts";
import { commitRequest, leaveFor } from "../../../src/delivery/agent/vcs.contract.ts";
import type { Story } from "../../../src/delivery/backlog/backlog.ts";
import type { AheadFacts } from "../../../src/engine/run/parallel/ahead-report.ts";
import type { ParallelSettings } from "../../../src/engine/run/parallel/parallel-settings.ts";
import { StoriesAhead } from "../../../src/engine/run/parallel/stories-ahead.ts";
import { exampleTask, memoryWorkspace } from "../../support/scripted-attempt.ts";

/** What an implementer does with a story; its proposal follows when it returns. */
export type Act = (task: ImplementationTask, signal: AbortSignal) => Promise<void>;

/** A repository, workspaces and a journal, all of them real. */
export interface Yard {
  readonly scratch: string;
  readonly repository: string;
  /** Ids of stories, in the order of their commits. */
  readonly committed: string[];
  ahead(workers: number, signal: AbortSignal, more?: Partial<ParallelSettings>): StoriesAhead;
  build(options: Build): Promise<BuildEnd>;
  read(tree: string, path: string): Promise<string>;
  records(story: string): Promise<readonly JournalRecord[]>;
}

export interface Build extends Partial<ParallelSettings> {
  readonly stories: readonly { readonly id: string; readonly needs: readonly string[] }[];
  readonly act: Act;
  /** Instead of what is made of `act`: an implementer that says something on its way. */
  readonly implement?: Implementer["implement"];
  readonly signal?: AbortSignal;
}

export interface BuildEnd {
  readonly tree: string;
  readonly order: readonly string[];
  /** Every time that the implementer was asked. */
  readonly asked: readonly string[];
  readonly facts: readonly (AheadFacts | undefined)[];
}

/** An implementer's way to do as it is told and propose it. */
export function proposes(act: Act): Implementer["implement"] {
  return async function* (task, signal) {
    await act(task, signal);
    yield {
      kind: "proposal",
      proposal: { summary: "done", acceptanceTests: ["a"], changedTests: [] },
    };
  };
}

export async function openYard(root: string): Promise<Yard> {
  const scratch = join(root, "work");
  const repository = join(root, "repository");
  const vcs = createGit({
    runner: createProcessRunner(),
    scratch: join(root, "git"),
    searchPath: process.env["PATH"] ?? "",
  });
  await vcs.initialise(repository);
  const workspaces = createScratchWorkspaces({ scratch, vcs });
  const journal = createPromptJournal(createProjectFiles(), repository);
  const committed: string[] = [];
  const ahead: Yard["ahead"] = (workers, signal, more = {}) =>
    new StoriesAhead(
      { vcs, workspaces, clock: systemClock, journalOf: () => journal },
      { allowStale: false, rule: "read-set", ...more, workers },
      signal,
    );

  const take = async (story: Story, implementer: Implementer, signal: AbortSignal) => {
    const parent = await vcs.headOf(repository);
    const tree = await vcs.treeOf(repository, parent);
    const workspace = await workspaces.open({ repository, tree, name: story.id });
    const task = {
      ...exampleTask(workspace),
      story,
      run: { id: "run_1", directory: repository, mayInstall: false },
    };
    try {
      const events = implementer.implement(task, signal)[Symbol.asyncIterator]();
      while ((await events.next()).done !== true);
      const made = await vcs.snapshot(repository, workspace.root);
      const request = commitRequest(made, parent, story.id);
      await vcs.commit(leaveFor(story.id), repository, request);
      committed.push(story.id);
    } finally {
      await workspaces.discard(workspace);
    }
  };

  return {
    ...{ scratch, repository, committed, ahead },
    async build({ stories, act, implement, signal = new AbortController().signal, ...settings }) {
      const asked: string[] = [];
      const facts: (AheadFacts | undefined)[] = [];
      const working = ahead(settings.workers ?? 1, signal, settings);
      const implementer = working.over({
        kind: "model",
        implement: (task, stop) => {
          asked.push(task.story.id);
          return (implement ?? proposes(act))(task, stop);
        },
      });
      try {
        for (const { id } of stories) {
          if (!committed.includes(id)) {
            const open = stories.filter(
              (one) => one.id !== id && !committed.includes(one.id) && isFree(one, committed),
            );
            working.expect(open.map((one) => storyOf(one.id)));
            await take(storyOf(id), implementer, signal);
          }
          facts.push(working.factsOf(id, 1));
        }
      } finally {
        await working.close();
      }
      const tree = await vcs.treeOf(repository, await vcs.headOf(repository));
      return { tree, order: [...committed], asked, facts };
    },
    read: async (tree, path) =>
      new TextDecoder().decode(await vcs.readFile(repository, tree, path)),
    records: (story) => journal.of({ run: "run_1", story, attempt: 1 }),
  };
}

function isFree(story: { readonly needs: readonly string[] }, done: readonly string[]): boolean {
  return story.needs.every((id) => done.includes(id));
}

function storyOf(id: string): Story {
  return { ...exampleTask(memoryWorkspace(new Map())).story, id };
}
