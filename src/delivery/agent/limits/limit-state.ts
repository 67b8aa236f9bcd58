import { learned } from "./learn-limits.ts";
import {
  type Costs,
  type Flight,
  type LimitState,
  sum,
  within,
  zeroCosts,
} from "./limit-records.ts";
import { readyAt, refreshed, transitMs } from "./limit-window.ts";
import type { AnnouncedLimit, LimitNews } from "./read-limits.ts";
import type { NextPause } from "./refusals-in-a-row.ts";

const maxConcurrency = 64;
/** Whoever died with a request under way is forgotten after this. */
const maxFlightMs = 15 * 60_000;

/** Whether a request may go now, and if not, when to ask again. */
export type Admission =
  | { readonly kind: "go"; readonly state: LimitState }
  | {
      readonly kind: "wait";
      readonly state: LimitState;
      readonly untilMs: number;
      /** `turn`: for another request to end; else for the server. */
      readonly because: "turn" | "limit";
    };

/** Lets a request go when every limit has room for it, else says when to ask again. */
export function admit(
  before: LimitState,
  request: { readonly id: string; readonly owner: string; readonly costs: Costs },
  nowMs: number,
): Admission {
  const state = current(before, nowMs);
  const untilMs = Math.max(
    state.notBeforeMs,
    ...state.limits.map((limit) => readyAt(limit, request.costs[limit.of], nowMs)),
  );
  if (untilMs > nowMs) return { kind: "wait", state, untilMs, because: "limit" };
  if (state.flights.length >= allowedAtOnce(state))
    return { kind: "wait", state, untilMs: nowMs, because: "turn" };
  const sentCosts = sum(state.sentCosts, request.costs);
  const close = state.flights.filter(({ sentAtMs }) => nowMs - sentAtMs < transitMs);
  const flight: Flight = {
    id: request.id,
    owner: request.owner,
    sentAtMs: nowMs,
    costs: { ...request.costs },
    sentCosts,
    closeBefore: close.reduce<Costs>((total, one) => sum(total, one.costs), zeroCosts),
  };
  const limits = state.limits.map((limit) => ({
    ...limit,
    free: limit.free - within(limit, request.costs[limit.of]),
  }));
  return {
    kind: "go",
    state: { ...state, limits, sentCosts, flights: [...state.flights, flight] },
  };
}

/** Where the server says what is left, its word counts; else it is found out by trying. */
function allowedAtOnce(state: LimitState): number {
  return state.limits.length > 0 && state.cutAtMs === 0
    ? maxConcurrency
    : Math.floor(state.concurrency);
}

/** The head of an answer came: what it announced counts from now on, and so does that it came. */
export function heard(before: LimitState, id: string, news: LimitNews, nowMs: number): LimitState {
  const state = learned(current(before, nowMs), id, news, nowMs);
  return { ...state, answers: state.answers + 1 };
}

/** The request is over. Whole answers let more be under way at once, slowly once it was too much. */
export function ended(
  before: LimitState,
  id: string,
  end: { readonly nowMs: number; readonly whole: boolean },
): LimitState {
  const state = landed(current(before, end.nowMs), id);
  if (!end.whole) return state;
  const growth = state.cutAtMs === 0 ? 1 : 1 / state.concurrency;
  return { ...state, concurrency: Math.min(maxConcurrency, state.concurrency + growth) };
}

/**
 * The server said 429. Nobody asks again before the time that it named, or else before the reset of
 * the limit that is used up, or else before `untoldMs` are over; and never before `leastMs` are.
 */
export function refused(
  before: LimitState,
  id: string,
  news: LimitNews,
  when: { readonly nowMs: number } & NextPause,
): LimitState {
  const { nowMs } = when;
  const fresh = current(before, nowMs);
  const flight = fresh.flights.find((one) => one.id === id);
  const costs = flight?.costs ?? zeroCosts;
  const state = learned(refunded(fresh, costs), id, news, nowMs);
  const usedUp = usedUpOf(news, costs);
  const told = toldWaitMs(news, usedUp, state);
  const notBeforeMs = Math.max(
    state.notBeforeMs,
    nowMs + Math.max(told ?? when.untoldMs, when.leastMs),
  );
  // A burst that was refused together is one sign of too much, not many.
  const isNewSign = usedUp.length === 0 && (flight?.sentAtMs ?? nowMs) >= state.cutAtMs;
  const cut = isNewSign
    ? { concurrency: Math.max(1, Math.floor(state.concurrency / 2)), cutAtMs: nowMs }
    : {};
  return { ...landed(state, id), notBeforeMs, ...cut };
}

/** What was refused used nothing up; where it did, the server says so. */
function refunded(state: LimitState, costs: Costs): LimitState {
  const limits = state.limits.map((limit) => ({
    ...limit,
    free: Math.min(limit.limit, limit.free + within(limit, costs[limit.of])),
  }));
  return { ...state, limits };
}

/**
 * `retry-after`, or until what is used up is back; undefined: nothing was said. A limit that comes
 * back evenly announces when all of it is back, so what is known of its pace counts instead.
 */
function toldWaitMs(
  news: LimitNews,
  usedUp: readonly AnnouncedLimit[],
  state: LimitState,
): number | undefined {
  if (news.retryAfterMs !== undefined) return news.retryAfterMs;
  const waits = (usedUp.length > 0 ? usedUp : news.limits).flatMap(({ of, resetMs }) => {
    const perMs = state.limits.find((limit) => limit.of === of)?.perMs ?? 0;
    // How long exactly is worked out when the next one wants to go.
    if (perMs > 0) return [1];
    return resetMs === undefined ? [] : [resetMs];
  });
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function usedUpOf(news: LimitNews, costs: Costs): readonly AnnouncedLimit[] {
  return news.limits.filter(
    ({ of, remaining, limit }) =>
      remaining !== undefined && remaining < Math.min(costs[of], limit ?? costs[of]),
  );
}

/** Brings the state to this moment: resets that are due, requests of those who died. */
function current(state: LimitState, nowMs: number): LimitState {
  const flights = state.flights.filter(({ sentAtMs }) => nowMs - sentAtMs < maxFlightMs);
  return {
    ...state,
    flights,
    limits: state.limits.map((limit) => refreshed(limit, flights, nowMs)),
  };
}

function landed(state: LimitState, id: string): LimitState {
  return { ...state, flights: state.flights.filter((one) => one.id !== id) };
}
