import { parseDuration } from "../../../kernel/duration.ts";

/** What a server counts: `requests`, `tokens`, `input-tokens`, `output-tokens`. */
export const counted = ["requests", "tokens", "input-tokens", "output-tokens"] as const;
export type Counted = (typeof counted)[number];

/** One limit as one answer announced it; undefined: it did not say. */
export interface AnnouncedLimit {
  readonly of: Counted;
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  /** From the moment at which the answer was read. */
  readonly resetMs: number | undefined;
}

/** What the headers of an answer say about limits. */
export interface LimitNews {
  readonly limits: readonly AnnouncedLimit[];
  /** From `retry-after-ms` or `retry-after`; undefined: absent, negative or no time. */
  readonly retryAfterMs: number | undefined;
}

/** Reads one header by its lower-case name. */
export type Header = (name: string) => string | null;

/** A reset further away than this is taken for a mistake. */
const maxResetMs = 31 * 86_400_000;
/** Clocks that differ by less are taken for equal: `date` only counts seconds. */
const clockToleranceMs = 2_000;
/** Numbers above it count from 1970, in seconds or (a thousand times larger) milliseconds. */
const epochSecondsFrom = 1_000_000_000;

/**
 * Reads the limits that OpenAI, Anthropic, and those who copy either, announce. Times may be
 * durations (`6m0s`, `250ms`), seconds, Unix times, RFC 3339 or HTTP dates; what is none of these,
 * negative, or absurdly far away counts as absent.
 */
export function readLimits(header: Header, nowMs: number): LimitNews {
  const serverNowMs = serverTime(header, nowMs);
  const limits = counted.flatMap((of): readonly AnnouncedLimit[] => {
    const limit = amount(first(header, names("limit", of)));
    const remaining = amount(first(header, names("remaining", of)));
    const resetMs = until(first(header, names("reset", of)), serverNowMs);
    return [limit, remaining, resetMs].every((one) => one === undefined)
      ? []
      : [{ of, limit, remaining, resetMs }];
  });
  return { limits, retryAfterMs: retryAfter(header, serverNowMs) };
}

function names(what: "limit" | "remaining" | "reset", of: Counted): readonly string[] {
  const own = [`x-ratelimit-${what}-${of}`, `anthropic-ratelimit-${of}-${what}`];
  return of === "requests" ? [...own, `x-ratelimit-${what}`, `ratelimit-${what}`] : own;
}

function first(header: Header, candidates: readonly string[]): string | undefined {
  for (const name of candidates) {
    const value = header(name);
    if (value !== null && value.trim() !== "") return value.trim();
  }
  return undefined;
}

function retryAfter(header: Header, serverNowMs: number): number | undefined {
  const milliseconds = header("retry-after-ms");
  if (milliseconds !== null && /^\d{1,12}(\.\d+)?$/.test(milliseconds.trim()))
    return bounded(Number(milliseconds));
  return until(header("retry-after") ?? undefined, serverNowMs);
}

/** Milliseconds from now until what a header names. */
function until(text: string | undefined, serverNowMs: number): number | undefined {
  if (text === undefined || text.length > 64) return undefined;
  if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return untilNumber(Number(text), serverNowMs);
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return bounded(durationMs);
  // Only full dates: Date.parse also makes dates of "-5" and "1 minute".
  if (!/^\d{4}-\d{2}-\d{2}T|^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : past(atMs - serverNowMs);
}

function untilNumber(value: number, serverNowMs: number): number | undefined {
  if (value >= epochSecondsFrom * 1000) return past(value - serverNowMs);
  if (value >= epochSecondsFrom) return past(value * 1000 - serverNowMs);
  return bounded(value * 1000);
}

/** A moment that is over needs no waiting. */
function past(ms: number): number | undefined {
  return bounded(Math.max(0, ms));
}

function bounded(ms: number): number | undefined {
  return ms >= 0 && ms <= maxResetMs ? Math.ceil(ms) : undefined;
}

function amount(text: string | undefined): number | undefined {
  // Some add the window after a semicolon or comma: `100, 100;w=60`.
  const match = /^(\d{1,15})(?:[,;].*)?$/.exec(text ?? "");
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** The server's clock, so that a machine whose clock is wrong waits as long as the others. */
function serverTime(header: Header, nowMs: number): number {
  const atMs = Date.parse(header("date") ?? "");
  return Number.isNaN(atMs) || Math.abs(atMs - nowMs) < clockToleranceMs ? nowMs : atMs;
}
