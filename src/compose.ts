import { join } from "node:path";
import { policyCallsOf, PolicyParts } from "./compose/policy.ts";
import { deadlineAfter } from "./compose/surroundings.ts";
import { exclusivelyOn } from "./compose/exclusively.ts";
import { refineCalls } from "./compose/refine.ts";
import { governanceCalls, GovernanceParts, once } from "./compose/governance.ts";
import { CacheParts } from "./compose/cache.ts";
import { deferredRecords, deferredVerifier, deferredWorkspaces } from "./compose/deferred.ts";
import { VerificationParts } from "./compose/verification.ts";
import { modelSettings, parallelSettings, type ComposeOptions } from "./compose/options.ts";
import type { BlueprintPlatform } from "./blueprint/platforms/platform.port.ts";
import type { examine } from "./engine/doctor/doctor.ts";
import type { Autosd, Observer } from "./engine/autosd.ts";
import type { RunLauncher } from "./engine/run/start-run.ts";
import { directoryOf } from "./engine/projects/partition.ts";

/**
 * Builds autosd out of its adapters. Each part is built when a command first needs it: a list of
 * projects neither starts a sandbox nor loads the reader.
 */
export function compose(options: ComposeOptions): Autosd {
  const parts = new Parts(options);
  return {
    ...runCalls(parts),
    ...refineCalls(parts),
    ...recordCalls(parts),
    ...governanceCalls(parts.governance),
    ...policyCallsOf(parts.policy),
    learn: {
      report: async (input, signal) => (await parts.learn()).report(input, signal),
      update: async (input, signal) => (await parts.learn()).update(input, signal),
      undo: async (place, name) => (await parts.learn()).undo(place, name),
    },
    push: async (input, signal) =>
      (await import("./engine/push/push-branch.ts")).pushBranch(
        await (await import("./compose/push.ts")).pushServices(options, parts),
        input,
        signal,
      ),
    doctor: async () => (await import("./engine/doctor/doctor.ts")).examine(await parts.probes()),
    close: () => parts.close(),
  };
}

type RunCalls = Pick<Autosd, "run" | "runs">;

function runCalls(parts: Parts): RunCalls {
  const start = () => import("./engine/run/start-run.ts");
  return {
    run: (input, observer, signal) =>
      parts.sayingFullDisk(input.outputDirectory, async () =>
        (await start()).startRun(await parts.launcher(observer, signal), input, signal),
      ),
    runs: {
      list: async (filter) => (await parts.engine()).list(filter),
      show: async (runId) => (await start()).showRun(await parts.engine(), runId),
      resume: (runId, observer, signal, limits) =>
        parts.sayingFullDisk(undefined, async () =>
          (await start()).resumeRun(await parts.launcher(observer, signal), runId, signal, limits),
        ),
      cancel: async (runId) => (await parts.engine()).cancel(runId),
    },
  };
}

function recordCalls(parts: Parts): Pick<Autosd, "backlog" | "sprint" | "projects"> {
  // Two names of one folder are one project.
  const at = async (directory: string): Promise<string> =>
    (await parts.folders()).resolve(directory);
  return {
    backlog: {
      show: async (directory) => (await parts.backlogCalls()).show(await at(directory)),
      refine: async (directory) => (await parts.backlogCalls()).refine(await at(directory)),
    },
    sprint: {
      plan: async (directory, max) => (await parts.sprintCalls()).plan(await at(directory), max),
      start: async (directory) => (await parts.sprintCalls()).start(await at(directory)),
      review: async (directory) => (await parts.sprintCalls()).review(await at(directory)),
      retro: async (directory) => (await parts.sprintCalls()).retro(await at(directory)),
      metrics: async (directory) => (await parts.sprintCalls()).metrics(await at(directory)),
      run: (directory, maxStories, observer, signal) =>
        parts.sayingFullDisk(directory, async () =>
          (await import("./engine/run/run-sprint.ts")).runSprint(
            await parts.launcher(observer, signal),
            { directory, maxStories },
            signal,
          ),
        ),
    },
    projects: {
      list: async (filter) => (await parts.projectCalls()).list(filter),
      show: async (id) => (await parts.projectCalls()).show(id),
      summary: async () => (await parts.projectCalls()).summary(),
      status: async (id) => (await parts.projectCalls()).status(id),
      retire: async (id) => (await parts.projectCalls()).retire(id),
    },
  };
}

/** The adapters, each made once and when needed. */
class Parts {
  readonly governance: GovernanceParts;
  readonly policy: PolicyParts;
  readonly #verification: VerificationParts;
  readonly #caches: CacheParts;
  readonly #options: ComposeOptions;
  readonly #home: string;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(options: ComposeOptions) {
    this.#options = options;
    this.#home = options.config.home;
    const { clock, ids, log } = this;
    const onClose = (close: () => Promise<void>) => void this.#closers.unshift(close);
    this.governance = new GovernanceParts({ options, clock, ids, log, onClose });
    this.#caches = new CacheParts({ config: options.config, clock, log, onClose });
    this.#verification = new VerificationParts({
      home: this.#home,
      clock: this.clock,
      log: this.log,
      vcs: () => this.vcs(),
      sandbox: () => this.sandbox(),
      leases: () => this.#caches.leases(),
      isReachable: async () => {
        const { createRegistryReach } = await import("./adapters/sandbox/create-sandbox.ts");
        return createRegistryReach(await this.sandboxOptions());
      },
      onWaiting: (message) => this.#observe({ kind: "activity", message }),
      registryHosts: () => this.#registryHosts(),
      pythonIndex: async () => {
        const { readPipConfiguration } =
          await import("./adapters/sandbox/egress/pip-configuration.ts");
        const { runner, environment } = await this.sandboxOptions();
        const found = await readPipConfiguration({ runner, environment });
        const configured = this.#options.config.registryHosts;
        return configured.length > 0 ? { ...found, hosts: configured } : found;
      },
    });
    this.policy = new PolicyParts({ ...options, governance: this.governance, parts: this });
  }

  readonly clock = once(
    async () => (await import("./adapters/process/system-clock.ts")).systemClock,
  );
  readonly ids = once(async () => (await import("./adapters/process/system-ids.ts")).systemIds);
  readonly log = once(async () => {
    const { openLog } = await import("./adapters/log/open-log.ts");
    const { logFile, verbose } = this.#options.config;
    const log = openLog({
      file: logFile,
      verbose,
      clock: await this.clock(),
      onFailure: this.#options.onLogFailure,
    });
    this.#closers.push(async () => log.close());
    return log;
  });
  readonly runner = once(async () =>
    (await import("./adapters/process/spawn-runner.ts")).createProcessRunner(),
  );
  readonly own = once(async () =>
    (await import("./adapters/store/own-records.ts")).createOwnRecords(join(this.#home, "records")),
  );
  readonly files = once(async () => {
    const { createProjectFiles } = await import("./adapters/store/project-files.ts");
    const { createVouchedFiles } = await import("./adapters/store/vouched-files.ts");
    return createVouchedFiles(createProjectFiles(), await this.own());
  });

  readonly database = once(async () => {
    const { openDatabase } = await import("./adapters/store/database.ts");
    const database = await openDatabase({ home: this.#home });
    this.#closers.unshift(() => database.close());
    return database;
  });

  readonly projects = once(async () =>
    (await import("./adapters/store/project-store.ts")).createProjectStore(await this.database()),
  );

  readonly lock = once(async () =>
    (await import("./adapters/engine/partition-lock.ts")).createPartitionLock(
      join(this.#home, "locks"),
    ),
  );

  readonly engine = once(async () => {
    const { createLocalEngine } = await import("./adapters/engine/local-engine.ts");
    const { createRunJournal } = await import("./adapters/store/run-journal.ts");
    const { explainFullDisk } = await import("./adapters/disk/explain-full-disk.ts");
    const engine = createLocalEngine({
      journal: createRunJournal(await this.database()),
      lock: await this.lock(),
      clock: await this.clock(),
      ids: await this.ids(),
      log: await this.log(),
      explain: (error, { runId, partition }) =>
        explainFullDisk(error, {
          folders: [this.#home, directoryOf(partition)],
          resume: `autosd runs resume ${runId}`,
        }),
    });
    this.#closers.unshift(() => engine.close());
    return engine;
  });

  readonly folders = once(async () =>
    (await import("./adapters/folders/machine-folders.ts")).createMachineFolders(this.#options.cwd),
  );

  readonly requirements = once(async () =>
    (await import("./adapters/folders/requirements-source.ts")).createRequirementsSource(
      this.#options.stdin,
    ),
  );

  readonly #git = once(async () => ({
    runner: await this.runner(),
    scratch: join(this.#home, "work", "git"),
    searchPath: this.#options.environment["PATH"] ?? "",
  }));

  readonly vcs = once(async () =>
    (await import("./adapters/vcs/git.ts")).createGit(await this.#git()),
  );

  readonly repositories = once(async () =>
    (await import("./adapters/vcs/existing.ts")).createExistingRepositories(await this.#git()),
  );

  readonly platforms = once(async (): Promise<readonly BlueprintPlatform[]> => [
    (await import("./blueprint/platforms/api-service/platform.ts")).apiServicePlatform,
  ]);

  readonly planner = once(async () =>
    (await import("./blueprint/plan/blueprint-planner.ts")).createBlueprintPlanner(
      await this.platforms(),
    ),
  );

  readonly providers = once(async () =>
    (await import("./compose/providers.ts")).localProviders({
      home: this.#home,
      packageFolder: this.#options.packageFolder,
      environment: this.#options.environment,
      clock: this.clock,
      log: this.log,
      files: this.files,
      own: this.own,
      vcs: this.vcs,
      sandbox: this.sandbox,
      planner: this.planner,
      platforms: this.platforms,
      dependencies: this.#verification.dependencies,
      registryHosts: () => this.#registryHosts(),
      prompts: this.prompts,
      onWaiting: (message) => this.#observe({ kind: "activity", message }),
      otlpEndpoint: this.#options.config.otlpEndpoint,
      version: this.#options.version,
      onClose: (close) => void this.#closers.unshift(close),
    }),
  );

  readonly prompts = once(async () =>
    (await import("./adapters/store/prompt-templates.ts")).createPromptTemplates({
      packaged: join(this.#options.packageFolder, "templates", "prompts"),
      home: join(this.#home, "prompts"),
      onForeign: (file) =>
        this.#observe({
          kind: "notice",
          message: `${file} is not used: it was not written on this machine`,
        }),
    }),
  );

  readonly sandbox = once(async () => {
    const { createSandbox } = await import("./adapters/sandbox/create-sandbox.ts");
    return createSandbox(await this.sandboxOptions());
  });

  readonly sandboxOptions = once(async () => ({
    preference: this.#options.config.sandbox,
    runner: await this.runner(),
    autosdHome: this.#home,
    scratchDirectory: join(this.#home, "work", "sandbox"),
    clock: await this.clock(),
    ids: await this.ids(),
    log: await this.log(),
    environment: this.#options.environment,
  }));

  async #registryHosts(): Promise<readonly string[]> {
    const configured = this.#options.config.registryHosts;
    if (configured.length > 0) return configured;
    const { registryHosts } = await import("./adapters/sandbox/create-sandbox.ts");
    return registryHosts(await this.sandboxOptions());
  }

  readonly workspaces = once(async () => {
    // From here on it is compilers and tests that need memory; before, collecting costs time.
    (await import("./adapters/engine/spare-memory.ts")).spareMemory();
    const { createScratchWorkspaces } = await import("./adapters/workspace/scratch-workspaces.ts");
    const { createDiskAwareWorkspaces } = await import("./adapters/disk/disk-aware-workspaces.ts");
    const scratch = join(this.#home, "work", "attempts");
    // Without a sandbox nothing ends what a command has left running.
    const outlives = this.#options.config.sandbox === "none";
    const pooled = createScratchWorkspaces({ scratch, vcs: await this.vcs(), outlives });
    this.#closers.push(() => pooled.close());
    return createDiskAwareWorkspaces(pooled);
  });

  /** For what happens before a run has begun: the same command finds it, or begins it. */
  async sayingFullDisk<T>(directory: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { explainFullDisk } = await import("./adapters/disk/explain-full-disk.ts");
      const folders = [this.#home, ...(directory === undefined ? [] : [directory])];
      throw explainFullDisk(error, { folders, resume: "the same command again" });
    }
  }

  /** Whoever watches the run of this process. */
  #observe: Observer = () => undefined;

  async launcher(observe: Observer, signal: AbortSignal): Promise<RunLauncher> {
    this.#observe = observe;
    await this.#caches.tendAtClose(signal);
    const { config, version } = this.#options;
    const { sbomOf } = await import("./delivery/verification/sbom.ts");
    const { createPromptJournal } = await import("./adapters/store/prompt-journal.ts");
    const files = await this.files();
    const engine = await this.engine();
    return {
      services: {
        autosdVersion: version,
        clock: await this.clock(),
        files,
        own: await this.own(),
        projects: await this.projects(),
        runs: engine,
        vcs: await this.vcs(),
        repositories: await this.repositories(),
        verifier: deferredVerifier(() => this.#verification.verifier()),
        workspaces: deferredWorkspaces(() => this.workspaces()),
        providers: await this.providers(),
        folders: await this.folders(),
        halts: await this.policy.halts(),
        ...deferredRecords({
          audit: () => this.governance.auditLog(),
          places: () => this.policy.source(),
        }),
        sbomOf,
        promptJournalOf: (directory) => createPromptJournal(files, directory),
        observe,
      },
      engine,
      beforeExecution: (runId) => this.policy.recordWeakened(runId),
      requirements: await this.requirements(),
      ids: await this.ids(),
      deadline: deadlineAfter,
      sprintDefaults: {
        executionMode: "direct",
        provider: config.provider,
        models: modelSettings(config),
        parallel: parallelSettings(config),
        providerWhy: null,
        replayFile: null,
        recordFile: null,
        preferredPlatform: config.preferredPlatform ?? null,
        maxTaskAttempts: config.maxTaskAttempts,
        reproducible: false,
        install: true,
      },
    };
  }

  async probes(): Promise<Parameters<typeof examine>[0]> {
    const { doctorProbes } = await import("./compose/doctor.ts");
    return doctorProbes({
      home: this.#home,
      cacheMaxMegabytes: this.#options.config.cacheMaxMegabytes,
      searchPath: this.#options.environment["PATH"] ?? "",
      runner: () => this.runner(),
      sandbox: () => this.sandboxOptions(),
    });
  }

  readonly exclusively = exclusivelyOn(this);

  /** Before a command changes what is in a project's folder. */
  async refuseHalted(directory: string): Promise<void> {
    const { refuseHaltedFolder } = await import("./engine/halt/refuse-halted-folder.ts");
    const services = { halts: await this.policy.halts(), files: await this.files() };
    await refuseHaltedFolder(services, directory, null);
  }

  readonly records = async () => ({ files: await this.files(), own: await this.own() });

  readonly backlogCalls = once(async () => {
    const { createBacklogCalls } = await import("./engine/backlog/backlog-calls.ts");
    const { readDocument } = await import("./delivery/requirements/read-document.ts");
    return createBacklogCalls({
      ...(await this.records()),
      projects: await this.projects(),
      clock: await this.clock(),
      exclusively: this.exclusively,
      readDocument: (source, text) => readDocument({ source, bytes: Buffer.from(text, "utf8") }),
    });
  });

  readonly learn = once(async () =>
    (await import("./compose/learn.ts")).learnCalls({
      projects: this.projects,
      files: this.files,
      prompts: this.prompts,
      clock: this.clock,
      folders: this.folders,
      lock: this.lock,
      exclusively: this.exclusively,
    }),
  );

  readonly sprintCalls = once(async () =>
    (await import("./engine/sprint/sprint-calls.ts")).createSprintCalls({
      ...(await this.records()),
      clock: await this.clock(),
      runs: await this.engine(),
      exclusively: this.exclusively,
    }),
  );

  readonly projectCalls = once(async () =>
    (await import("./engine/projects/project-calls.ts")).createProjectCalls({
      projects: await this.projects(),
      ...(await this.records()),
      runs: { get: async (runId) => (await this.engine()).get(runId) },
      recordRetirement: (id) => this.policy.recordRetirement(id),
      clock: await this.clock(),
    }),
  );

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
