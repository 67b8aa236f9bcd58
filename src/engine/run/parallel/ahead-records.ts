import type { PromptJournal } from "../../../delivery/agent/model/prompt-journal.port.ts";
import { type Clock, isoTime } from "../../../kernel/clock.ts";
import type { Adoption } from "./adopt.ts";
import { type AheadFacts, isThrownAway } from "./ahead-report.ts";
import { type JournaledFetch, journaledFetch } from "./journaled-fetch.ts";

/** Which attempt, and of which run. */
export interface AttemptPlace {
  readonly run: string;
  /** Of the project whose journal it is. */
  readonly directory: string;
  readonly story: string;
  readonly attempt: number;
}

/** What has become of attempts ahead of their turn: in the journal, and for the report the same. */
export class AheadRecords {
  readonly #journalOf: (directory: string) => PromptJournal;
  readonly #clock: Clock;
  readonly #facts = new Map<string, AheadFacts>();

  constructor(parts: {
    readonly journalOf: (directory: string) => PromptJournal;
    readonly clock: Clock;
  }) {
    this.#journalOf = parts.journalOf;
    this.#clock = parts.clock;
  }

  /** Undefined: the attempt was not made ahead, or its turn has not come. */
  factsOf(story: string, attempt: number): AheadFacts | undefined {
    return this.#facts.get(attemptKey(story, attempt));
  }

  /** What an earlier execution has left; what it threw away is known from then on. */
  async left(place: AttemptPlace): Promise<JournaledFetch> {
    const { directory, ...records } = place;
    const state = journaledFetch(await this.#journalOf(directory).of(records));
    if (state.kind === "discarded") {
      const { decision, because } = state;
      this.#keep(place, { decision, because, savedMs: 0 });
    }
    return state;
  }

  /** It is begun ahead, on that tree. */
  async begin({ directory, ...place }: AttemptPlace, baseTree: string): Promise<void> {
    const start = { kind: "prefetch-start", baseTree } as const;
    await this.#journalOf(directory).append({ ...place, ...this.#now(), ...start });
  }

  /** It is taken over, or thrown away. */
  async decide(
    attempt: AttemptPlace,
    { decision, because }: Adoption,
    savedMs: number,
  ): Promise<void> {
    const { directory, ...place } = attempt;
    const what = { kind: "prefetch", decision, because } as const;
    await this.#journalOf(directory).append({ ...place, ...this.#now(), ...what });
    const saved = isThrownAway(decision) ? 0 : Math.round(savedMs);
    this.#keep(attempt, { decision, because, savedMs: saved });
  }

  #keep({ story, attempt }: AttemptPlace, facts: AheadFacts): void {
    this.#facts.set(attemptKey(story, attempt), facts);
  }

  #now(): { readonly turn: number; readonly ts: string } {
    return { turn: 0, ts: isoTime(this.#clock.now()) };
  }
}

/** Names an attempt among those of its run. */
export function attemptKey(story: string, attempt: number): string {
  return `${story} attempt ${attempt}`;
}
