import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAcpImplementer } from "../../../src/adapters/implementers/acp-implementer.ts";
import { findInstallation } from "../../../src/adapters/implementers/acp-installation.ts";
import type { AgentPatience } from "../../../src/adapters/implementers/acp-session.ts";
import { createProcessRunner } from "../../../src/adapters/process/spawn-runner.ts";
import { systemClock } from "../../../src/adapters/process/system-clock.ts";
import { systemIds } from "../../../src/adapters/process/system-ids.ts";
import { openBackend } from "../../../src/adapters/sandbox/open-backend.ts";
import { createProjectFiles } from "../../../src/adapters/store/project-files.ts";
import { createPromptJournal } from "../../../src/adapters/store/prompt-journal.ts";
import { createGit } from "../../../src/adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../../../src/adapters/workspace/scratch-workspaces.ts";
import type {
  AgentEvent,
  ImplementationTask,
} from "../../../src/delivery/agent/implementer.port.ts";
import type { JournalRecord } from "../../../src/delivery/agent/model/prompt-journal.port.ts";
import type { SandboxBackend } from "../../../src/delivery/agent/sandbox.port.ts";
import { bundleModule } from "../../chaos/bundle.ts";
import { exampleTask } from "../scripted-attempt.ts";

/** The scripted agent at work on `ST-1` of an empty project, in a real sandbox with real git. */
export interface AgentYard {
  readonly root: string;
  /** Words of the agent's command. */
  command(mode: string, ...more: readonly string[]): readonly string[];
  work(command: readonly string[], more?: Work): Promise<readonly AgentEvent[]>;
  /** What the journal holds of the last work. */
  journal(): Promise<readonly JournalRecord[]>;
  /** A file that the last work left. */
  read(path: string): Promise<string | undefined>;
  dispose(): Promise<void>;
}

export interface Work {
  readonly patience?: Partial<AgentPatience>;
  readonly authMethod?: string;
  /** `host:port` that the agent may reach. */
  readonly hosts?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: AgentEvent) => void;
}

const usual: AgentPatience = { totalMs: 60_000, silentMs: 30_000, startMs: 30_000 };

export async function openAgentYard(backend: SandboxBackend): Promise<AgentYard> {
  const root = await mkdtemp(join(tmpdir(), "autosd-agent-"));
  const agent = await bundleModule(
    join(import.meta.dirname, "scripted-agent.ts"),
    join(root, "agent.mjs"),
  );
  const home = join(root, "home");
  const runner = createProcessRunner({ killGraceMs: 200 });
  const searchPath = process.env["PATH"] ?? "";
  const vcs = createGit({ runner, scratch: join(root, "git"), searchPath });
  const sandbox = await openBackend(backend, {
    ...{ preference: backend, runner, autosdHome: home, clock: systemClock, ids: systemIds },
    ...{ scratchDirectory: join(home, "work", "sandbox"), environment: {} },
  });
  const workspaces = createScratchWorkspaces({ scratch: join(home, "work", "attempts"), vcs });
  const repository = join(root, "repository");
  await mkdir(repository);
  await vcs.initialise(repository);
  const tree = await vcs.treeOf(repository, undefined);
  const files = createProjectFiles();
  let task: ImplementationTask | undefined;
  return {
    root,
    command: (mode, ...more) => ["node", agent, mode, ...more],
    async work(command, more = {}) {
      const workspace = await workspaces.open({ repository, tree, name: systemIds.next("try") });
      task = {
        ...exampleTask(workspace),
        run: { id: "run_1", directory: repository, mayInstall: false },
      };
      const implementer = createAcpImplementer({
        ...{ sandbox, vcs, clock: systemClock, autosdVersion: "0.0.0" },
        dependencies: { obtain: async () => ({ kind: "missing" }) },
        installation: await findInstallation(command, { searchPath, readFolders: [] }),
        env: more.env ?? {},
        hosts: async () => more.hosts ?? [],
        authMethod: more.authMethod ?? null,
        patience: { ...usual, ...more.patience },
        journalOf: (directory) => createPromptJournal(files, directory),
        promptOf: async () => ({ id: "implement-agent@1", text: "Do it." }),
      });
      const events: AgentEvent[] = [];
      const signal = more.signal ?? new AbortController().signal;
      for await (const event of implementer.implement(task, signal)) {
        events.push(event);
        more.onEvent?.(event);
      }
      return events;
    },
    journal: async () =>
      task === undefined
        ? []
        : createPromptJournal(files, repository).of({
            ...{ run: "run_1", story: task.story.id, attempt: task.attempt },
          }),
    async read(path) {
      const bytes = await task?.workspace.read(path);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString();
    },
    async dispose() {
      await workspaces.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
