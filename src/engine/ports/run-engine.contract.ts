import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AutosdError } from "../../kernel/errors.ts";
import {
  codeOf,
  type EngineUnderTest,
  executed,
  flowOf,
  never,
  type OpenEngine,
  partition,
  executedUntil,
} from "./engine-under-test.contract.ts";
import { runEngineEffectsContract } from "./run-engine-effects.contract.ts";
import { runEngineReplayContract } from "./run-engine-replay.contract.ts";
import { runEngineStopsContract } from "./run-engine-stops.contract.ts";

class LimitError extends AutosdError {
  constructor(exitCode: 4 | 5 | 7, retryable: boolean) {
    super(
      "AUTOSD-LIMIT",
      { exitCode, summary: "", remedy: "autosd runs resume", retryable },
      "limit reached",
    );
  }
}

/** What every engine behind EngineClient does; an adapter's tests call it. */
export function runEngineContract(name: string, open: OpenEngine): void {
  describe(`${name}: run engine`, () => {
    let engine: EngineUnderTest;
    beforeEach(async () => {
      engine = await open();
    });
    afterEach(() => engine.close());

    describe("submitting", () => {
      const flow = flowOf(async () => "done");

      it("records a run without executing it", async () => {
        const run = await engine.client.submit(flow, { b: 1, a: 2 }, { runId: "run_1", partition });
        expect(run).toMatchObject({
          runId: "run_1",
          flow: "run",
          version: 1,
          partition,
          status: "pending",
          input: { a: 2, b: 1 },
          output: undefined,
          error: undefined,
          executions: 0,
          cancelRequested: false,
          createdAtMs: engine.clock.now(),
        });
      });

      it("takes the same submission twice as one run", async () => {
        await engine.client.submit(flow, { a: 1, b: 2 }, { runId: "run_1", partition });
        await engine.client.submit(flow, { b: 2, a: 1 }, { runId: "run_1", partition });
        expect(await engine.client.list({ limit: 10 })).toHaveLength(1);
      });

      it("records one run of 20 submissions at once", async () => {
        const submissions = Array.from({ length: 20 }, (_, index) =>
          codeOf(
            engine.client
              .submit(flow, { index }, { runId: "run_1", partition })
              .then(() => Promise.reject(new Error("accepted"))),
          ),
        );
        const codes = await Promise.all(submissions);
        expect(codes.filter((code) => code === "AUTOSD-RUN-CONFLICT")).toHaveLength(19);
      });

      it.each([
        ["input", flow, { a: 2 }, partition],
        ["flow", flowOf(async () => "done", { name: "deploy" }), { a: 1 }, partition],
        ["project", flow, { a: 1 }, "/projects/other"],
      ])("refuses the id for another %s", async (_what, otherFlow, input, otherPartition) => {
        await engine.client.submit(flow, { a: 1 }, { runId: "run_1", partition });
        const again = engine.client.submit(otherFlow, input, {
          runId: "run_1",
          partition: otherPartition,
        });
        expect(await codeOf(again)).toBe("AUTOSD-RUN-CONFLICT");
      });

      it.each(["", "../x", "a b", "x".repeat(129), "-x", "a\u0000b"])(
        "refuses %j as a run id",
        async (runId) => {
          expect(await codeOf(engine.client.submit(flow, {}, { runId, partition }))).toBe(
            "AUTOSD-RUN-ID-INVALID",
          );
        },
      );

      it("refuses an input that JSON cannot say", async () => {
        const work = engine.client.submit(flow, { at: new Date(0) }, { runId: "run_1", partition });
        expect(await codeOf(work)).toBe("AUTOSD-RUN-VALUE-INVALID");
      });
    });

    describe("executing", () => {
      it("returns the output, gives the flow its input and records both", async () => {
        const flow = flowOf(async (_ctx, input) => ({ got: input }));
        await engine.client.submit(flow, { a: 1 }, { runId: "run_1", partition });
        expect(await engine.client.execute(flow, "run_1", never)).toEqual({ got: { a: 1 } });
        expect(await engine.client.get("run_1")).toMatchObject({
          status: "succeeded",
          output: { got: { a: 1 } },
          executions: 1,
        });
      });

      it("joins the result of a run that has ended", async () => {
        let count = 0;
        const flow = flowOf(async () => (count += 1));
        await executed(engine.client, flow);
        expect(await engine.client.execute(flow, "run_1", never)).toBe(1);
        expect(await engine.neighbour.execute(flow, "run_1", never)).toBe(1);
        expect(count).toBe(1);
      });

      it("throws the flow's error and remembers it as plain data", async () => {
        let count = 0;
        const error = new LimitError(4, false);
        const flow = flowOf(async () => {
          count += 1;
          throw error;
        });
        await expect(executed(engine.client, flow)).rejects.toBe(error);
        const recorded = {
          code: "AUTOSD-LIMIT",
          message: "limit reached",
          remedy: "autosd runs resume",
          exitCode: 4,
        };
        expect(await engine.client.get("run_1")).toMatchObject({
          status: "failed",
          error: recorded,
        });
        await expect(engine.neighbour.execute(flow, "run_1", never)).rejects.toMatchObject(
          recorded,
        );
        expect(count).toBe(1);
      });

      it("remembers an error that is a bug as AUTOSD-INTERNAL", async () => {
        const flow = flowOf(async () => {
          throw new TypeError("x is not a function");
        });
        await expect(executed(engine.client, flow)).rejects.toThrow("x is not a function");
        expect((await engine.client.get("run_1"))?.error).toMatchObject({
          code: "AUTOSD-INTERNAL",
          exitCode: 1,
          message: "TypeError: x is not a function",
        });
      });

      it("leaves a run that ran into a budget or rate limit resumable", async () => {
        let isLimited = true;
        const flow = flowOf((ctx) =>
          ctx.step("call", async () => {
            if (isLimited) throw new LimitError(7, false);
            return "answer";
          }),
        );
        expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-LIMIT");
        expect((await engine.client.get("run_1"))?.status).toBe("interrupted");
        isLimited = false;
        expect(await engine.client.execute(flow, "run_1", never)).toBe("answer");
      });

      it("does not know a run that was never submitted", async () => {
        const flow = flowOf(async () => 1);
        expect(await codeOf(engine.client.execute(flow, "run_9", never))).toBe(
          "AUTOSD-RUN-UNKNOWN",
        );
        expect(await engine.client.get("run_9")).toBeUndefined();
        expect(await engine.client.steps("run_9")).toEqual([]);
        expect(await codeOf(engine.client.cancel("run_9"))).toBe("AUTOSD-RUN-UNKNOWN");
        expect(await codeOf(engine.client.signal("run_9", "go", 1))).toBe("AUTOSD-RUN-UNKNOWN");
      });

      it("refuses to execute a run as another flow", async () => {
        await engine.client.submit(
          flowOf(async () => 1),
          {},
          { runId: "run_1", partition },
        );
        const other = flowOf(async () => 1, { name: "deploy" });
        expect(await codeOf(engine.client.execute(other, "run_1", never))).toBe(
          "AUTOSD-RUN-CONFLICT",
        );
      });
    });

    describe("one executor a partition", () => {
      it("refuses a second one, naming the process, the run and what to look at", async () => {
        const inner = flowOf(async () => "inner");
        const outer = flowOf((ctx) =>
          ctx.step("hold", async () => {
            await executed(engine.neighbour, inner, { runId: "run_2" }).catch((error: unknown) => {
              expect(error).toMatchObject({
                code: "AUTOSD-RUN-BUSY",
                remedy: `Wait for it, or stop process ${process.pid}; what it does: autosd runs show run_1`,
                details: { pid: process.pid, runId: "run_1" },
              });
            });
            return "held";
          }),
        );
        expect(await executed(engine.client, outer)).toBe("held");
        expect(await engine.neighbour.execute(inner, "run_2", never)).toBe("inner");
        expect.assertions(3);
      });

      it("executes runs of other partitions meanwhile", async () => {
        const inner = flowOf(async () => "inner");
        const outer = flowOf((ctx) =>
          ctx.step("hold", () =>
            executed(engine.neighbour, inner, { runId: "run_2", partition: "/projects/other" }),
          ),
        );
        expect(await executed(engine.client, outer)).toBe("inner");
      });

      it("shows a run as running while it runs, and as interrupted once its process is dead", async () => {
        const flow = flowOf((ctx) =>
          ctx.step("look", async () => (await engine.neighbour.get("run_1"))?.status),
        );
        expect(await executed(engine.client, flow)).toBe("running");
        await executedUntil(
          engine,
          flow,
          { step: "look", state: "done", when: "before" },
          { runId: "run_2" },
        );
        expect((await engine.neighbour.get("run_2"))?.status).toBe("interrupted");
        const [newest] = await engine.neighbour.list({ limit: 1, status: ["interrupted"] });
        expect(newest?.status).toBe("interrupted");
        expect(await engine.neighbour.list({ limit: 5, status: ["running"] })).toEqual([]);
      });
    });

    describe("listing", () => {
      it("gives the newest first, filtered, at most as many as asked for", async () => {
        const flow = flowOf(async () => 1);
        for (const runId of ["run_1", "run_2", "run_3"]) {
          engine.clock.advance(1_000);
          await engine.client.submit(flow, {}, { runId, partition: `/projects/${runId}` });
        }
        await engine.client.execute(flow, "run_2", never);
        const ids = async (filter: Parameters<typeof engine.client.list>[0]): Promise<string[]> =>
          (await engine.client.list(filter)).map((run) => run.runId);
        expect(await ids({ limit: 2 })).toEqual(["run_3", "run_2"]);
        expect(await ids({ limit: 9, status: ["succeeded"] })).toEqual(["run_2"]);
        expect(await ids({ limit: 9, status: ["pending", "succeeded"] })).toHaveLength(3);
        expect(await ids({ limit: 9, status: [] })).toEqual([]);
        expect(await ids({ limit: 9, partition: "/projects/run_1" })).toEqual(["run_1"]);
        expect(await ids({ limit: 9, flow: "deploy" })).toEqual([]);
      });
    });
  });
  runEngineReplayContract(name, open);
  runEngineEffectsContract(name, open);
  runEngineStopsContract(name, open);
}
