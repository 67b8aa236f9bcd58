import type { LogFacts } from "../grants/log-facts.ts";
import type { TrustList } from "../keys/trust.ts";
import { resumeProblem } from "./signed-entries.ts";

/** A halt that the log records and that no operator lifted. */
export interface StandingHalt {
  /** `*`: everything. */
  readonly project: string;
  readonly seq: number;
  readonly reason: string;
  /** Entries that say it was lifted and are no operator's word. */
  readonly forged: readonly { readonly seq: number; readonly problem: string }[];
}

/**
 * The halt of the project, or of everything, that the log holds. `trust` is asked only when an entry
 * says that one was lifted.
 */
export async function standingHaltOver(
  project: string,
  facts: LogFacts,
  trust: () => Promise<TrustList | undefined>,
): Promise<StandingHalt | undefined> {
  for (const name of new Set([project, "*"])) {
    const halt = facts.recordedHalt(name);
    if (halt === undefined) continue;
    const known = halt.lifts.length === 0 ? undefined : await trust();
    const standing = await standingHaltOf(name, facts, known);
    if (standing !== undefined) return standing;
  }
  return undefined;
}

/** One clause for each entry that claims to lift it. */
export function doubtsOf({ forged }: StandingHalt): readonly string[] {
  return forged.map(({ seq, problem }) => `entry ${seq} lifts nothing: ${problem}`);
}

/** Why something is halted, to be put after a sentence; nothing when nobody said. */
export function because(reason: string): string {
  return reason === "" ? "" : `: ${reason}`;
}

/**
 * The halt that the log holds against the very name (`*`: against everything). An entry that lifts
 * one counts only with an operator's signature that holds now; without a trust list none does.
 */
export async function standingHaltOf(
  name: string,
  facts: LogFacts,
  trust: TrustList | undefined,
): Promise<StandingHalt | undefined> {
  const halt = facts.recordedHalt(name);
  if (halt === undefined) return undefined;
  const { seq, reason, lifts } = halt;
  const forged: { readonly seq: number; readonly problem: string }[] = [];
  for (const lift of lifts) {
    const claim = { project: name, haltSeq: seq, seq: lift.seq, details: lift.details };
    const problem = await resumeProblem(claim, { trust, facts });
    if (problem === undefined) return undefined;
    forged.push({ seq: lift.seq, problem });
  }
  return { project: name, seq, reason, forged };
}
