import type { Flight, Limit, LimitState } from "./limit-records.ts";
import type { AnnouncedLimit, LimitNews } from "./read-limits.ts";

/** Part of a measured rate that is relied on: announced numbers are rounded. */
const relied = 0.97;

/** What an answer's head announced, brought together with what was known. */
export function learned(state: LimitState, id: string, news: LimitNews, nowMs: number): LimitState {
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
