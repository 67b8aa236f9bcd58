import type {
  AgentEvent,
  ImplementationRun,
  ImplementationTask,
  Implementer,
} from "../../../delivery/agent/implementer.port.ts";
import type { PromptJournal } from "../../../delivery/agent/model/prompt-journal.port.ts";
import type { Story } from "../../../delivery/backlog/backlog.ts";
import { AutosdError } from "../../../kernel/errors.ts";
import { adoptFetched } from "./adopt.ts";
import { AheadRecords, attemptKey, type AttemptPlace } from "./ahead-records.ts";
import type { AheadFacts } from "./ahead-report.ts";
import { fetchAttempt, type Fetched, type FetchParts } from "./fetch.ts";
import { cutStale, type UnderWay } from "./cut-stale.ts";
import type { ParallelSettings } from "./parallel-settings.ts";

export interface AheadParts extends FetchParts {
  /** The journal of a project's folder. */
  readonly journalOf: (directory: string) => PromptJournal;
}

type Settled =
  | { readonly kind: "fetched"; readonly fetched: Fetched }
  | { readonly kind: "failed"; readonly error: unknown }
  /** It was not begun, because an earlier execution had dealt with it, or it was cut on its way. */
  | { readonly kind: "left" };

interface How {
  readonly attempt: number;
  /** Its turn has not come. */
  readonly isAhead: boolean;
}

interface Turn {
  readonly inner: Implementer;
  readonly task: ImplementationTask;
  readonly run: ImplementationRun;
}

/**
 * Makes attempts ahead of their turn, and gives each out when it comes. At most `workers` attempts
 * are under way, the one whose turn it is among them, and at most twice as many are ahead as there
 * are workers besides it. Nothing is begun outside of a turn that really is taken: a story whose
 * outcome is remembered is not paid for again. A story is fetched ahead once; what is stale then is
 * made at its turn. What a commit makes stale on its way is cut there and then; and once the budget
 * has nothing left for work ahead, none is begun any more.
 */
export class StoriesAhead {
  readonly #parts: AheadParts;
  readonly #settings: ParallelSettings;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #fetches = new Map<string, Promise<Settled>>();
  readonly #everything = new Set<Promise<Settled>>();
  readonly #begun = new Set<string>();
  readonly #leashes = new Map<string, UnderWay>();
  readonly #records: AheadRecords;
  #startable: readonly Story[] = [];
  #turn: Turn | undefined;
  #underWay = 0;
  #isPaused = false;
  #isBudgetLow = false;

  constructor(parts: AheadParts, settings: ParallelSettings, signal: AbortSignal) {
    this.#parts = parts;
    this.#records = new AheadRecords(parts);
    this.#settings = settings;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** The same implementer; what was made ahead comes out of it at its turn. Only models are waited for. */
  over(inner: Implementer): Implementer {
    if (inner.kind !== "model") return inner;
    const adapt = inner.adapt?.bind(inner);
    return {
      kind: inner.kind,
      implement: (task, signal) => this.#implement(inner, task, signal),
      ...(adapt === undefined ? {} : { adapt }),
    };
  }

  /** Stories that nothing holds up, in the order of their turns. Said before each turn. */
  expect(startable: readonly Story[]): void {
    this.#startable = startable;
  }

  /** What became of the attempt at its turn; undefined: it was not made ahead. */
  factsOf(story: string, attempt: number): AheadFacts | undefined {
    return this.#records.factsOf(story, attempt);
  }

  /** Stops everything that is under way and waits for its end. What is journaled is of use later. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the run does not go on"));
    await Promise.all(this.#everything);
  }

  async *#implement(
    inner: Implementer,
    task: ImplementationTask,
    signal: AbortSignal,
  ): AsyncIterable<AgentEvent> {
    const { run } = task;
    if (run === undefined) {
      yield* inner.implement(task, signal);
      return;
    }
    const turn: Turn = { inner, task, run };
    this.#turn = turn;
    await cutStale(this.#parts, this.#settings, [...this.#leashes.values()], task, signal);
    const adopted = await this.#adopt(turn, signal);
    if (adopted !== undefined) {
      yield* adopted.progress;
      yield adopted.last;
      return;
    }
    this.#underWay += 1;
    this.#fill();
    try {
      yield* inner.implement(task, signal);
    } finally {
      this.#underWay -= 1;
      this.#fill();
    }
  }

  async #adopt(turn: Turn, signal: AbortSignal): Promise<Fetched | undefined> {
    const { task } = turn;
    const key = attemptKey(task.story.id, task.attempt);
    const ahead = this.#fetches.get(key);
    const known = ahead === undefined ? await this.#begunBefore(turn) : { settled: ahead };
    this.#fetches.delete(key);
    this.#begun.add(key);
    if (known === undefined) return undefined;
    this.#fill();
    const fromMs = this.#parts.clock.monotonicMs();
    const fetched = await this.#taken(turn, await known.settled, signal);
    if (fetched === undefined) return undefined;
    const waitedMs = this.#parts.clock.monotonicMs() - fromMs;
    const adoption = await adoptFetched(this.#parts, this.#settings, { task, fetched }, signal);
    const savedMs = Math.max(0, fetched.durationMs - waitedMs);
    await this.#records.decide(placeOf(turn, task.story.id, task.attempt), adoption, savedMs);
    return adoption.decision === "stale" ? undefined : fetched;
  }

  /** What failed is gone on with once more, now that it is its turn: only then its error counts. */
  async #taken(turn: Turn, settled: Settled, signal: AbortSignal): Promise<Fetched | undefined> {
    signal.throwIfAborted();
    if (settled.kind === "fetched") return settled.fetched;
    if (settled.kind === "left") return undefined;
    const begun = await this.#begunBefore(turn);
    this.#isPaused = begun !== undefined;
    if (begun === undefined) return undefined;
    const again = await begun.settled;
    signal.throwIfAborted();
    if (again.kind === "failed") throw again.error;
    this.#isPaused = false;
    return again.kind === "fetched" ? again.fetched : undefined;
  }

  /** Goes on with an attempt that the journal knows to be begun ahead, on the tree that it was begun on. */
  async #begunBefore(turn: Turn): Promise<{ readonly settled: Promise<Settled> } | undefined> {
    const { story, attempt } = turn.task;
    const state = await this.#records.left(placeOf(turn, story.id, attempt));
    if (state.kind !== "open") return undefined;
    return { settled: this.#start(turn, story, { attempt, isAhead: false }) };
  }

  /** Begins what there is room for. */
  #fill(): void {
    const turn = this.#turn;
    const { workers } = this.#settings;
    const maxAhead = 2 * (workers - 1);
    for (const story of this.#startable) {
      const isFull = this.#underWay >= workers || this.#fetches.size >= maxAhead;
      const isStopped = this.#isPaused || this.#isBudgetLow || this.#signal.aborted;
      if (turn === undefined || isFull || isStopped) return;
      const attempt = nextAttempt(story);
      const key = attemptKey(story.id, attempt);
      if (this.#begun.has(key)) continue;
      this.#begun.add(key);
      this.#fetches.set(key, this.#start(turn, story, { attempt, isAhead: true }));
    }
  }

  /** Never rejects. */
  #start(turn: Turn, story: Story, how: How): Promise<Settled> {
    this.#underWay += 1;
    const key = attemptKey(story.id, how.attempt);
    const settled = this.#fetch(turn, story, how)
      .catch((error: unknown) => this.#failed(turn, story, how, error))
      .catch((error: unknown): Settled => ({ kind: "failed", error }))
      .finally(() => {
        this.#leashes.delete(key);
        this.#underWay -= 1;
        this.#fill();
      });
    this.#everything.add(settled);
    return settled;
  }

  /** Ahead of its turn the budget is spent before it is; what has cost nothing is begun anew then. */
  async #failed(turn: Turn, story: Story, how: How, error: unknown): Promise<Settled> {
    const failed: Settled = { kind: "failed", error };
    if (!how.isAhead || !isBudgetSpent(error)) {
      this.#isPaused = true;
      return failed;
    }
    this.#isBudgetLow = true;
    const place = placeOf(turn, story.id, how.attempt);
    const state = await this.#records.left(place);
    if (state.kind !== "open" || state.isPaid) return failed;
    await this.#records.decide(place, { decision: "discarded", because: keptForTurns }, 0);
    return { kind: "left" };
  }

  async #fetch(turn: Turn, story: Story, { attempt, isAhead }: How): Promise<Settled> {
    const { inner, task, run } = turn;
    const place = placeOf(turn, story.id, attempt);
    const state = await this.#records.left(place);
    if (state.kind === "at-turn" || state.kind === "discarded") return { kind: "left" };
    const baseTree = state.kind === "open" ? state.baseTree : task.workspace.baseTree;
    this.#signal.throwIfAborted();
    if (state.kind === "none") await this.#records.begin(place, baseTree);
    const leash: UnderWay = { baseTree, reads: () => [], cutBecause: undefined };
    this.#leashes.set(attemptKey(story.id, attempt), leash);
    const fetched = await fetchAttempt(
      this.#parts,
      inner,
      {
        ...task,
        ...{ story, attempt, failures: [], baseTree, leash },
        run: { ...run, isAhead },
        repository: run.directory,
        name: `${run.id}-${story.id}-ahead`,
      },
      this.#signal,
    );
    if (fetched !== undefined) return { kind: "fetched", fetched };
    const because = leash.cutBecause ?? "";
    await this.#records.decide(place, { decision: "discarded", because }, 0);
    // There is room for another one.
    this.#fetches.delete(attemptKey(story.id, attempt));
    return { kind: "left" };
  }
}

const keptForTurns = "budget: what is left is kept for the stories whose turn it is";

function isBudgetSpent(error: unknown): boolean {
  return error instanceof AutosdError && error.code === "AUTOSD-BUDGET-SPENT";
}

function nextAttempt(story: Story): number {
  return (story.attempts.at(-1)?.number ?? 0) + 1;
}

function placeOf({ run }: Turn, story: string, attempt: number): AttemptPlace {
  return { run: run.id, directory: run.directory, story, attempt };
}
