import { type Flight, type Limit, within } from "./limit-records.ts";

/** A request that takes longer than this to the server is a rarity. */
export const transitMs = 1_000;
const shortestWindowMs = 100;

/** The limit at this moment: what has come back by now, less what was sent so late that it counts again. */
export function refreshed(limit: Limit, flights: readonly Flight[], nowMs: number): Limit {
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
export function readyAt(limit: Limit, cost: number, nowMs: number): number {
  const missing = within(limit, cost) - limit.free;
  if (missing <= 1e-9) return nowMs;
  if (limit.perMs > 0) return nowMs + Math.ceil(missing / limit.perMs);
  return resetsAround(limit, nowMs).nextMs;
}
