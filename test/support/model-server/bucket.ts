/** A limit of `limit` units in `windowMs`. */
export interface BucketSpec {
  readonly limit: number;
  readonly windowMs: number;
  /** `window`: all come back at once when it ends; `refill`: they come back evenly. */
  readonly shape: "window" | "refill";
}

export interface Taken {
  readonly allowed: boolean;
  readonly remaining: number;
  /** `window`: until its end; `refill`: until the bucket is full. */
  readonly resetMs: number;
  /** Until `amount` is there; 0 when it was allowed. */
  readonly retryAfterMs: number;
}

/** A server's limit, on whatever clock its caller uses. */
export class Bucket {
  readonly spec: BucketSpec;
  #level: number;
  #atMs: number | undefined;

  constructor(spec: BucketSpec) {
    this.spec = spec;
    this.#level = spec.limit;
  }

  /** Takes nothing when `amount` is not there. */
  take(nowMs: number, amount: number): Taken {
    const { limit, windowMs, shape } = this.spec;
    this.#advance(nowMs);
    const allowed = this.#level >= amount - 1e-9;
    if (allowed) this.#level -= amount;
    const windowEndMs = (this.#atMs ?? nowMs) + windowMs;
    const resetMs =
      shape === "window" ? windowEndMs - nowMs : ((limit - this.#level) * windowMs) / limit;
    const missingMs = ((amount - this.#level) * windowMs) / limit;
    return {
      allowed,
      remaining: Math.max(0, Math.floor(this.#level + 1e-9)),
      resetMs,
      retryAfterMs: allowed ? 0 : shape === "window" ? resetMs : missingMs,
    };
  }

  #advance(nowMs: number): void {
    const { limit, windowMs, shape } = this.spec;
    this.#atMs ??= nowMs;
    const elapsedMs = nowMs - this.#atMs;
    if (shape === "window") {
      const windows = Math.floor(elapsedMs / windowMs);
      if (windows < 1) return;
      this.#level = limit;
      this.#atMs += windows * windowMs;
      return;
    }
    this.#level = Math.min(limit, this.#level + (elapsedMs * limit) / windowMs);
    this.#atMs = nowMs;
  }
}
