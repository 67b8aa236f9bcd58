import type { Clock } from "../../../kernel/clock.ts";
import { isoTime } from "../../../kernel/clock.ts";
import { formatDuration } from "../../../kernel/duration.ts";
import { ModelError } from "../model/errors.ts";
import { type Costs, unknownLimits } from "./limit-records.ts";
import { admit, ended, heard, refused } from "./limit-state.ts";
import type { LimitStore } from "./limit-store.port.ts";
import type { LimitNews } from "./read-limits.ts";

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
  heard(news: LimitNews): Promise<void>;
  /** `whole`: the answer came to its end. */
  done(whole: boolean): Promise<void>;
  /** The server said 429; returns when the next request may go. */
  refused(news: LimitNews, backoffMs: number): Promise<{ readonly untilMs: number }>;
}

export interface Patience {
  /** The longest single wait. */
  readonly maxWaitMs: number;
  /** Told before each wait for the server that is longer than a second. */
  readonly onWaiting: (untilMs: number) => void;
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
      const id = await turn;
      if (lines.get(key) === settled) lines.delete(key);
      return ticketOf(parts, { key, id, turns }, parts.clock.monotonicMs() - startMs);
    },
  };
}

interface Standing {
  readonly key: string;
  readonly costs: Costs;
  readonly patience: Patience;
  readonly turns: Turns;
}

/** Waits until the store lets the request go; returns its id. */
async function stand(
  parts: LimiterParts,
  standing: Standing,
  signal: AbortSignal,
): Promise<string> {
  const { clock, store, owner } = parts;
  const id = parts.nextId();
  const { key, costs, patience, turns } = standing;
  let toldMs = 0;
  for (let round = 0; round < maxWaits; round += 1) {
    signal.throwIfAborted();
    const nextTurn = turns.next(key);
    const admission = await store.change(key, (state) => {
      const one = admit(state ?? unknownLimits, { id, owner, costs }, clock.now());
      return [one.state, one];
    });
    if (admission.kind === "go") return id;
    if (admission.because === "turn") {
      await parts.wait(turnPollMs, AbortSignal.any([signal, nextTurn]));
      continue;
    }
    const waitMs = admission.untilMs - clock.now();
    if (waitMs > patience.maxWaitMs) throw tooLong(admission.untilMs, waitMs, patience);
    if (waitMs > quietMs && admission.untilMs > toldMs + quietMs) {
      toldMs = admission.untilMs;
      patience.onWaiting(admission.untilMs);
    }
    await parts.wait(Math.max(1, waitMs), signal);
  }
  throw new ModelError("AUTOSD-MODEL-RATE-LIMITED", "the provider's limits let no request go");
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
  own: { readonly key: string; readonly id: string; readonly turns: Turns },
  waitedMs: number,
): Ticket {
  const { store, clock } = parts;
  const { key, id, turns } = own;
  let isOver = false;
  return {
    waitedMs,
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
    async refused(news, backoffMs) {
      isOver = true;
      const untilMs = await store.change(key, (state = unknownLimits) => {
        const next = refused(state, id, news, { nowMs: clock.now(), backoffMs });
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
