import { join } from "node:path";
import { once } from "./governance.ts";
import type { ComposeOptions } from "./options.ts";
import type { PipConfiguration } from "../adapters/sandbox/egress/pip-configuration.ts";

/** What of this machine autosd works with, each made once and when needed. */
export class MachineParts {
  readonly #options: ComposeOptions;
  readonly #home: string;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(options: ComposeOptions) {
    this.#options = options;
    this.#home = options.config.home;
  }

  readonly clock = once(
    async () => (await import("../adapters/process/system-clock.ts")).systemClock,
  );
  readonly ids = once(async () => (await import("../adapters/process/system-ids.ts")).systemIds);
  readonly log = once(async () => {
    const { openLog } = await import("../adapters/log/open-log.ts");
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
    (await import("../adapters/process/spawn-runner.ts")).createProcessRunner(),
  );
  readonly own = once(async () =>
    (await import("../adapters/store/own-records.ts")).createOwnRecords(
      join(this.#home, "records"),
    ),
  );
  readonly files = once(async () => {
    const { createProjectFiles } = await import("../adapters/store/project-files.ts");
    const { createVouchedFiles } = await import("../adapters/store/vouched-files.ts");
    return createVouchedFiles(createProjectFiles(), await this.own());
  });

  readonly database = once(async () => {
    const { openDatabase } = await import("../adapters/store/database.ts");
    const database = await openDatabase({ home: this.#home });
    this.onClose(() => database.close());
    return database;
  });

  readonly projects = once(async () =>
    (await import("../adapters/store/project-store.ts")).createProjectStore(await this.database()),
  );

  readonly lock = once(async () =>
    (await import("../adapters/engine/partition-lock.ts")).createPartitionLock(
      join(this.#home, "locks"),
    ),
  );

  readonly folders = once(async () =>
    (await import("../adapters/folders/machine-folders.ts")).createMachineFolders(
      this.#options.cwd,
    ),
  );

  readonly requirements = once(async () =>
    (await import("../adapters/folders/requirements-source.ts")).createRequirementsSource(
      this.#options.stdin,
    ),
  );

  readonly #git = once(async () => ({
    runner: await this.runner(),
    scratch: join(this.#home, "work", "git"),
    searchPath: this.#options.environment["PATH"] ?? "",
  }));

  readonly vcs = once(async () =>
    (await import("../adapters/vcs/git.ts")).createGit(await this.#git()),
  );

  readonly repositories = once(async () =>
    (await import("../adapters/vcs/existing.ts")).createExistingRepositories(await this.#git()),
  );

  readonly sandbox = once(async () => {
    const { createSandbox } = await import("../adapters/sandbox/create-sandbox.ts");
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

  /** Those that the configuration names, else those that npm is set up for. */
  async registryHosts(): Promise<readonly string[]> {
    const configured = this.#options.config.registryHosts;
    if (configured.length > 0) return configured;
    const { registryHosts } = await import("../adapters/sandbox/create-sandbox.ts");
    return registryHosts(await this.sandboxOptions());
  }

  /** Where pip installs from, as this machine is set up. */
  async pythonIndex(): Promise<PipConfiguration> {
    const { readPipConfiguration } =
      await import("../adapters/sandbox/egress/pip-configuration.ts");
    const { runner, environment } = await this.sandboxOptions();
    const found = await readPipConfiguration({ runner, environment });
    const configured = this.#options.config.registryHosts;
    return configured.length > 0 ? { ...found, hosts: configured } : found;
  }

  readonly workspaces = once(async () => {
    // From here on it is compilers and tests that need memory; before, collecting costs time.
    (await import("../adapters/engine/spare-memory.ts")).spareMemory();
    const { createScratchWorkspaces } = await import("../adapters/workspace/scratch-workspaces.ts");
    const { createDiskAwareWorkspaces } = await import("../adapters/disk/disk-aware-workspaces.ts");
    const scratch = join(this.#home, "work", "attempts");
    // Without a sandbox nothing ends what a command has left running.
    const outlives = this.#options.config.sandbox === "none";
    const pooled = createScratchWorkspaces({ scratch, vcs: await this.vcs(), outlives });
    this.#closers.push(() => pooled.close());
    return createDiskAwareWorkspaces(pooled);
  });

  /** Closed before all that was made earlier. */
  onClose(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }
}
