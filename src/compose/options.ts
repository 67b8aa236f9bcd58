import type { Readable } from "node:stream";
import type { Config } from "../config/options.ts";
import type { ModelSettings } from "../engine/ports/providers.port.ts";
import type { ParallelSettings } from "../engine/run/parallel/parallel-settings.ts";

/** What the process edge knows and the adapters need. */
export interface ComposeOptions {
  readonly config: Config;
  readonly version: string;
  /** Folder of package.json: where `templates/` stands. */
  readonly packageFolder: string;
  /** Absolute: where relative paths start. */
  readonly cwd: string;
  readonly stdin: Readable;
  /** Where git and npm are found, how npm is configured. Never shown to sandboxed commands. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asks a person for a passphrase, without echo; undefined when nobody is there. */
  readonly askSecret: ((question: string) => Promise<string>) | undefined;
  /** Told once when the log cannot be written; the work goes on. */
  readonly onLogFailure: (error: Error) => void;
}

/** What the configuration sets for language models; null: nothing. */
export function modelSettings(config: Config): ModelSettings | null {
  const settings = {
    model: config.model ?? null,
    plannerModel: config.plannerModel ?? null,
    baseUrl: config.baseUrl ?? null,
    keyFile: config.keyFile ?? null,
    waitForResetSeconds: config.waitForResetSeconds ?? null,
    maxCostUsd: config.maxCostUsd ?? null,
    maxTokens: config.maxTokens ?? null,
  };
  if (Object.values(settings).every((one) => one === null)) return null;
  const { modelContextTokens, plannerModelContextTokens } = config;
  return {
    ...settings,
    ...(modelContextTokens === undefined ? {} : { modelContextTokens }),
    ...(plannerModelContextTokens === undefined ? {} : { plannerModelContextTokens }),
  };
}

/** How many stories are worked on at once, as the configuration says. */
export function parallelSettings(config: Config): ParallelSettings {
  return {
    workers: config.parallelPromptWorkers,
    allowStale: config.allowStaleParallelPrompts,
    rule: config.strictParallelPrompts ? "workspace" : "read-set",
  };
}
