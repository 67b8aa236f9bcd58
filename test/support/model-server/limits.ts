import { Bucket, type BucketSpec, type Taken } from "./bucket.ts";

/** What a server allows, and how it says so. */
export interface LimitOptions {
  readonly requests?: BucketSpec;
  /** A request takes a token for each four bytes of it, and the tokens that it may be answered with. */
  readonly tokens?: BucketSpec;
  /** `none`: only 429 tells. Default: `openai`. */
  readonly headers?: "openai" | "anthropic" | "none";
  /** Whether 429 carries `retry-after` (whole seconds). Default: no. */
  readonly retryAfter?: boolean;
}

interface Judged {
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the 429; undefined: allowed. */
  readonly refusal: unknown;
}

/** Judges requests on the machine's clock. */
export function createLimits(options: LimitOptions | undefined): {
  take(requestBytes: number, maxOutputTokens: number): Judged;
} {
  const requests = options?.requests && new Bucket(options.requests);
  const tokens = options?.tokens && new Bucket(options.tokens);
  return {
    take(requestBytes, maxOutputTokens) {
      if (options === undefined) return { headers: {}, refusal: undefined };
      const nowMs = performance.now();
      const amount = Math.ceil(requestBytes / 4) + maxOutputTokens;
      const limit = options.tokens?.limit ?? 0;
      const one = requests?.take(nowMs, 1);
      // What was refused for its number costs no tokens.
      const taken = one?.allowed === false ? 0 : Math.min(amount, limit);
      const many = tokens?.take(nowMs, taken);
      const headers = {
        ...announced(options, "requests", one),
        ...announced(options, "tokens", many),
      };
      if (one?.allowed !== false && many?.allowed !== false) return { headers, refusal: undefined };
      const waitMs = Math.max(one?.retryAfterMs ?? 0, many?.retryAfterMs ?? 0);
      const retryAfter = String(Math.ceil(waitMs / 1000));
      return {
        headers: options.retryAfter === true ? { ...headers, "retry-after": retryAfter } : headers,
        refusal: {
          type: "error",
          error: {
            type: "rate_limit_error",
            code: "rate_limit_exceeded",
            message: "too many requests",
          },
        },
      };
    },
  };
}

function announced(
  options: LimitOptions,
  kind: "requests" | "tokens",
  taken: Taken | undefined,
): Readonly<Record<string, string>> {
  const spec = options[kind];
  const style = options.headers ?? "openai";
  if (taken === undefined || spec === undefined || style === "none") return {};
  if (style === "anthropic")
    return {
      [`anthropic-ratelimit-${kind}-limit`]: String(spec.limit),
      [`anthropic-ratelimit-${kind}-remaining`]: String(taken.remaining),
      [`anthropic-ratelimit-${kind}-reset`]: new Date(Date.now() + taken.resetMs).toISOString(),
    };
  return {
    [`x-ratelimit-limit-${kind}`]: String(spec.limit),
    [`x-ratelimit-remaining-${kind}`]: String(taken.remaining),
    [`x-ratelimit-reset-${kind}`]: `${Math.ceil(taken.resetMs)}ms`,
  };
}
