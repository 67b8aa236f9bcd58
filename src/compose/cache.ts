import { join } from "node:path";
import { once } from "./governance.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

const dayMs = 24 * 60 * 60_000;
const megabyteBytes = 1_000_000;
/** Nobody waits longer for a command that is done; the next upkeep goes on. */
const upkeepBudgetMs = 5_000;

/** What upkeep of the caches needs. */
export interface CacheNeeds {
  readonly config: {
    readonly home: string;
    readonly cacheMaxMegabytes: number;
    readonly cacheUnusedDays: number;
  };
  readonly clock: () => Promise<Clock>;
  readonly log: () => Promise<Log>;
  readonly onClose: (close: () => Promise<void>) => void;
}

/** Who uses which store, and what becomes of those that nobody uses. */
export class CacheParts {
  readonly #needs: CacheNeeds;
  #isPlanned = false;

  constructor(needs: CacheNeeds) {
    this.#needs = needs;
  }

  readonly leases = once(async () => {
    const { createStoreLeases } = await import("../adapters/verification/store-leases.ts");
    return createStoreLeases(join(this.#needs.config.home, "cache", "leases"));
  });

  /** When everything is closed, and thus after people have seen their result; not once `signal` came. */
  async tendAtClose(signal: AbortSignal): Promise<void> {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // Opened now, so that it is closed later than this.
    const log = await this.#needs.log();
    this.#needs.onClose(async () => {
      const leases = await this.leases();
      // What was used just now goes last, and goes when even that is too much.
      await leases.close();
      if (signal.aborted) return;
      const { tendCaches } = await import("../adapters/verification/tend-caches.ts");
      const { home, cacheMaxMegabytes, cacheUnusedDays } = this.#needs.config;
      await tendCaches(
        {
          cacheFolder: join(home, "cache"),
          checkoutsFolder: join(home, "work", "gates"),
          clock: await this.#needs.clock(),
          leases,
          log,
        },
        {
          maxBytes: cacheMaxMegabytes * megabyteBytes,
          unusedMs: cacheUnusedDays * dayMs,
          signal: AbortSignal.any([signal, AbortSignal.timeout(upkeepBudgetMs)]),
        },
      );
    });
  }
}
