import { z } from "zod";
import { counted, type AnnouncedLimit, type Counted, type LimitNews } from "./read-limits.ts";

const costSchema = z.record(z.enum(counted), z.number().nonnegative());

/** What a request may use up of each limit, at most. */
export type Costs = Readonly<Record<Counted, number>>;

const limitSchema = z.object({
  of: z.enum(counted),
  limit: z.number().nonnegative(),
  /** What is left as far as is known; never more than the server has when nobody else asks it. */
  free: z.number(),
  /** When `free` was worked out. */
  atMs: z.number(),
  /** The latest and the earliest moment at which the limit may be whole again. */
  resetAtMs: z.number(),
  resetFromMs: z.number(),
  /** The longest time until a reset that was announced: about the length of a window. */
  windowMs: z.number().nonnegative(),
  /** Units a millisecond that come back; 0: all come back at once at the reset. */
  perMs: z.number().nonnegative(),
});
type Limit = z.infer<typeof limitSchema>;

const flightSchema = z.object({
  id: z.string(),
  /** Who sent it, so that those who died can be told from the living. */
  owner: z.string(),
  sentAtMs: z.number(),
  costs: costSchema,
  /** Costs of all requests up to this one. */
  sentCosts: costSchema,
  /** Costs of the requests sent shortly before it, which the server may have counted after it. */
  closeBefore: costSchema,
});
type Flight = z.infer<typeof flightSchema>;

/** What is known about the limits of one key and model; shared by workers and processes. */
export const limitStateSchema = z.object({
  schema: z.literal("autosd/limits@1"),
  limits: z.array(limitSchema).max(counted.length),
  flights: z.array(flightSchema).max(1_024),
  sentCosts: costSchema,
  /** Nothing is sent before. */
  notBeforeMs: z.number(),
  /** How many requests may be under way at once. */
  concurrency: z.number().min(1),
  /** When `concurrency` was last cut down. */
  cutAtMs: z.number(),
});
export type LimitState = z.infer<typeof limitStateSchema>;

const maxConcurrency = 64;
const firstConcurrency = 8;
/** A request that takes longer than this to the server is a rarity. */
const transitMs = 1_000;
const shortestWindowMs = 100;
/** Whoever died with a request under way is forgotten after this. */
const maxFlightMs = 15 * 60_000;
/** Part of a measured rate that is relied on: announced numbers are rounded. */
const relied = 0.97;
const zeroCosts: Costs = { requests: 0, tokens: 0, "input-tokens": 0, "output-tokens": 0 };

export const unknownLimits: LimitState = {
  schema: "autosd/limits@1",
  limits: [],
  flights: [],
  sentCosts: { ...zeroCosts },
  notBeforeMs: 0,
  concurrency: firstConcurrency,
  cutAtMs: 0,
};

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

/** The head of an answer came: what it announced counts from now on. */
export function heard(before: LimitState, id: string, news: LimitNews, nowMs: number): LimitState {
  return learned(current(before, nowMs), id, news, nowMs);
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
 * the limit that is used up, or else before `backoffMs` are over.
 */
export function refused(
  before: LimitState,
  id: string,
  news: LimitNews,
  when: { readonly nowMs: number; readonly backoffMs: number },
): LimitState {
  const { nowMs } = when;
  const fresh = current(before, nowMs);
  const flight = fresh.flights.find((one) => one.id === id);
  const costs = flight?.costs ?? zeroCosts;
  const state = learned(refunded(fresh, costs), id, news, nowMs);
  const usedUp = usedUpOf(news, costs);
  const told = toldWaitMs(news, usedUp, state);
  const notBeforeMs = Math.max(state.notBeforeMs, nowMs + (told ?? when.backoffMs));
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

function refreshed(limit: Limit, flights: readonly Flight[], nowMs: number): Limit {
  if (limit.perMs > 0) {
    const back = Math.max(0, nowMs - limit.atMs) * limit.perMs;
    return { ...limit, free: Math.min(limit.limit, limit.free + back), atMs: nowMs };
  }
  const { lastMs } = resetsAround(limit, nowMs);
  if (limit.atMs >= lastMs) return limit;
  // Sent just before the reset, they may have arrived after it.
  const late = flights
    .filter(({ sentAtMs }) => sentAtMs > limit.resetFromMs + (lastMs - limit.resetAtMs) - transitMs)
    .reduce((total, { costs }) => total + within(limit, costs[limit.of]), 0);
  return { ...limit, free: limit.limit - late, atMs: nowMs };
}

/** The resets before and after a moment; the first is announced, the others are as far apart. */
function resetsAround(
  limit: Limit,
  nowMs: number,
): { readonly lastMs: number; readonly nextMs: number } {
  const { resetAtMs, windowMs } = limit;
  if (nowMs < resetAtMs) return { lastMs: Number.NEGATIVE_INFINITY, nextMs: resetAtMs };
  const lengthMs = Math.max(windowMs, shortestWindowMs);
  const lastMs = resetAtMs + Math.floor((nowMs - resetAtMs) / lengthMs) * lengthMs;
  return { lastMs, nextMs: lastMs + lengthMs };
}

/** The moment from which the limit has room; a cost beyond the whole limit needs the whole. */
function readyAt(limit: Limit, cost: number, nowMs: number): number {
  const missing = within(limit, cost) - limit.free;
  if (missing <= 1e-9) return nowMs;
  if (limit.perMs > 0) return nowMs + Math.ceil(missing / limit.perMs);
  return resetsAround(limit, nowMs).nextMs;
}

function within(limit: Limit, cost: number): number {
  return Math.min(cost, limit.limit);
}

function landed(state: LimitState, id: string): LimitState {
  return { ...state, flights: state.flights.filter((one) => one.id !== id) };
}

function learned(state: LimitState, id: string, news: LimitNews, nowMs: number): LimitState {
  const flight = state.flights.find((one) => one.id === id);
  if (flight === undefined) return state;
  const limits = [...state.limits];
  for (const announced of news.limits) {
    const index = limits.findIndex(({ of }) => of === announced.of);
    const next = learnedLimit(limits[index], announced, { state, flight, nowMs });
    if (next === undefined) continue;
    if (index === -1) limits.push(next);
    else limits[index] = next;
  }
  return { ...state, limits };
}

interface Hearing {
  readonly state: LimitState;
  readonly flight: Flight;
  readonly nowMs: number;
}

function learnedLimit(
  known: Limit | undefined,
  announced: AnnouncedLimit,
  hearing: Hearing,
): Limit | undefined {
  const { limit, remaining, resetMs } = announced;
  if (limit === undefined || limit === 0 || remaining === undefined || resetMs === undefined)
    return known;
  const { flight, state, nowMs } = hearing;
  // The server counted somewhere between sending and now, so the reset lies between these.
  const fromMs = flight.sentAtMs + resetMs;
  const toMs = nowMs + resetMs;
  const slackMs = slackOf(resetMs);
  const of = announced.of;
  const sentSince = state.sentCosts[of] - flight.sentCosts[of];
  const atLeast = remaining - sentSince - flight.closeBefore[of];
  const windowMs = Math.max(known?.windowMs ?? 0, resetMs);
  const next = { of, limit, atMs: nowMs, windowMs, resetAtMs: toMs, resetFromMs: fromMs };
  if (known?.limit !== limit) return { ...next, free: atLeast, perMs: 0 };
  const perMs = rateOf(known, announced, { fromMs, nowMs });
  const free = Math.max(known.free, atLeast);
  if (perMs > 0) {
    const atMost = remaining + (nowMs - flight.sentAtMs) * perMs;
    return { ...next, free: Math.min(free, atMost), perMs };
  }
  if (fromMs > known.resetAtMs + slackMs) {
    const wasReset = nowMs >= known.resetAtMs;
    return { ...next, free: wasReset ? Math.min(free, remaining) : atLeast, perMs: 0 };
  }
  // It may be of the window before.
  if (nowMs >= known.resetAtMs || toMs < known.resetFromMs - slackMs) return known;
  return {
    ...next,
    free: Math.min(free, remaining),
    resetAtMs: Math.min(known.resetAtMs, toMs),
    resetFromMs: Math.max(known.resetFromMs, fromMs),
    perMs: 0,
  };
}

/**
 * Units a millisecond when the limit comes back evenly: its reset moves away as it is used, although
 * the one announced before is not over. 0: all come back at once, or not known yet.
 */
function rateOf(
  known: Limit,
  announced: AnnouncedLimit,
  hearing: { readonly fromMs: number; readonly nowMs: number },
): number {
  const { limit = 0, remaining = 0, resetMs = 0 } = announced;
  const measured = resetMs > 0 && remaining < limit ? ((limit - remaining) / resetMs) * relied : 0;
  if (known.perMs > 0) return measured === 0 ? known.perMs : Math.min(known.perMs, measured);
  const movesAway =
    hearing.nowMs < known.resetFromMs && hearing.fromMs > known.resetAtMs + slackOf(resetMs);
  return movesAway ? measured : 0;
}

/** How much announced times are rounded. */
function slackOf(resetMs: number): number {
  return resetMs % 1_000 === 0 ? 1_000 : 5;
}

function sum(left: Costs, right: Costs): Costs {
  return {
    requests: left.requests + right.requests,
    tokens: left.tokens + right.tokens,
    "input-tokens": left["input-tokens"] + right["input-tokens"],
    "output-tokens": left["output-tokens"] + right["output-tokens"],
  };
}
