import type { Limiter, Ticket, Wait } from "../../delivery/agent/limits/limiter.ts";
import { maxRefusals, RefusalsInARow } from "../../delivery/agent/limits/refusals-in-a-row.ts";
import { readLimits, type LimitNews } from "../../delivery/agent/limits/read-limits.ts";
import { ModelError, type ModelErrorCode } from "../../delivery/agent/model/errors.ts";
import type { CallFacts } from "../../delivery/agent/model/model.port.ts";
import { isoTime, type Clock } from "../../kernel/clock.ts";
import { formatDuration } from "../../kernel/duration.ts";
import { costsOf } from "./call-costs.ts";
import { createDirectFetch } from "./direct-fetch.ts";
import { judgeBody, withReadableNames, type BodyJudgement, type Framing } from "./answer-body.ts";
import { readFailure, readRefusal, withoutKey } from "./refusal.ts";
import { refusedTooLong } from "./refused-too-long.ts";
import { withoutDepths } from "./shallow-body.ts";
import { plainHeaders, plainResponse } from "./plain-response.ts";
import { transfer, type Fetch, type Received } from "./transfer.ts";

/** Bounds of one call. */
export interface CallPatience {
  /** The longest wait for a limit, single or in sum after refusals. */
  readonly maxWaitMs: number;
  /** Requests that end in 5xx or do not get through. */
  readonly maxTries: number;
  /** First pause after such a one; doubled each time, at most 30 s, halved at random. */
  readonly backoffMs: number;
  /** Longest time without a byte. */
  readonly maxSilenceMs: number;
}

export const usualPatience: CallPatience = {
  maxWaitMs: 120_000,
  maxTries: 5,
  backoffMs: 1_000,
  maxSilenceMs: 300_000,
};

/** A cut answer is paid for, and so is asking again. */
export const maxPaidTries = 2;
const maxBackoffMs = 30_000;
/** A shorter pause is not worth a word. */
const silentPauseMs = 1_000;
/** Every try ends the call sooner by a bound of its own kind; this one is never reached. */
const maxRounds = maxRefusals + 100;

export interface LimitedCallsOptions {
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly wait: Wait;
  /** In [0, 1). */
  readonly random: () => number;
  readonly patience: CallPatience;
  /** Told when a call waits for more than a second: one sentence for people. */
  readonly onWaiting: (message: string) => void;
  /** Default: the direct fetch, over Node's HTTP client. */
  readonly fetch?: Fetch;
}

export interface CallOrder {
  /** Names the limit: provider, key and model. */
  readonly limitKey: string;
  readonly framing: Framing;
  readonly key: string;
  readonly maxOutputTokens: number;
  /** For messages: `openai gpt-...`. */
  readonly name: string;
}

/**
 * One call: a fetch to hand to a provider's package, and what became of it. Asking it again, because
 * what came was of no use, is another try of the same call.
 */
export interface LimitedCall {
  readonly fetch: Fetch;
  facts(): Pick<CallFacts, "retries" | "waitedMs" | "cuts">;
  /** Answers so far that may have been paid for: those that broke off, and the whole one. */
  paidAnswers(): number;
}

export type LimitedCalls = (order: CallOrder) => LimitedCall;

/**
 * The only retry layer and the only place where limits are kept. The fetch that it makes answers
 * with whole bodies only: a 2xx whose last word came. Everything else is a ModelError.
 */
export function createLimitedCalls(options: LimitedCallsOptions): LimitedCalls {
  return (order) => {
    const call = new Call(options, order);
    return {
      fetch: (input, init) => call.fetch(input, init),
      paidAnswers: () => call.cuts + call.wholes,
      facts: () => {
        // Of several whole answers the last one is the one that is used.
        const cuts = call.cuts + Math.max(0, call.wholes - 1);
        const { retries, waitedMs } = call;
        return { retries, waitedMs: Math.round(waitedMs), ...(cuts > 0 ? { cuts } : {}) };
      },
    };
  };
}

/** By the body, whatever the server called it. */
const contentTypes = { events: "text/event-stream", json: "application/json" } as const;

/** Whether an answer of a limited call came as one JSON although a stream was asked for. */
export function isPlain(response: Response): boolean {
  return response.headers.get("content-type") === contentTypes.json;
}

type Next = { readonly kind: "again" } | { readonly kind: "answer"; readonly response: Response };
const again: Next = { kind: "again" };

class Call {
  retries = 0;
  waitedMs = 0;
  cuts = 0;
  wholes = 0;
  readonly #options: LimitedCallsOptions;
  readonly #order: CallOrder;
  #asked = false;
  #failures = 0;
  #refusedWaitMs = 0;
  readonly #refusals: RefusalsInARow;

  constructor(options: LimitedCallsOptions, order: CallOrder) {
    this.#options = options;
    this.#order = order;
    this.#refusals = new RefusalsInARow(options.patience.backoffMs, options.random);
  }

  async fetch(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): Promise<Response> {
    const signal = init?.signal ?? new AbortController().signal;
    if (this.#asked) this.retries += 1;
    this.#asked = true;
    for (let round = 0; round < maxRounds; round += 1) {
      if (round > 0) this.retries += 1;
      const next = await this.#try(input, init ?? {}, signal);
      if (next.kind === "answer") return next.response;
    }
    throw this.#error("AUTOSD-MODEL-RATE-LIMITED", "refused without end");
  }

  async #try(input: Parameters<Fetch>[0], init: RequestInit, signal: AbortSignal): Promise<Next> {
    const { limiter, clock, patience, wait } = this.#options;
    const ticket = await limiter.enter(
      this.#order.limitKey,
      costsOf(init.body, this.#order.maxOutputTokens),
      {
        maxWaitMs: patience.maxWaitMs,
        onWaiting: (untilMs) => this.#sayWaiting(untilMs),
        onTurn: () =>
          this.#options.onWaiting(
            `waiting for other requests of ${this.#order.name} to end: it takes few at once`,
          ),
      },
      signal,
    );
    this.waitedMs += ticket.waitedMs;
    try {
      const received = await transfer({
        fetch: this.#options.fetch ?? createDirectFetch(),
        input,
        init,
        signal,
        wait,
        maxSilenceMs: patience.maxSilenceMs,
        onHead: async (headers, status) => {
          // A refusal counts once its body says what kind it is.
          if (status !== 429) await ticket.heard(newsOf(headers, clock));
        },
      });
      return await this.#judge(received, ticket, signal);
    } finally {
      await ticket.done(false);
    }
  }

  async #judge(received: Received, ticket: Ticket, signal: AbortSignal): Promise<Next> {
    const { clock } = this.#options;
    if (received.kind === "unreachable") return this.#unavailable(received.reason, signal);
    if (received.kind === "broken") {
      const isPaid = received.status >= 200 && received.status < 300;
      return isPaid ? this.#cut(received.reason) : this.#unavailable(received.reason, signal);
    }
    const { status, headers, body } = received;
    if (status >= 200 && status < 300) return this.#answer(received, ticket, signal);
    const news = newsOf(headers, clock);
    const refusal = readRefusal(status, body, this.#order.key);
    if (refusal.kind === "fatal")
      throw this.#error(refusal.code, refusal.reason, refusal.contextTokens);
    // Headers come first; Gemini says it in the body only.
    const retryAfterMs = news.retryAfterMs ?? refusal.retryAfterMs;
    if (refusal.kind === "rate-limited")
      return this.#rateLimited(refusal.reason, { ...news, retryAfterMs }, ticket);
    return this.#unavailable(refusal.reason, signal, retryAfterMs);
  }

  async #answer(
    received: Extract<Received, { readonly kind: "answer" }>,
    ticket: Ticket,
    signal: AbortSignal,
  ): Promise<Next> {
    const { body, headers, status } = received;
    const judgement = judgeBody(this.#order.framing, body);
    if (judgement.kind === "cut") return this.#cut(judgement.reason);
    if (judgement.kind === "failed") return this.#failed(judgement, signal);
    this.wholes += 1;
    await ticket.done(true);
    const kept = plain(headers);
    kept.set("content-type", contentTypes[judgement.form]);
    const readable = withReadableNames(withoutDepths(judgement.body, judgement.form));
    return { kind: "answer", response: plainResponse(readable, { status, headers: kept }) };
  }

  async #failed(
    { reason, begun }: Extract<BodyJudgement, { readonly kind: "failed" }>,
    signal: AbortSignal,
  ): Promise<Next> {
    const failure = readFailure(reason);
    if (failure.kind === "fatal") throw this.#error(failure.code, reason, failure.contextTokens);
    // Nothing of an answer came, so nothing is paid twice.
    if (failure.kind === "passing" && !begun) return this.#unavailable(reason, signal);
    const next = this.#cut(reason);
    await this.#options.wait(this.#backoffMs(this.cuts - 1), signal);
    signal.throwIfAborted();
    return next;
  }

  async #rateLimited(reason: string, news: LimitNews, ticket: Ticket): Promise<Next> {
    const { clock, patience } = this.#options;
    const leftMs = patience.maxWaitMs - this.#refusedWaitMs;
    const pause = this.#refusals.add(ticket.answersBefore, leftMs);
    const { untilMs } = await ticket.refused(news, pause);
    const waitMs = Math.max(0, untilMs - clock.now());
    this.#refusedWaitMs += waitMs;
    if (this.#refusedWaitMs <= patience.maxWaitMs && !this.#refusals.isOver) return again;
    throw refusedTooLong({
      ...{ name: this.#order.name, reason, waitMs, resetAt: isoTime(untilMs) },
      ...{ inARow: this.#refusals.count, waitedMs: this.#refusedWaitMs - waitMs },
      maxWaitMs: patience.maxWaitMs,
    });
  }

  async #unavailable(reason: string, signal: AbortSignal, toldMs = 0): Promise<Next> {
    const { patience, wait, clock } = this.#options;
    this.#failures += 1;
    const pauseMs = Math.max(toldMs, this.#backoffMs(this.#failures - 1));
    if (this.#failures >= patience.maxTries || pauseMs > patience.maxWaitMs)
      throw this.#error("AUTOSD-MODEL-UNAVAILABLE", `${reason} (${this.#failures} tries)`);
    const startMs = clock.monotonicMs();
    if (pauseMs >= silentPauseMs)
      this.#options.onWaiting(
        `asking ${this.#order.name} again in ${formatDuration(pauseMs)} (try ${this.#failures + 1} of ${patience.maxTries}): ${withoutKey(reason, this.#order.key)}`,
      );
    await wait(pauseMs, signal);
    signal.throwIfAborted();
    this.waitedMs += clock.monotonicMs() - startMs;
    return again;
  }

  #cut(reason: string): Next {
    this.cuts += 1;
    if (this.cuts + this.wholes < maxPaidTries) return again;
    throw this.#error("AUTOSD-MODEL-CUT", `${reason} (${this.cuts} times)`);
  }

  #backoffMs(failures: number): number {
    const fullMs = Math.min(maxBackoffMs, this.#options.patience.backoffMs * 2 ** failures);
    return Math.round(fullMs * (0.5 + this.#options.random() / 2));
  }

  #error(code: ModelErrorCode, reason: string, contextTokens?: number): ModelError {
    const said = withoutKey(reason, this.#order.key);
    const details = { lastError: said };
    return new ModelError(code, `${this.#order.name}: ${said}`, { details, contextTokens });
  }

  #sayWaiting(untilMs: number): void {
    const { clock, onWaiting } = this.#options;
    const leftMs = untilMs - clock.now();
    onWaiting(
      `waiting ${formatDuration(leftMs)} for the rate limit of ${this.#order.name} (until ${isoTime(untilMs)})`,
    );
  }
}

/** The body is decoded and whole: what described it on the wire no longer holds. */
function plain(headers: Headers): Headers {
  const kept = plainHeaders(headers);
  for (const name of ["content-encoding", "content-length", "transfer-encoding"]) kept.delete(name);
  return kept;
}

function newsOf(headers: Headers, clock: Clock): LimitNews {
  return readLimits((name) => headers.get(name), clock.now());
}
