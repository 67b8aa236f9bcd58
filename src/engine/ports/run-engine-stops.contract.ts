import { describe, expect, it } from "vitest";
import { RunError } from "./errors.ts";
import {
  codeOf,
  dayMs,
  executed,
  flowOf,
  never,
  type OpenEngine,
  partition,
  executedUntil,
  resumed,
  firstStepBegan,
  freshEngine,
} from "./engine-under-test.contract.ts";

/** Aborts, cancellation and closing. */
export function runEngineStopsContract(name: string, open: OpenEngine): void {
  describe(`${name}: stopping`, () => {
    const its = freshEngine(open);

    it("keeps the result of a step that ends after the abort, and stops before the next", async () => {
      const controller = new AbortController();
      const flow = flowOf(async (ctx) => {
        await ctx.step("paid", async () => {
          its.done.push("paid");
          controller.abort();
        });
        return ctx.step("next", async () => its.done.push("next"));
      });
      const work = executed(its.engine.client, flow, { signal: controller.signal });
      await expect(work).rejects.toMatchObject({
        code: "AUTOSD-RUN-INTERRUPTED",
        exitCode: 130,
        remedy: "autosd runs resume run_1",
      });
      expect((await its.engine.client.get("run_1"))?.status).toBe("interrupted");
      expect(await its.engine.client.execute(flow, "run_1", never)).toBe(2);
      expect(its.done).toEqual(["paid", "next"]);
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
        executed(its.engine.client, flow, { signal: controller.signal }),
      ).rejects.toMatchObject({ code: "AUTOSD-RUN-INTERRUPTED" });
      expect(await its.engine.client.execute(flow, "run_1", never)).toBe("whole");
    });

    it("throws the abort's reason when that is an error of autosd", async () => {
      const controller = new AbortController();
      const reason = new RunError("AUTOSD-RUN-OUTCOME-UNKNOWN", "out of time");
      const flow = flowOf(async (ctx) => {
        controller.abort(reason);
        await ctx.sleep(dayMs);
      });
      await expect(executed(its.engine.client, flow, { signal: controller.signal })).rejects.toBe(
        reason,
      );
    });

    it("does not begin when it is aborted already", async () => {
      const flow = flowOf(async () => its.done.push("began"));
      const work = executed(its.engine.client, flow, { signal: AbortSignal.abort() });
      expect(await codeOf(work)).toBe("AUTOSD-RUN-INTERRUPTED");
      expect(its.done).toEqual([]);
      expect((await its.engine.client.get("run_1"))?.status).toBe("pending");
    });

    it("interrupts waits", async () => {
      const controller = new AbortController();
      const flow = flowOf((ctx) => ctx.waitFor("go", 365 * dayMs));
      const work = codeOf(executed(its.engine.client, flow, { signal: controller.signal }));
      await firstStepBegan(its.engine);
      controller.abort();
      expect(await work).toBe("AUTOSD-RUN-INTERRUPTED");
    });

    it("cancels at once what nobody executes", async () => {
      const flow = flowOf(async () => 1);
      await its.engine.client.submit(flow, {}, { runId: "run_1", partition });
      expect(await its.engine.neighbour.cancel("run_1")).toMatchObject({
        status: "cancelled",
        cancelRequested: true,
      });
      expect(await codeOf(its.engine.client.execute(flow, "run_1", never))).toBe(
        "AUTOSD-RUN-CANCELLED",
      );
    });

    it("cancels at once a run whose process has died", async () => {
      const flow = flowOf((ctx) => ctx.step("one", async () => 1));
      await executedUntil(its.engine, flow, { step: "one", state: "done", when: "before" });
      expect((await its.engine.neighbour.cancel("run_1")).status).toBe("cancelled");
    });

    it("cancels a run that is executed at its next step, whatever the flow makes of it", async () => {
      const flow = flowOf(async (ctx) => {
        await ctx.step("one", async () => {
          its.done.push((await its.engine.neighbour.cancel("run_1")).status);
        });
        await codeOf(ctx.step("two", async () => its.done.push("two")));
        await codeOf(ctx.step("three", async () => its.done.push("three")));
        return "went on";
      });
      expect(await codeOf(executed(its.engine.client, flow))).toBe("AUTOSD-RUN-CANCELLED");
      expect(its.done).toEqual(["running"]);
      expect((await its.engine.client.get("run_1"))?.status).toBe("cancelled");
    });

    it("cancels a run that was asked to stop and died before it could", async () => {
      const flow = flowOf(async (ctx) => {
        await ctx.step("one", () => its.engine.neighbour.cancel("run_1"));
        return ctx.step("two", async () => its.done.push("two"));
      });
      await executedUntil(its.engine, flow, { step: "one", state: "done", when: "before" });
      expect(await codeOf(resumed(its.engine, flow))).toBe("AUTOSD-RUN-CANCELLED");
      expect(await its.engine.client.get("run_1")).toMatchObject({
        status: "cancelled",
        executions: 1,
      });
      expect(its.done).toEqual([]);
    });

    it("cancels a run that waits", async () => {
      const flow = flowOf((ctx) => ctx.waitFor("go", 365 * dayMs));
      const work = codeOf(executed(its.engine.client, flow));
      await firstStepBegan(its.engine);
      await its.engine.neighbour.cancel("run_1");
      expect(await work).toBe("AUTOSD-RUN-CANCELLED");
    });

    it("leaves a run as it is that has ended before it is cancelled", async () => {
      const flow = flowOf(async () => 1);
      await executed(its.engine.client, flow);
      expect(await its.engine.client.cancel("run_1")).toMatchObject({
        status: "succeeded",
        cancelRequested: false,
      });
    });

    it("interrupts what it executes when it is closed", async () => {
      const flow = flowOf((ctx) => ctx.waitFor("go", 365 * dayMs));
      const work = codeOf(executed(its.engine.client, flow));
      await firstStepBegan(its.engine);
      await its.engine.client.close();
      expect(await work).toBe("AUTOSD-RUN-INTERRUPTED");
      expect((await its.engine.neighbour.get("run_1"))?.status).toBe("interrupted");
    });
  });
}
