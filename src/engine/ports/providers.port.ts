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

export interface ProviderChoice {
  readonly provider: string;
  readonly replayFile: string | null;
  readonly recordFile: string | null;
}

/** Resolves `--provider`. An unusable one is an error; `auto` always finds one. */
export interface Providers {
  choose(choice: ProviderChoice): Promise<ChosenProvider>;
}
