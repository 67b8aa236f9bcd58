import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
} from "./engine-under-test.contract.ts";

/** Aborts, cancellation and closing. */
export function runEngineStopsContract(name: string, open: OpenEngine): void {
  describe(`${name}: stopping`, () => {
    let engine: EngineUnderTest;
    let done: string[];
    beforeEach(async () => {
      engine = await open();
      done = [];
    });
    afterEach(() => engine.close());

    it("keeps the result of a step that ends after the abort, and stops before the next", async () => {
      const controller = new AbortController();
      const flow = flowOf(async (ctx) => {
        await ctx.step("paid", async () => {
          done.push("paid");
          controller.abort();
        });
        return ctx.step("next", async () => done.push("next"));
      });
      const work = executed(engine.client, flow, { signal: controller.signal });
      await expect(work).rejects.toMatchObject({
        code: "AUTOSD-RUN-INTERRUPTED",
        exitCode: 130,
        remedy: "autosd runs resume run_1",
      });
      expect((await engine.client.get("run_1"))?.status).toBe("interrupted");
      expect(await engine.client.execute(flow, "run_1", never)).toBe(2);
      expect(done).toEqual(["paid", "next"]);
    });

    it("redoes a step that gave up because of the abort", async () => {
      const controller = new AbortController();
      let isFirst = true;
      const flow = flowOf((ctx) =>
        ctx.step("long", async ({ signal }) => {
          if (!isFirst) return "whole";
          isFirst = false;
          controller.abort();
          signal.throwIfAborted();
          return "never";
        }),
      );
      await expect(
        executed(engine.client, flow, { signal: controller.signal }),
      ).rejects.toMatchObject({ code: "AUTOSD-RUN-INTERRUPTED" });
      expect(await engine.client.execute(flow, "run_1", never)).toBe("whole");
    });

    it("throws the abort's reason when that is an error of autosd", async () => {
      const controller = new AbortController();
      const reason = new RunError("AUTOSD-RUN-OUTCOME-UNKNOWN", "out of time");
      const flow = flowOf(async (ctx) => {
        controller.abort(reason);
        await ctx.sleep(dayMs);
      });
      await expect(executed(engine.client, flow, { signal: controller.signal })).rejects.toBe(
        reason,
      );
    });

    it("does not begin when it is aborted already", async () => {
      const flow = flowOf(async () => done.push("began"));
      const work = executed(engine.client, flow, { signal: AbortSignal.abort() });
      expect(await codeOf(work)).toBe("AUTOSD-RUN-INTERRUPTED");
      expect(done).toEqual([]);
      expect((await engine.client.get("run_1"))?.status).toBe("pending");
    });

    it("interrupts waits", async () => {
      const controller = new AbortController();
      const flow = flowOf((ctx) => ctx.waitFor("go", 365 * dayMs));
      const work = codeOf(executed(engine.client, flow, { signal: controller.signal }));
      await expect
        .poll(async () => (await engine.neighbour.steps("run_1")).length, { interval: 1 })
        .toBe(1);
      controller.abort();
      expect(await work).toBe("AUTOSD-RUN-INTERRUPTED");
    });

    it("cancels at once what nobody executes", async () => {
      const flow = flowOf(async () => 1);
      await engine.client.submit(flow, {}, { runId: "run_1", partition });
      expect(await engine.neighbour.cancel("run_1")).toMatchObject({
        status: "cancelled",
        cancelRequested: true,
      });
      expect(await codeOf(engine.client.execute(flow, "run_1", never))).toBe(
        "AUTOSD-RUN-CANCELLED",
      );
    });

    it("cancels at once a run whose process has died", async () => {
      const flow = flowOf((ctx) => ctx.step("one", async () => 1));
      engine.crashAt({ step: "one", state: "done", when: "before" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect((await engine.neighbour.cancel("run_1")).status).toBe("cancelled");
    });

    it("cancels a run that is executed at its next step, whatever the flow makes of it", async () => {
      const flow = flowOf(async (ctx) => {
        await ctx.step("one", async () => {
          done.push((await engine.neighbour.cancel("run_1")).status);
        });
        await codeOf(ctx.step("two", async () => done.push("two")));
        await codeOf(ctx.step("three", async () => done.push("three")));
        return "went on";
      });
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-CANCELLED");
      expect(done).toEqual(["running"]);
      expect((await engine.client.get("run_1"))?.status).toBe("cancelled");
    });

    it("cancels a run that was asked to stop and died before it could", async () => {
      const flow = flowOf(async (ctx) => {
        await ctx.step("one", () => engine.neighbour.cancel("run_1"));
        return ctx.step("two", async () => done.push("two"));
      });
      engine.crashAt({ step: "one", state: "done", when: "before" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect(await codeOf(engine.restart().execute(flow, "run_1", never))).toBe(
        "AUTOSD-RUN-CANCELLED",
      );
      expect(await engine.client.get("run_1")).toMatchObject({
        status: "cancelled",
        executions: 1,
      });
      expect(done).toEqual([]);
    });

    it("cancels a run that waits", async () => {
      const flow = flowOf((ctx) => ctx.waitFor("go", 365 * dayMs));
      const work = codeOf(executed(engine.client, flow));
      await expect
        .poll(async () => (await engine.neighbour.steps("run_1")).length, { interval: 1 })
        .toBe(1);
      await engine.neighbour.cancel("run_1");
      expect(await work).toBe("AUTOSD-RUN-CANCELLED");
    });

    it("leaves a run as it is that has ended before it is cancelled", async () => {
      const flow = flowOf(async () => 1);
      await executed(engine.client, flow);
      expect(await engine.client.cancel("run_1")).toMatchObject({
        status: "succeeded",
        cancelRequested: false,
      });
    });

    it("interrupts what it executes when it is closed", async () => {
      const flow = flowOf((ctx) => ctx.waitFor("go", 365 * dayMs));
      const work = codeOf(executed(engine.client, flow));
      await expect
        .poll(async () => (await engine.neighbour.steps("run_1")).length, { interval: 1 })
        .toBe(1);
      await engine.client.close();
      expect(await work).toBe("AUTOSD-RUN-INTERRUPTED");
      expect((await engine.neighbour.get("run_1"))?.status).toBe("interrupted");
    });
  });
}
