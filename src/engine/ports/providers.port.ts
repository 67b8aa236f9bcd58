import type { Implementer } from "../../delivery/agent/implementer.port.ts";
import type { Planner } from "../../delivery/agent/planner.port.ts";

/** Who plans and who builds in a run, and why they were chosen. */
export interface ChosenProvider {
  /** `blueprint`, `replay`, ... as `--provider` names it; never `auto`. */
  readonly name: string;
  /** One sentence for people: why this one. */
  readonly why: string;
  readonly planner: Planner;
  readonly implementer: Implementer;
}

/** What a person set for language models; a key is never among it, only where it is. Null: not set. */
export interface ModelSettings {
  readonly model: string | null;
  readonly plannerModel: string | null;
  readonly baseUrl: string | null;
  /** Absolute. */
  readonly keyFile: string | null;
  readonly waitForResetSeconds: number | null;
  readonly maxCostUsd: number | null;
  readonly maxTokens: number | null;
  /** What the model takes, its answer included. Absent: as null. */
  readonly modelContextTokens?: number | null;
  /** The same of the planner's model, when it has one of its own. */
  readonly plannerModelContextTokens?: number | null;
}

/** What a person set for an external agent; values of variables are never among it. */
export interface AgentSettings {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Null: the agent needs none, or knows itself. */
  readonly authMethod: string | null;
  /** `host:port` that the agent may reach besides the package registries. */
  readonly egress: readonly string[];
  /** Names of the variables that are handed to it. */
  readonly environment: readonly string[];
  /** Absolute: folders of its installation. */
  readonly readFolders: readonly string[];
  /** For one story. */
  readonly timeoutSeconds: number;
  /** Longest silence. */
  readonly silentSeconds: number;
  /** Whose model plans; null: blueprint plans. */
  readonly plannerProvider: string | null;
}

export interface ProviderChoice {
  readonly provider: string;
  readonly models: ModelSettings | null;
  /** Why `auto` became `provider`; null: it was asked for. */
  readonly providerWhy: string | null;
  readonly replayFile: string | null;
  readonly recordFile: string | null;
  /** Absent: no external agent is meant. */
  readonly agent?: AgentSettings | undefined;
}

/** Resolves `--provider`. An unusable one is an error; `auto` always finds one. */
export interface Providers {
  /** Turns `auto` into a name, once and before the run begins: a resumed run goes on with the same. */
  settle(choice: ProviderChoice): Promise<ProviderChoice>;
  /** `over` is laid over the implementer, below what records the session. */
  choose(
    choice: ProviderChoice,
    over?: (implementer: Implementer) => Implementer,
  ): Promise<ChosenProvider>;
}
