import type { AgentEvent } from "../../delivery/agent/implementer.port.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";

/** So many attempts in a row that went nowhere end a run: more of the same would only cost more. */
export const maxAttemptsWithoutProgress = 2;

type End =
  { readonly kind: "proposal" | "unimplemented" } | Extract<AgentEvent, { kind: "failed" }>;

/**
 * Whether a run still gets anywhere. It counts attempts that are made, not those that the journal
 * remembers: a run that is resumed goes on with the other stories before it is stopped again.
 */
export class RunProgress {
  #aimless: readonly string[] = [];

  /** How an attempt ended; `label` names it: `ST-1 attempt 2`. Whether a proposal is good, gates decide. */
  note(label: string, end: End): void {
    if (end.kind === "proposal") this.#aimless = [];
    else if (end.kind === "failed" && end.isWithoutProgress === true)
      this.#aimless = [...this.#aimless, `${label}: ${end.reason}`];
  }

  /** AUTOSD-NO-PROGRESS, with what is known of each attempt, when too many went nowhere in a row. */
  refuseGoingNowhere(runId: string): void {
    const evidence = this.#aimless;
    if (evidence.length < maxAttemptsWithoutProgress) return;
    throw new ModelError(
      "AUTOSD-NO-PROGRESS",
      `${evidence.length} attempts in a row brought no story nearer to done (${evidence.join("; ")})`,
      {
        remedy: `Clarify what these stories ask for and run again, or go on with the others: autosd runs resume ${runId}`,
        details: { evidence },
      },
    );
  }
}
