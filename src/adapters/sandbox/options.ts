import type { SandboxBackend } from "../../delivery/agent/sandbox.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Log } from "../../kernel/log.ts";
import type { ProcessRunner } from "../../kernel/process.ts";

/** What a sandbox is built from. */
export interface SandboxOptions {
  /** `auto` never means `none`: without a working backend `createSandbox` throws. */
  readonly preference: "auto" | SandboxBackend;
  readonly runner: ProcessRunner;
  readonly autosdHome: string;
  /** A folder of autosd's own; each run keeps its files in a folder below it. */
  readonly scratchDirectory: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log?: Log;
  /**
   * The caller's environment. Only the names of proxies, certificate files and npm's settings are
   * looked at, for egress; nothing of it reaches a command.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The Node that commands find; by default the one that runs autosd. */
  readonly execPath?: string;
  /** User and group of commands when autosd is root; one that nothing else on the machine uses. */
  readonly userId?: number;
}
