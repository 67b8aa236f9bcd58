import { join } from "node:path";
import { createLocalEngine } from "../../../src/adapters/engine/local-engine.ts";
import { createPartitionLock } from "../../../src/adapters/engine/partition-lock.ts";
import { createMachineFolders } from "../../../src/adapters/folders/machine-folders.ts";
import { createMemoryAuditLog } from "../../../src/adapters/governance/memory-audit-log.ts";
import { createHaltFiles } from "../../../src/adapters/governance/halt-files.ts";
import { createPolicyFiles } from "../../../src/adapters/governance/policy-files.ts";
import { createProcessRunner } from "../../../src/adapters/process/spawn-runner.ts";
import { systemClock } from "../../../src/adapters/process/system-clock.ts";
import { systemIds } from "../../../src/adapters/process/system-ids.ts";
import { createSandbox } from "../../../src/adapters/sandbox/create-sandbox.ts";
import { openDatabase } from "../../../src/adapters/store/database.ts";
import { createOwnRecords } from "../../../src/adapters/store/own-records.ts";
import { createVouchedFiles } from "../../../src/adapters/store/vouched-files.ts";
import { createProjectFiles } from "../../../src/adapters/store/project-files.ts";
import { createPromptTemplates } from "../../../src/adapters/store/prompt-templates.ts";
import { createProjectStore } from "../../../src/adapters/store/project-store.ts";
import { createPromptJournal } from "../../../src/adapters/store/prompt-journal.ts";
import { createRunJournal } from "../../../src/adapters/store/run-journal.ts";
import { createExistingRepositories } from "../../../src/adapters/vcs/existing.ts";
import { createGit } from "../../../src/adapters/vcs/git.ts";
import { createFileEvidence } from "../../../src/adapters/verification/file-evidence.ts";
import { createScratchCheckouts } from "../../../src/adapters/verification/scratch-checkouts.ts";
import { openWorkspace } from "../../../src/adapters/workspace/folder-workspace.ts";
import { createScratchWorkspaces } from "../../../src/adapters/workspace/scratch-workspaces.ts";
import { modelBasis, modelImplementer } from "../../../src/compose/implementer.ts";
import type { BudgetLimits } from "../../../src/delivery/agent/model/budget.ts";
import type { Model } from "../../../src/delivery/agent/model/model.port.ts";
import type { Sandbox } from "../../../src/delivery/agent/sandbox.port.ts";
import { createVerifier } from "../../../src/delivery/verification/verifier.ts";
import type { RunResult } from "../../../src/engine/autosd.ts";
import type { ParallelSettings } from "../../../src/engine/run/parallel/parallel-settings.ts";
import { type RunLauncher, startRun } from "../../../src/engine/run/start-run.ts";
import type { ProjectFiles } from "../../../src/state/project-files.port.ts";
import { apartPlanner, sumsPlanner, sumsRequirements } from "./sums.ts";

export interface WorldOptions {
  /** An empty folder of the test. */
  readonly root: string;
  /** The checkout: where `templates` is. */
  readonly packageFolder: string;
  readonly model: Model;
  readonly searchPath: string;
  readonly limits?: BudgetLimits;
  /** Wraps the project's files: where the journal goes. */
  readonly files?: (files: ProjectFiles) => ProjectFiles;
  readonly onCommand?: (command: string) => void;
  /** The two stories wait for nothing, and so many workers build them. */
  readonly parallel?: ParallelSettings;
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
}

export interface World {
  readonly out: string;
  run(): Promise<RunResult>;
  close(): Promise<void>;
}

const offline = async (): Promise<readonly string[]> => [];

/** autosd as it is composed, with a model and a fixed plan of two stories: real git, sandbox and gates. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const { root } = options;
  const home = join(root, "home");
  const runner = createProcessRunner();
  const git = { runner, scratch: join(root, "git"), searchPath: options.searchPath };
  const vcs = createGit(git);
  const database = await openDatabase({ home });
  const real = await createSandbox({
    preference: "auto",
    runner,
    autosdHome: home,
    scratchDirectory: join(home, "work", "sandbox"),
    clock: systemClock,
    ids: systemIds,
    environment: {},
  });
  const sandbox: Sandbox = {
    ...real,
    run: (command) => {
      // `sh -c SCRIPT sh COMMAND ...`: the script sets the way to programs and runs the command.
      options.onCommand?.(command.command[4] ?? "");
      return real.run(command);
    },
  };
  const engine = createLocalEngine({
    journal: createRunJournal(database),
    lock: createPartitionLock(join(home, "locks")),
    clock: systemClock,
    ids: systemIds,
  });
  const dependencies = { obtain: async () => ({ kind: "missing" }) as const };
  const checkouts = createScratchCheckouts({
    scratch: join(home, "work", "gates"),
    vcs,
    openWorkspace,
  });
  const evidence = createFileEvidence({ cacheFolder: join(home, "cache", "evidence") });
  const verifier = createVerifier({
    ...{ sandbox: real, checkouts, dependencies, evidence, clock: systemClock, platform: "test" },
  });
  const own = createOwnRecords(join(home, "records"));
  const files = (options.files ?? ((one) => one))(createVouchedFiles(createProjectFiles(), own));
  const parts = {
    sandbox: async () => sandbox,
    dependencies: async () => dependencies,
    registryHosts: offline,
    vcs: async () => vcs,
    files: async () => files,
    clock: async () => systemClock,
    prompts: async () =>
      createPromptTemplates({
        packaged: join(options.packageFolder, "templates", "prompts"),
        home: join(home, "prompts"),
      }),
  };
  const unlimited = { maxTokens: undefined, maxCostMicrousd: undefined };
  const basis = await modelBasis(parts, options.limits ?? unlimited);
  const implementer = modelImplementer(parts, basis, async () => options.model);
  const launcher: RunLauncher = {
    services: {
      autosdVersion: "0.0.0",
      clock: systemClock,
      files,
      own,
      projects: createProjectStore(database),
      runs: engine,
      vcs,
      repositories: createExistingRepositories(git),
      verifier,
      workspaces: createScratchWorkspaces({ scratch: join(home, "work", "attempts"), vcs }),
      providers: {
        settle: async (choice) => choice,
        choose: async (_, over) => ({
          name: "openai-compatible",
          why: "asked",
          planner: options.parallel === undefined ? sumsPlanner : apartPlanner,
          implementer: over?.(implementer) ?? implementer,
        }),
      },
      folders: createMachineFolders(root),
      audit: createMemoryAuditLog({ clock: systemClock }),
      halts: createHaltFiles(home),
      places: createPolicyFiles(home),
      sbomOf: () => "{}",
      promptJournalOf: (directory) => createPromptJournal(files, directory),
      observe: () => undefined,
    },
    sprintDefaults: {
      executionMode: "direct",
      provider: "auto",
      ...{
        replayFile: null,
        recordFile: null,
        preferredPlatform: null,
        models: null,
        providerWhy: null,
      },
      maxTaskAttempts: 2,
      reproducible: false,
      install: true,
    },
    engine,
    beforeExecution: async () => undefined,
    requirements: {
      read: async () => ({ source: "text", bytes: Buffer.from(sumsRequirements) }),
    },
    ids: systemIds,
    deadline: () => ({ signal: new AbortController().signal, release: () => undefined }),
  };
  const out = join(root, "out");
  return {
    out,
    run: () =>
      startRun(
        launcher,
        {
          requirements: { kind: "text", text: sumsRequirements },
          outputDirectory: out,
          ...{ projectId: undefined, replayFile: undefined, recordFile: undefined },
          executionMode: "direct",
          provider: "auto",
          preferredPlatform: undefined,
          ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
          maxTaskAttempts: 2,
          maxStoriesPerSprint: 5,
          timeoutSeconds: undefined,
          reproducible: false,
          install: true,
        },
        options.signal ?? new AbortController().signal,
      ),
    async close() {
      await engine.close();
      await database.close();
    },
  };
}
