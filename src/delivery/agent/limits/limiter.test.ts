import { setMaxListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bucket, type BucketSpec } from "../../../../test/support/model-server/bucket.ts";
import { createLimiter, type Limiter } from "./limiter.ts";
import { createMemoryLimitStore } from "./memory-limit-store.ts";
import { readLimits } from "./read-limits.ts";

/** Time that passes only when everybody waits. */
class VirtualTime {
  nowMs = 1_700_000_000_000;
  readonly clock = { now: () => this.nowMs, monotonicMs: () => this.nowMs };
  readonly #sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();

  wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const sleeper = {
        atMs: this.nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      if (signal.aborted) sleeper.wake();
      else signal.addEventListener("abort", sleeper.wake, { once: true });
    });

  /** Runs until `work` is over; more than `maxSteps` steps are a hang. */
  async run(work: Promise<unknown>, maxSteps = 200_000): Promise<void> {
    const state = { isOver: false };
    const done = work.finally(() => (state.isOver = true));
    done.catch(() => undefined);
    for (let step = 0; ; step += 1) {
      if (step > maxSteps) throw new Error("it hangs");
      await new Promise((resolve) => setImmediate(resolve));
      if (state.isOver) break;
      const next = Math.min(...[...this.#sleepers].map(({ atMs }) => atMs));
      if (!Number.isFinite(next)) continue;
      this.nowMs = Math.max(this.nowMs, next);
      for (const sleeper of [...this.#sleepers]) if (sleeper.atMs <= this.nowMs) sleeper.wake();
    }
    await done;
  }
}

const never = new AbortController().signal;
setMaxListeners(0, never);
const timeoutMs = 30_000;

interface Scene {
  readonly requests: BucketSpec;
  readonly tokens: BucketSpec | undefined;
  readonly count: number;
  readonly workers: number;
  readonly processes: number;
  /** To the server; the answer's head takes as long back. */
  readonly transitMs: number;
  /** From the head to the end of the answer. */
  readonly answerMs: number;
  readonly tokensEach: number;
}

interface Played {
  readonly totalMs: number;
  /** Refused although they were sent after the first head was seen. */
  readonly lateRefusals: number;
  readonly answered: number;
}

/** Any number of workers in any number of processes against one limited server. */
async function play(scene: Scene): Promise<Played> {
  const time = new VirtualTime();
  const store = createMemoryLimitStore();
  const server = {
    requests: new Bucket(scene.requests),
    tokens: scene.tokens && new Bucket(scene.tokens),
  };
  let ids = 0;
  const limiters = Array.from({ length: scene.processes }, (_, index) =>
    createLimiter({
      store,
      clock: time.clock,
      wait: time.wait,
      owner: String(index),
      nextId: () => String(ids++),
    }),
  );
  const startMs = time.nowMs;
  const seen = {
    firstHeadMs: Number.POSITIVE_INFINITY,
    lateRefusals: 0,
    answered: 0,
    left: scene.count,
  };
  const worker = async (limiter: Limiter): Promise<void> => {
    while (seen.left > 0) {
      seen.left -= 1;
      while (!(await once(limiter))) continue;
      seen.answered += 1;
    }
  };
  const once = async (limiter: Limiter): Promise<boolean> => {
    const costs = {
      requests: 1,
      tokens: scene.tokensEach,
      "input-tokens": 0,
      "output-tokens": 0,
    };
    const patience = { maxWaitMs: 3_600_000, onWaiting: () => undefined };
    const ticket = await limiter.enter("key", costs, patience, never);
    const sentMs = time.nowMs;
    await time.wait(scene.transitMs, never);
    const taken = server.requests.take(time.nowMs, 1);
    const tokens = server.tokens?.take(time.nowMs, taken.allowed ? scene.tokensEach : 0);
    const headers = new Map([
      ["x-ratelimit-limit-requests", String(scene.requests.limit)],
      ["x-ratelimit-remaining-requests", String(taken.remaining)],
      ["x-ratelimit-reset-requests", `${Math.ceil(taken.resetMs)}ms`],
      ...(tokens === undefined
        ? []
        : ([
            ["x-ratelimit-limit-tokens", String(scene.tokens?.limit)],
            ["x-ratelimit-remaining-tokens", String(tokens.remaining)],
            ["x-ratelimit-reset-tokens", `${Math.ceil(tokens.resetMs)}ms`],
          ] as const)),
    ]);
    await time.wait(scene.transitMs, never);
    const news = readLimits((name) => headers.get(name) ?? null, time.nowMs);
    if (taken.allowed && tokens?.allowed !== false) {
      await ticket.heard(news);
      seen.firstHeadMs = Math.min(seen.firstHeadMs, time.nowMs);
      await time.wait(scene.answerMs, never);
      await ticket.done(true);
      return true;
    }
    if (sentMs > seen.firstHeadMs) seen.lateRefusals += 1;
    seen.firstHeadMs = Math.min(seen.firstHeadMs, time.nowMs);
    await ticket.refused(news, { untoldMs: 1_000, leastMs: 0 });
    return false;
  };
  const workers = Array.from({ length: scene.workers }, (_, index) =>
    worker(limiters[index % limiters.length] ?? raise("no limiter")),
  );
  await time.run(Promise.all(workers));
  return {
    totalMs: time.nowMs - startMs,
    lateRefusals: seen.lateRefusals,
    answered: seen.answered,
  };
}

function raise(message: string): never {
  throw new Error(message);
}

/** The time of one call when nothing is in its way. */
function callMs({ transitMs, answerMs }: Scene): number {
  return 2 * transitMs + answerMs;
}

/** The least time that any client needs: what the limits allow, and what the workers can do. */
function idealMs(scene: Scene): number {
  const { count, workers } = scene;
  const byLimit = (spec: BucketSpec, amount: number): number => {
    if (spec.shape === "refill")
      return Math.max(0, ((count * amount - spec.limit) * spec.windowMs) / spec.limit);
    const perWindow = Math.floor(spec.limit / amount);
    const windows = Math.ceil(count / perWindow) - 1;
    const last = count - windows * perWindow;
    // The last window's requests still need their workers.
    return windows * spec.windowMs + (Math.ceil(last / workers) - 1) * callMs(scene);
  };
  const limits = [byLimit(scene.requests, 1)];
  if (scene.tokens !== undefined) limits.push(byLimit(scene.tokens, scene.tokensEach));
  return Math.max(
    Math.ceil(count / workers) * callMs(scene),
    ...limits.map((ms) => ms + callMs(scene)),
  );
}

const bucket = (shape: BucketSpec["shape"]): fc.Arbitrary<BucketSpec> =>
  fc.record({
    limit: fc.integer({ min: 3, max: 40 }),
    windowMs: fc.integer({ min: 4_000, max: 60_000 }),
    shape: fc.constant(shape),
  });

describe.each(["window", "refill"] as const)("a server that gives back by %s", (shape) => {
  test(
    "refuses nobody after its first headers were seen, and is used to the full",
    { timeout: timeoutMs },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            requests: bucket(shape),
            tokens: fc.constant(undefined),
            count: fc.integer({ min: 1, max: 120 }),
            workers: fc.integer({ min: 1, max: 24 }),
            processes: fc.integer({ min: 1, max: 3 }),
            transitMs: fc.integer({ min: 1, max: 100 }),
            answerMs: fc.integer({ min: 0, max: 3_000 }),
            tokensEach: fc.constant(0),
          }),
          async (scene) => {
            const played = await play(scene);
            expect(played.answered).toBe(scene.count);
            expect(played.lateRefusals).toBe(0);
            expect(played.totalMs).toBeLessThanOrEqual(allowance(scene));
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  test("counts tokens as it counts requests", { timeout: timeoutMs }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          requests: fc.constant<BucketSpec>({ limit: 500, windowMs: 60_000, shape }),
          tokens: fc.record({
            // Two answers before it is used up: one alone does not tell how a limit comes back.
            limit: fc.integer({ min: 9_000, max: 60_000 }),
            windowMs: fc.integer({ min: 4_000, max: 60_000 }),
            shape: fc.constant(shape),
          }),
          count: fc.integer({ min: 1, max: 60 }),
          workers: fc.integer({ min: 1, max: 12 }),
          processes: fc.integer({ min: 1, max: 2 }),
          transitMs: fc.integer({ min: 1, max: 100 }),
          answerMs: fc.integer({ min: 0, max: 3_000 }),
          tokensEach: fc.integer({ min: 500, max: 3_000 }),
        }),
        async (scene) => {
          const played = await play(scene);
          expect(played.answered).toBe(scene.count);
          expect(played.lateRefusals).toBe(0);
          expect(played.totalMs).toBeLessThanOrEqual(allowance(scene));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** The start costs one call: until the first answer nobody knows what may be asked at once. */
function allowance(scene: Scene): number {
  return 1.15 * idealMs(scene) + callMs(scene);
}

describe("a limiter", () => {
  const free = { requests: 1, tokens: 0, "input-tokens": 0, "output-tokens": 0 };

  function scene(): {
    readonly time: VirtualTime;
    readonly limiter: Limiter;
    readonly said: number[];
  } {
    const time = new VirtualTime();
    let ids = 0;
    const limiter = createLimiter({
      store: createMemoryLimitStore(),
      clock: time.clock,
      wait: time.wait,
      owner: "one",
      nextId: () => String(ids++),
    });
    return { time, limiter, said: [] };
  }

  test("says when it waits, and refuses to wait longer than allowed, naming the reset", async () => {
    const { time, limiter, said } = scene();
    const patience = { maxWaitMs: 10_000, onWaiting: (untilMs: number) => said.push(untilMs) };
    const first = await limiter.enter("key", free, patience, never);
    await first.refused({ limits: [], retryAfterMs: 9_000 }, { untoldMs: 1_000, leastMs: 0 });
    const startMs = time.nowMs;
    const second = limiter.enter("key", free, patience, never);
    await time.run(second);
    expect(time.nowMs - startMs).toBe(9_000);
    expect(said).toEqual([startMs + 9_000]);
    await (
      await second
    ).refused({ limits: [], retryAfterMs: 11_000 }, { untoldMs: 1_000, leastMs: 0 });
    await expect(limiter.enter("key", free, patience, never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-RATE-LIMITED",
      remedy: expect.stringContaining("--wait-for-reset") as string,
    });
  });

  test("waits longer than the server says where that did not help, and counts who was let through", async () => {
    const { time, limiter, said } = scene();
    const patience = { maxWaitMs: 60_000, onWaiting: (untilMs: number) => said.push(untilMs) };
    const first = await limiter.enter("key", free, patience, never);
    expect(first.answersBefore).toBe(0);
    const startMs = time.nowMs;
    await first.refused({ limits: [], retryAfterMs: 1_000 }, { untoldMs: 500, leastMs: 8_000 });
    const second = limiter.enter("key", free, patience, never);
    await time.run(second);
    expect(time.nowMs - startMs).toBe(8_000);
    await (await second).heard({ limits: [], retryAfterMs: undefined });
    expect((await limiter.enter("key", free, patience, never)).answersBefore).toBe(1);
  });

  test("says once that it waits for others to end, when that lasts", async () => {
    const { time, limiter } = scene();
    const turns: number[] = [];
    const patience = {
      ...{ maxWaitMs: 60_000, onWaiting: () => undefined },
      onTurn: (waitedMs: number) => turns.push(waitedMs),
    };
    const eight = Array.from({ length: 8 }, () => limiter.enter("key", free, patience, never));
    const [slow] = await Promise.all(eight);
    const next = limiter.enter("key", free, patience, never);
    void time.wait(30_000, never).then(() => slow?.done(true));
    await time.run(next);
    expect(turns).toHaveLength(1);
    expect(turns[0]).toBeGreaterThan(10_000);
  });

  test("serves in order, and one that gives up does not hold up those behind it", async () => {
    const { time, limiter } = scene();
    const patience = { maxWaitMs: 60_000, onWaiting: () => undefined };
    const first = await limiter.enter("key", free, patience, never);
    await first.refused({ limits: [], retryAfterMs: 5_000 }, { untoldMs: 1_000, leastMs: 0 });
    const impatient = new AbortController();
    const order: string[] = [];
    const gone = limiter
      .enter("key", free, patience, impatient.signal)
      .catch(() => order.push("gone"));
    const next = limiter.enter("key", free, patience, never).then(() => order.push("next"));
    const last = limiter.enter("key", free, patience, never).then(() => order.push("last"));
    impatient.abort(new Error("no longer wanted"));
    await time.run(Promise.all([gone, next, last]));
    expect(order).toEqual(["gone", "next", "last"]);
  });

  test("sends half as many at once after a refusal that says nothing", async () => {
    const { time, limiter } = scene();
    const patience = { maxWaitMs: 60_000, onWaiting: () => undefined };
    const enter = () => limiter.enter("key", free, patience, never);
    const burst = await Promise.all(Array.from({ length: 8 }, enter));
    for (const ticket of burst)
      await ticket.refused(
        { limits: [], retryAfterMs: undefined },
        { untoldMs: 1_000, leastMs: 0 },
      );
    const entered: number[] = [];
    const eight = Array.from({ length: 8 }, () => enter().then(() => entered.push(1)));
    await time.run(Promise.all(eight.slice(0, 4)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toHaveLength(4);
  });
});
