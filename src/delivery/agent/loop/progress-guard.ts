const maxTurnsWithoutEvidence = 10;
const maxTurns = 150;
const maxSameCalls = 3;

/** What a turn brought to light. */
export interface TurnEvidence {
  /** Names of the states that the workspace was in. */
  readonly states: readonly string[];
  /** Digests of what calls showed. */
  readonly seen: readonly string[];
  /** The calls themselves, as digests. */
  readonly calls: readonly string[];
}

/**
 * Ends an attempt that goes nowhere. A turn is worth something when it brings files into a state in
 * which they never were, or shows something that was not seen before: what a model says of itself
 * is no evidence, and no other model is asked.
 */
export class ProgressGuard {
  readonly #known = new Set<string>();
  #turns = 0;
  #idle = 0;
  #lastCalls = "";
  #repeated = 0;

  /** Why to stop after this turn; undefined to go on. */
  after(turn: TurnEvidence): string | undefined {
    this.#turns += 1;
    const fresh = [...turn.states, ...turn.seen].filter((one) => !this.#known.has(one));
    for (const one of fresh) this.#known.add(one);
    this.#idle = fresh.length > 0 ? 0 : this.#idle + 1;
    const calls = turn.calls.join("\0");
    this.#repeated =
      calls !== "" && calls === this.#lastCalls && fresh.length === 0 ? this.#repeated + 1 : 0;
    this.#lastCalls = calls;
    if (this.#repeated >= maxSameCalls)
      return `the same calls were made ${this.#repeated + 1} times with the same outcome`;
    if (this.#idle >= maxTurnsWithoutEvidence)
      return `${this.#idle} turns in a row changed nothing and showed nothing new`;
    if (this.#turns >= maxTurns) return `${maxTurns} turns did not finish the story`;
    return undefined;
  }
}
