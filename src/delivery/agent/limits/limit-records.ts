import { z } from "zod";
import { counted, type Counted } from "./read-limits.ts";

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
/** One announced limit. */
export type Limit = z.infer<typeof limitSchema>;

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
/** A request under way. */
export type Flight = z.infer<typeof flightSchema>;

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
  /** How many requests were let through so far; absent in records of before it was counted. */
  answers: z.number().nonnegative().default(0),
});
export type LimitState = z.infer<typeof limitStateSchema>;

const firstConcurrency = 8;
/** What nothing costs. */
export const zeroCosts: Costs = { requests: 0, tokens: 0, "input-tokens": 0, "output-tokens": 0 };

/** Before the first answer. */
export const unknownLimits: LimitState = {
  schema: "autosd/limits@1",
  limits: [],
  flights: [],
  sentCosts: { ...zeroCosts },
  notBeforeMs: 0,
  concurrency: firstConcurrency,
  cutAtMs: 0,
  answers: 0,
};

/** Both together. */
export function sum(left: Costs, right: Costs): Costs {
  return {
    requests: left.requests + right.requests,
    tokens: left.tokens + right.tokens,
    "input-tokens": left["input-tokens"] + right["input-tokens"],
    "output-tokens": left["output-tokens"] + right["output-tokens"],
  };
}

/** What a request takes of a limit: one that costs more than the whole takes the whole. */
export function within(limit: Limit, cost: number): number {
  return Math.min(cost, limit.limit);
}
