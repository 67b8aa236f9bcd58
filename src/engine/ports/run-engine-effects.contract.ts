import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Authorization } from "../../governance/policy/authorization.ts";
import { RunError } from "./errors.ts";
import {
  codeOf,
  dayMs,
  type EngineUnderTest,
  executed,
  flowOf,
  never,
  type OpenEngine,
  partition,
  projectRow,
  rowCount,
  executedUntil,
  resumed,
} from "./engine-under-test.contract.ts";
import type { Effect } from "./run-engine.port.ts";

/** The outside: what happened, by key, and who asked. */
class Outside {
  readonly acts: string[] = [];
  readonly probes: string[] = [];
  readonly refusals: unknown[] = [];
  isAllowed = true;
  isReachable = true;
  /** Fails after acting, as a cut connection does. */
  losesAnswers = false;
  fails = false;

  readonly engine: () => EngineUnderTest;

  constructor(engine: () => EngineUnderTest) {
    this.engine = engine;
  }

  get effect(): Effect<string> {
    return {
      authorize: async (tx, key) => {
        await this.engine().projects.upsert(projectRow(`leave-${this.acts.length}`), tx);
        if (!this.isAllowed) throw new RunError("AUTOSD-RUN-ID-INVALID", "refused");
        const action = {
          kind: "workspace.commit",
          project: partition,
          runId: "run_1",
          key,
        } as const;
        return Authorization.forLocalAction(action);
      },
      do: async (authorization, key) => {
        const refusal = Authorization.spend(authorization, { kind: "workspace.commit", key });
        this.refusals.push(refusal);
        if (this.fails) throw new RunError("AUTOSD-RUN-UNKNOWN", "the target refused");
        this.acts.push(key);
        if (this.losesAnswers) throw new RunError("AUTOSD-RUN-UNKNOWN", "connection lost");
        return `did ${key}`;
      },
      probe: async (key) => {
        this.probes.push(key);
        if (!this.isReachable) throw new Error("unreachable");
        return this.acts.includes(key) ? `did ${key}` : undefined;
      },
    };
  }
}

/** Effects, waits and retries: what meets the outside and the clock. */
export function runEngineEffectsContract(name: string, open: OpenEngine): void {
  describe(`${name}: effects`, () => {
    let engine: EngineUnderTest;
    let outside: Outside;
    const key = "run_1/0/commit";
    const flow = flowOf((ctx) => ctx.effect("commit", outside.effect));
    beforeEach(async () => {
      engine = await open();
      outside = new Outside(() => engine);
    });
    afterEach(() => engine.close());

    it("acts once with the key and the leave given", async () => {
      expect(await executed(engine.client, flow)).toBe(`did ${key}`);
      expect(outside).toMatchObject({ acts: [key], probes: [], refusals: [undefined] });
    });

    it.each([
      ["before the intent", { state: "intended", when: "before" }, 1, 0],
      ["between intent and act", { state: "intended", when: "after" }, 1, 1],
      ["between act and outcome", { state: "done", when: "before" }, 1, 1],
      ["after the outcome", { state: "done", when: "after" }, 1, 0],
    ] as const)("acts once when the process dies %s", async (_when, point, acts, probes) => {
      await executedUntil(engine, flow, { step: "commit", ...point });
      expect(await resumed(engine, flow)).toBe(`did ${key}`);
      expect(outside.acts).toHaveLength(acts);
      expect(outside.probes).toHaveLength(probes);
      expect(outside.refusals.every((refusal) => refusal === undefined)).toBe(true);
    });

    it("asks for leave again before it acts on an old intent", async () => {
      await executedUntil(engine, flow, { step: "commit", state: "intended", when: "after" });
      outside.isAllowed = false;
      expect(await codeOf(resumed(engine, flow))).toBe("AUTOSD-RUN-ID-INVALID");
      expect(outside.acts).toEqual([]);
    });

    it("keeps the leave and the intent together: a refusal leaves neither", async () => {
      outside.isAllowed = false;
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-ID-INVALID");
      expect(await rowCount(engine)).toBe(0);
      expect(outside.acts).toEqual([]);
      expect((await engine.client.steps("run_1"))[0]?.state).toBe("failed");
    });

    it("takes an act whose answer was lost as done", async () => {
      outside.losesAnswers = true;
      expect(await executed(engine.client, flow)).toBe(`did ${key}`);
      expect(outside.acts).toEqual([key]);
    });

    it("throws what the act threw when it did not happen", async () => {
      outside.fails = true;
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-UNKNOWN");
      expect((await engine.client.get("run_1"))?.status).toBe("failed");
    });

    it("leaves the run resumable while nobody can say whether the act happened", async () => {
      outside.losesAnswers = true;
      outside.isReachable = false;
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-OUTCOME-UNKNOWN");
      expect((await engine.client.get("run_1"))?.status).toBe("interrupted");
      expect((await engine.client.steps("run_1"))[0]?.state).toBe("intended");
      outside.isReachable = true;
      expect(await engine.client.execute(flow, "run_1", never)).toBe(`did ${key}`);
      expect(outside.acts).toEqual([key]);
    });
  });

  describe(`${name}: waiting`, () => {
    let engine: EngineUnderTest;
    beforeEach(async () => {
      engine = await open();
    });
    afterEach(() => engine.close());

    it("gets signals in the order in which they were sent, each once", async () => {
      const flow = flowOf(async (ctx) => [
        await ctx.waitFor("go", 1_000),
        await ctx.waitFor("go", 1_000),
        await ctx.waitFor("go", 1_000),
      ]);
      await engine.client.submit(flow, {}, { runId: "run_1", partition });
      await engine.neighbour.signal("run_1", "other", "x");
      await engine.neighbour.signal("run_1", "go", { n: 1 });
      await engine.client.signal("run_1", "go", { n: 2 });
      expect(await engine.client.execute(flow, "run_1", never)).toEqual([{ n: 1 }, { n: 2 }, null]);
      expect(await engine.neighbour.signals("run_1", "go")).toEqual([{ n: 1 }, { n: 2 }]);
    });

    it("gets a signal that another process sends while it waits", async () => {
      const flow = flowOf((ctx) => ctx.waitFor("approval", 365 * dayMs));
      const result = executed(engine.client, flow);
      await expect
        .poll(async () => (await engine.neighbour.steps("run_1"))[0]?.state, { interval: 1 })
        .toBe("intended");
      await engine.neighbour.signal("run_1", "approval", { by: "operator" });
      expect(await result).toEqual({ by: "operator" });
    });

    it("counts the time of a wait from its first execution", async () => {
      const flow = flowOf((ctx) => ctx.waitFor("go", 10_000));
      await executedUntil(engine, flow, { step: "go", state: "intended", when: "after" });
      engine.clock.advance(9_000);
      const resumedAtMs = engine.clock.now();
      expect(await resumed(engine, flow)).toBeNull();
      expect(engine.clock.now() - resumedAtMs).toBe(1_000);
    });

    it("does not give a signal again that a finished wait has taken", async () => {
      const flow = flowOf(async (ctx) => [
        await ctx.waitFor("go", 1_000),
        await ctx.waitFor("go", 1_000),
      ]);
      await engine.client.submit(flow, {}, { runId: "run_1", partition });
      await engine.client.signal("run_1", "go", 1);
      engine.crashAt({ step: "go", state: "done", when: "after" });
      await expect(engine.client.execute(flow, "run_1", never)).rejects.toThrow();
      expect(await resumed(engine, flow)).toEqual([1, null]);
    });

    it("sleeps until the wake-up time of the first execution", async () => {
      const flow = flowOf(async (ctx) => {
        await ctx.sleep(60_000);
        return engine.clock.now();
      });
      const startedAtMs = engine.clock.now();
      await executedUntil(engine, flow, { step: "sleep", state: "intended", when: "after" });
      engine.clock.advance(59_000);
      expect(await resumed(engine, flow)).toBe(startedAtMs + 60_000);
    });
  });

  describe(`${name}: retries`, () => {
    let engine: EngineUnderTest;
    const retry = { maxAttempts: 4, firstDelayMs: 1_000, maxDelayMs: 3_000 };
    beforeEach(async () => {
      engine = await open();
    });
    afterEach(() => engine.close());

    const failing = (code: "AUTOSD-RUN-BUSY" | "AUTOSD-RUN-UNKNOWN", failures: number) => {
      const attempts: number[] = [];
      const flow = flowOf((ctx) =>
        ctx.step(
          "call",
          async () => {
            attempts.push(engine.clock.now());
            if (attempts.length <= failures) throw new RunError(code, "not now");
            return attempts.length;
          },
          { retry },
        ),
      );
      return { attempts, flow };
    };

    it("tries again what is retryable, each time later, up to a longest delay", async () => {
      const { attempts, flow } = failing("AUTOSD-RUN-BUSY", 3);
      expect(await executed(engine.client, flow)).toBe(4);
      const [first = 0] = attempts;
      expect(attempts.map((atMs) => atMs - first)).toEqual([0, 1_000, 3_000, 6_000]);
    });

    it("gives up after the last attempt; what may succeed later is left to be gone on with", async () => {
      const { attempts, flow } = failing("AUTOSD-RUN-BUSY", 99);
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-BUSY");
      expect(attempts).toHaveLength(4);
      expect((await engine.client.get("run_1"))?.status).toBe("interrupted");
    });

    it("does not try again what is not retryable", async () => {
      const { attempts, flow } = failing("AUTOSD-RUN-UNKNOWN", 99);
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-UNKNOWN");
      expect(attempts).toHaveLength(1);
      expect((await engine.client.get("run_1"))?.status).toBe("failed");
    });
  });
}
