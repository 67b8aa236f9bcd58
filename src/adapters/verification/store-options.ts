import type { Sandbox } from "../../delivery/agent/sandbox.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { StoreLeases } from "./store-leases.ts";

/** What a dependency store works with. */
export interface DependencyStoreOptions {
  /** `$AUTOSD_HOME/cache` */
  readonly cacheFolder: string;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** Keeps what this process uses from being removed by another. */
  readonly leases: Pick<StoreLeases, "share">;
  /** `host:port` of the package registries; the only places that an install may reach. */
  readonly registryHosts: () => Promise<readonly string[]>;
  /** The same for Python packages. Absent: there is no index, and what needs one is refused. */
  readonly pythonIndex?: () => Promise<PythonIndex>;
  /** Asked before an install: npm tries a registry that is away for minutes. */
  readonly isReachable: (hosts: readonly string[], signal: AbortSignal) => Promise<boolean>;
  /** Told what an install waits for, when it waits longer than people think nothing of. */
  readonly onWaiting?: (message: string) => void;
  /** What the package manager is told besides: `npm_config_registry`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Decides whether an installed folder fits: `node 20.20.2 abi115 linux x64`. */
  readonly platform: string;
}

/** Where Python packages come from. */
export interface PythonIndex {
  readonly hosts: readonly string[];
  /** What pip is told besides. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folders of this machine that hold packages, shown read-only at `path`. */
  readonly folders: readonly { readonly hostPath: string; readonly path: string }[];
}
