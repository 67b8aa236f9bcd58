import { join } from "node:path";
import { CacheParts } from "./cache.ts";
import { exclusivelyOn } from "./exclusively.ts";
import { GovernanceParts, once } from "./governance.ts";
import { MachineParts } from "./machine.ts";
import type { ComposeOptions } from "./options.ts";
import { PolicyParts } from "./policy.ts";
import { VerificationParts } from "./verification.ts";
import type { BlueprintPlatform } from "../blueprint/platforms/platform.port.ts";
import type { Observer } from "../engine/autosd.ts";
import { directoryOf } from "../engine/projects/partition.ts";

/** What autosd is made of, each part made once and when a command first needs it. */
export class Parts {
  readonly options: ComposeOptions;
  readonly machine: MachineParts;
  readonly governance: GovernanceParts;
  readonly policy: PolicyParts;
  readonly caches: CacheParts;
  readonly verification: VerificationParts;
  readonly #home: string;
  /** Whoever watches the run of this process. */
  #observe: Observer = () => undefined;

  constructor(options: ComposeOptions) {
    this.options = options;
    this.#home = options.config.home;
    this.machine = new MachineParts(options);
    const { machine } = this;
    const { clock, ids, log } = machine;
    const onClose = (close: () => Promise<void>) => machine.onClose(close);
    this.governance = new GovernanceParts({ options, clock, ids, log, onClose });
    this.caches = new CacheParts({ config: options.config, clock, log, onClose });
    this.verification = new VerificationParts({
      home: this.#home,
      ...{ clock, log, vcs: machine.vcs, sandbox: machine.sandbox },
      leases: () => this.caches.leases(),
      isReachable: async () => {
        const { createRegistryReach } = await import("../adapters/sandbox/create-sandbox.ts");
        return createRegistryReach(await machine.sandboxOptions());
      },
      onWaiting: (message) => this.#observe({ kind: "activity", message }),
      registryHosts: () => machine.registryHosts(),
      pythonIndex: () => machine.pythonIndex(),
    });
    this.policy = new PolicyParts({ ...options, governance: this.governance, parts: machine });
  }

  readonly engine = once(async () => {
    const { createLocalEngine } = await import("../adapters/engine/local-engine.ts");
    const { createRunJournal } = await import("../adapters/store/run-journal.ts");
    const { explainFullDisk } = await import("../adapters/disk/explain-full-disk.ts");
    const engine = createLocalEngine({
      journal: createRunJournal(await this.machine.database()),
      lock: await this.machine.lock(),
      clock: await this.machine.clock(),
      ids: await this.machine.ids(),
      log: await this.machine.log(),
      explain: (error, { runId, partition }) =>
        explainFullDisk(error, {
          folders: [this.#home, directoryOf(partition)],
          resume: `autosd runs resume ${runId}`,
        }),
    });
    this.machine.onClose(() => engine.close());
    return engine;
  });

  readonly platforms = once(async (): Promise<readonly BlueprintPlatform[]> => [
    (await import("../blueprint/platforms/api-service/platform.ts")).apiServicePlatform,
  ]);

  readonly planner = once(async () =>
    (await import("../blueprint/plan/blueprint-planner.ts")).createBlueprintPlanner(
      await this.platforms(),
    ),
  );

  readonly providers = once(async () => {
    const { machine } = this;
    return (await import("./providers.ts")).localProviders({
      ...{ clock: machine.clock, log: machine.log, files: machine.files, own: machine.own },
      ...{ vcs: machine.vcs, sandbox: machine.sandbox },
      home: this.#home,
      packageFolder: this.options.packageFolder,
      environment: this.options.environment,
      planner: this.planner,
      platforms: this.platforms,
      dependencies: this.verification.dependencies,
      registryHosts: () => machine.registryHosts(),
      prompts: this.prompts,
      onWaiting: (message) => this.#observe({ kind: "activity", message }),
      otlpEndpoint: this.options.config.otlpEndpoint,
      version: this.options.version,
      onClose: (close) => machine.onClose(close),
    });
  });

  readonly prompts = once(async () =>
    (await import("../adapters/store/prompt-templates.ts")).createPromptTemplates({
      packaged: join(this.options.packageFolder, "templates", "prompts"),
      home: join(this.#home, "prompts"),
      onForeign: (file) =>
        this.#observe({
          kind: "notice",
          message: `${file} is not used: it was not written on this machine`,
        }),
    }),
  );

  /** From now on: what is waited for, and what a person should know, is told to it. */
  watchedBy(observe: Observer): void {
    this.#observe = observe;
  }

  /** For what happens before a run has begun: the same command finds it, or begins it. */
  async sayingFullDisk<T>(directory: string | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { explainFullDisk } = await import("../adapters/disk/explain-full-disk.ts");
      const folders = [this.#home, ...(directory === undefined ? [] : [directory])];
      throw explainFullDisk(error, { folders, resume: "the same command again" });
    }
  }

  /** Before a command changes what is in a project's folder. */
  async refuseHalted(directory: string): Promise<void> {
    const { refuseHaltedFolder } = await import("../engine/halt/refuse-halted-folder.ts");
    const services = { halts: await this.policy.halts(), files: await this.machine.files() };
    await refuseHaltedFolder(services, directory, null);
  }

  readonly exclusively = exclusivelyOn({
    lock: () => this.machine.lock(),
    folders: () => this.machine.folders(),
    refuseHalted: (directory) => this.refuseHalted(directory),
  });
}
