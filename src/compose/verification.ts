import { join } from "node:path";
import { once } from "./governance.ts";
import { platformOfNode } from "./surroundings.ts";
import type { createDependencyStore } from "../adapters/verification/dependency-store.ts";
import type { Sandbox } from "../delivery/agent/sandbox.port.ts";
import type { Vcs } from "../delivery/agent/vcs.port.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

type StoreOptions = Parameters<typeof createDependencyStore>[0];

/** What gates need. */
export interface VerificationNeeds {
  readonly home: string;
  readonly clock: () => Promise<Clock>;
  readonly log: () => Promise<Log>;
  readonly vcs: () => Promise<Vcs>;
  readonly sandbox: () => Promise<Sandbox>;
  readonly leases: () => Promise<StoreOptions["leases"]>;
  readonly isReachable: () => Promise<StoreOptions["isReachable"]>;
  readonly onWaiting: (message: string) => void;
  readonly registryHosts: () => Promise<readonly string[]>;
  readonly pythonIndex: NonNullable<StoreOptions["pythonIndex"]>;
}

/** The judge of what was built and what it installs, each made once and when needed. */
export class VerificationParts {
  readonly #needs: VerificationNeeds;

  constructor(needs: VerificationNeeds) {
    this.#needs = needs;
  }

  readonly #sandbox = once(async () => {
    const { createDiskAwareSandbox } = await import("../adapters/disk/disk-aware-sandbox.ts");
    return createDiskAwareSandbox(await this.#needs.sandbox(), this.#needs.home);
  });

  readonly dependencies = once(async () => {
    const { createDependencyStore } = await import("../adapters/verification/dependency-store.ts");
    const { boundedRetries } = await import("../adapters/verification/install-retries.ts");
    const { home, clock, leases, isReachable, onWaiting, registryHosts, pythonIndex } = this.#needs;
    return createDependencyStore({
      cacheFolder: join(home, "cache"),
      sandbox: await this.#sandbox(),
      clock: await clock(),
      leases: await leases(),
      platform: platformOfNode(),
      environment: boundedRetries,
      isReachable: await isReachable(),
      onWaiting,
      registryHosts,
      pythonIndex,
    });
  });

  readonly verifier = once(async () => {
    const { createVerifier } = await import("../delivery/verification/verifier.ts");
    const { createScratchCheckouts } =
      await import("../adapters/verification/scratch-checkouts.ts");
    const { createFileEvidence } = await import("../adapters/verification/file-evidence.ts");
    const { openWorkspace } = await import("../adapters/workspace/folder-workspace.ts");
    const { home, clock, log, vcs } = this.#needs;
    return createVerifier({
      sandbox: await this.#sandbox(),
      clock: await clock(),
      platform: platformOfNode(),
      log: await log(),
      evidence: createFileEvidence({
        cacheFolder: join(home, "cache", "evidence"),
        log: await log(),
      }),
      checkouts: createScratchCheckouts({
        scratch: join(home, "work", "gates"),
        vcs: await vcs(),
        openWorkspace,
      }),
      dependencies: await this.dependencies(),
    });
  });
}
