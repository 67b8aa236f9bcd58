import type { Clock } from "../../../kernel/clock.ts";
import { isoTime } from "../../../kernel/clock.ts";
import { formatDuration } from "../../../kernel/duration.ts";
import { ModelError } from "../model/errors.ts";
import { type Costs, unknownLimits } from "./limit-records.ts";
import { admit, ended, heard, refused } from "./limit-state.ts";
import type { LimitStore } from "./limit-store.port.ts";
import type { LimitNews } from "./read-limits.ts";
import type { NextPause } from "./refusals-in-a-row.ts";

/** Resolves after about `ms`, or as soon as `signal` aborts. Never rejects. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface LimiterParts {
  readonly store: LimitStore;
  readonly clock: Clock;
  readonly wait: Wait;
  /** Of this process, among those that share the store. */
  readonly owner: string;
  /** Unique among all requests of all processes. */
  readonly nextId: () => string;
}

/** A request that may go. The first of `done` and `refused` ends it; a later `done` is ignored. */
export interface Ticket {
  /** Time spent waiting for it. */
  readonly waitedMs: number;
  /** How many requests of all who share the limit had been let through when it was sent. */
  readonly answersBefore: number;
  heard(news: LimitNews): Promise<void>;
  /** `whole`: the answer came to its end. */
  done(whole: boolean): Promise<void>;
  /** The server said 429; returns when the next request may go. */
  refused(news: LimitNews, pause: NextPause): Promise<{ readonly untilMs: number }>;
}

export interface Patience {
  /** The longest single wait. */
  readonly maxWaitMs: number;
  /** Told before the wait for the server is longer than a second, and when its end moves. */
  readonly onWaiting: (untilMs: number) => void;
  /** Told once when the wait for other requests to end has lasted; absent: nobody wants to know. */
  readonly onTurn?: (waitedMs: number) => void;
}

/** Lets requests go as fast as the server's limits allow, and no faster. */
export interface Limiter {
  /**
   * Waits for its turn, first come first served within the process. Throws
   * AUTOSD-MODEL-RATE-LIMITED at once when that takes longer than allowed; aborting throws the
   * signal's reason.
   */
  enter(key: string, costs: Costs, patience: Patience, signal: AbortSignal): Promise<Ticket>;
}

/** Another process does not say when its request ends. */
const turnPollMs = 100;
/** Waits that nobody needs to hear of. */
const quietMs = 1_000;
/** Answers take their time: waiting for somebody else's is worth a word later. */
const quietTurnMs = 10_000;
/** Waits of one request, however short each is; only limits that never let anybody go get there. */
const maxWaits = 10_000;

/** Limits shared, through the store, by all limiters with the same store. */
export function createLimiter(parts: LimiterParts): Limiter {
  const lines = new Map<string, Promise<unknown>>();
  const turns = new Turns();
  return {
    async enter(key, costs, patience, signal) {
      const startMs = parts.clock.monotonicMs();
      const ahead = lines.get(key) ?? Promise.resolve();
      const turn = ahead.then(() => stand(parts, { key, costs, patience, turns }, signal));
      const settled = turn.then(
        () => undefined,
        () => undefined,
      );
      lines.set(key, settled);
      const place = await turn;
      if (lines.get(key) === settled) lines.delete(key);
      return ticketOf(parts, { key, ...place, turns }, parts.clock.monotonicMs() - startMs);
    },
  };
}

interface Standing {
  readonly key: string;
  readonly costs: Costs;
  readonly patience: Patience;
  readonly turns: Turns;
}

interface Place {
  readonly id: string;
  readonly answersBefore: number;
}

/** Waits until the store lets the request go. */
async function stand(parts: LimiterParts, standing: Standing, signal: AbortSignal): Promise<Place> {
  const { clock, store, owner } = parts;
  const id = parts.nextId();
  const { key, costs, patience, turns } = standing;
  const words = new WaitWords(patience, clock);
  for (let round = 0; round < maxWaits; round += 1) {
    signal.throwIfAborted();
    const nextTurn = turns.next(key);
    const admission = await store.change(key, (state) => {
      const one = admit(state ?? unknownLimits, { id, owner, costs }, clock.now());
      return [one.state, one];
    });
    if (admission.kind === "go") return { id, answersBefore: admission.state.answers };
    if (admission.because === "turn") {
      words.turn();
      await parts.wait(turnPollMs, AbortSignal.any([signal, nextTurn]));
      continue;
    }
    const waitMs = admission.untilMs - clock.now();
    if (waitMs > patience.maxWaitMs) throw tooLong(admission.untilMs, waitMs, patience);
    words.limit(admission.untilMs);
    await parts.wait(Math.max(1, waitMs), signal);
  }
  throw new ModelError("AUTOSD-MODEL-RATE-LIMITED", "the provider's limits let no request go");
}

/** Says of one request's waits what lasts: also where many short ones add up. */
class WaitWords {
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #startMs: number;
  #toldMs = 0;
  #isTurnTold = false;

  constructor(patience: Patience, clock: Clock) {
    this.#patience = patience;
    this.#clock = clock;
    this.#startMs = clock.now();
  }

  limit(untilMs: number): void {
    if (untilMs - this.#startMs <= quietMs || untilMs <= this.#toldMs + quietMs) return;
    this.#toldMs = untilMs;
    this.#patience.onWaiting(untilMs);
  }

  turn(): void {
    const waitedMs = this.#clock.now() - this.#startMs;
    if (this.#isTurnTold || waitedMs <= quietTurnMs) return;
    this.#isTurnTold = true;
    this.#patience.onTurn?.(waitedMs);
  }
}

function tooLong(untilMs: number, waitMs: number, patience: Patience): ModelError {
  const resetAt = isoTime(untilMs);
  return new ModelError(
    "AUTOSD-MODEL-RATE-LIMITED",
    `the provider's rate limit resets in ${formatDuration(waitMs)}, at ${resetAt}; ` +
      `the longest wait is ${formatDuration(patience.maxWaitMs)}`,
    {
      remedy: `After ${resetAt} run: autosd runs resume (or let it wait: --wait-for-reset ${waitOf(waitMs)})`,
      details: { resetAt, waitMs },
    },
  );
}

/** A wait to ask for, in whole minutes. */
export function waitOf(waitMs: number): string {
  return `${Math.ceil(waitMs / 60_000) + 1}m`;
}

function ticketOf(
  parts: LimiterParts,
  own: Place & { readonly key: string; readonly turns: Turns },
  waitedMs: number,
): Ticket {
  const { store, clock } = parts;
  const { key, id, turns } = own;
  let isOver = false;
  return {
    waitedMs,
    answersBefore: own.answersBefore,
    async heard(news) {
      await store.change(key, (state = unknownLimits) => [
        heard(state, id, news, clock.now()),
        undefined,
      ]);
      // What it announced may be room for more.
      turns.announce(key);
    },
    async done(whole) {
      if (isOver) return;
      isOver = true;
      await store.change(key, (state = unknownLimits) => [
        ended(state, id, { nowMs: clock.now(), whole }),
        undefined,
      ]);
      turns.announce(key);
    },
    async refused(news, pause) {
      isOver = true;
      const untilMs = await store.change(key, (state = unknownLimits) => {
        const next = refused(state, id, news, { nowMs: clock.now(), ...pause });
        return [next, next.notBeforeMs];
      });
      turns.announce(key);
      return { untilMs };
    },
  };
}

/** Wakes whoever waits for a request of this process to end. */
class Turns {
  readonly #waiting = new Map<string, AbortController>();

  /** Aborts at the next end of a request, even one that comes before anybody waits. */
  next(key: string): AbortSignal {
    const known = this.#waiting.get(key);
    if (known !== undefined) return known.signal;
    const fresh = new AbortController();
    this.#waiting.set(key, fresh);
    return fresh.signal;
  }

  announce(key: string): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    waiting?.abort();
  }
}
