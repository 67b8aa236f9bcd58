import { describe, expect, it } from "vitest";
import { RunError } from "./errors.ts";
import {
  codeOf,
  dayMs,
  executed,
  flowOf,
  never,
  type OpenEngine,
  projectRow,
  rowCount,
  executedUntil,
  resumed,
  freshEngine,
} from "./engine-under-test.contract.ts";
import type { Flow } from "./run-engine.port.ts";

/** What is remembered, what is redone, and what a changed flow meets. */
export function runEngineReplayContract(name: string, open: OpenEngine): void {
  describe(`${name}: replay`, () => {
    const its = freshEngine(open);

    it("redoes a step cut before its end, and never one that was finished", async () => {
      const flow = flowOf(async (ctx) => {
        const one = await ctx.step("one", its.note("one", 1));
        const two = await ctx.step("two", its.note("two", 2));
        return one + two;
      });
      await executedUntil(its.engine, flow, { step: "two", state: "done", when: "before" });
      expect(await resumed(its.engine, flow)).toBe(3);
      expect(its.done).toEqual(["one", "two", "two"]);
      expect((await its.engine.client.get("run_1"))?.executions).toBe(2);
    });

    it("does not redo a step whose result was remembered an instant before the crash", async () => {
      const flow = flowOf((ctx) => ctx.step("one", its.note("one", 1)));
      await executedUntil(its.engine, flow, { step: "one", state: "done", when: "after" });
      expect(await resumed(its.engine, flow)).toBe(1);
      expect(its.done).toEqual(["one"]);
    });

    it("gives a step the same key in every execution", async () => {
      const keys: string[] = [];
      const flow = flowOf(async (ctx) => {
        await ctx.now();
        return ctx.step("call", async ({ key }) => keys.push(key));
      });
      await executedUntil(its.engine, flow, { step: "call", state: "done", when: "before" });
      await resumed(its.engine, flow);
      expect(keys).toEqual(["run_1/1/call", "run_1/1/call"]);
    });

    it("remembers a failure that the flow caught, and does not try again", async () => {
      const flow = flowOf(async (ctx) => {
        const code = await codeOf(
          ctx.step("fails", async () => {
            its.done.push("fails");
            throw new RunError("AUTOSD-RUN-UNKNOWN", "no such run");
          }),
        );
        await ctx.step("next", its.note("next", 1));
        return code;
      });
      await executedUntil(its.engine, flow, { step: "next", state: "done", when: "before" });
      expect(await resumed(its.engine, flow)).toBe("AUTOSD-RUN-UNKNOWN");
      expect(its.done).toEqual(["fails", "next", "next"]);
    });

    it.each(["before", "after"] as const)(
      "changes state exactly once when the process dies %s the commit",
      async (when) => {
        const flow = flowOf((ctx) =>
          ctx.tx("enlist", async (tx) => {
            its.done.push("enlist");
            await its.engine.projects.upsert(projectRow(`p${its.done.length}`), tx);
            return its.done.length;
          }),
        );
        await executedUntil(its.engine, flow, { step: "enlist", state: "done", when });
        const wasKept = when === "after";
        expect(await rowCount(its.engine)).toBe(wasKept ? 1 : 0);
        expect(await resumed(its.engine, flow)).toBe(wasKept ? 1 : 2);
        expect(await rowCount(its.engine)).toBe(1);
      },
    );

    it("undoes the state change of a transaction that throws", async () => {
      const flow = flowOf((ctx) =>
        ctx.tx("enlist", async (tx) => {
          await its.engine.projects.upsert(projectRow("p1"), tx);
          throw new RunError("AUTOSD-RUN-UNKNOWN", "refused");
        }),
      );
      expect(await codeOf(executed(its.engine.client, flow))).toBe("AUTOSD-RUN-UNKNOWN");
      expect(await rowCount(its.engine)).toBe(0);
      expect((await its.engine.client.steps("run_1"))[0]).toMatchObject({ state: "failed" });
    });

    it("keeps the time and ids that the first execution saw", async () => {
      const flow = flowOf(async (ctx) => {
        const seen = { at: await ctx.now(), id: await ctx.id("story") };
        await ctx.step("later", its.note("later", 1));
        return seen;
      });
      const startedAtMs = its.engine.clock.now();
      await executedUntil(its.engine, flow, { step: "later", state: "intended", when: "before" });
      its.engine.clock.advance(dayMs);
      const seen = await resumed(its.engine, flow);
      expect(seen.at).toBe(startedAtMs);
      const [, idStep] = await its.engine.client.steps("run_1");
      expect(seen.id).toMatch(/^story_/);
      expect(idStep?.output).toBe(seen.id);
    });

    it("gives the first execution the same value that a resumed one gets", async () => {
      const value = { z: 1, a: undefined, list: [{ y: 1, b: null }] };
      const flow = flowOf(async (ctx) => {
        const first = await ctx.step("value", async () => value);
        const nothing: unknown = await ctx.step<unknown>("nothing", async () => undefined);
        return { text: JSON.stringify(first), isUndefined: nothing === undefined };
      });
      const expected = { text: '{"list":[{"b":null,"y":1}],"z":1}', isUndefined: true };
      await executedUntil(its.engine, flow, { step: "nothing", state: "done", when: "after" });
      expect(await resumed(its.engine, flow)).toEqual(expected);
      expect(await executed(its.engine.client, flow, { runId: "run_2" })).toEqual(expected);
    });

    it.each([
      ["a date", new Date(0)],
      ["not a number", Number.NaN],
      ["a map", new Map([[1, 2]])],
      ["undefined in a list", [undefined]],
      ["a bigint", 1n],
      ["a function", () => 1],
    ])("refuses %s as a result", async (_what, value) => {
      const flow = flowOf((ctx) => ctx.step("value", async () => value));
      expect(await codeOf(executed(its.engine.client, flow))).toBe("AUTOSD-RUN-VALUE-INVALID");
    });

    it("remembers text of every kind", async () => {
      const text = `nul \u0000, quote ", emoji \u{1F642}, line \u2028 ${"x".repeat(300_000)}`;
      const flow = flowOf((ctx) => ctx.step("text", async () => text));
      await executedUntil(its.engine, flow, { step: "text", state: "done", when: "after" });
      expect(await resumed(its.engine, flow)).toBe(text);
    });

    describe("a changed flow", () => {
      const original = flowOf(async (ctx) => {
        await ctx.step("one", its.note("one", 1));
        await ctx.step("two", its.note("two", 2));
        return ctx.step("three", its.note("three", 3));
      });
      const cutInThree = async (): Promise<void> => {
        await executedUntil(its.engine, original, { step: "three", state: "done", when: "before" });
        its.engine.restart();
        its.done.length = 0;
      };

      const changes: readonly (readonly [string, Flow<unknown, unknown>])[] = [
        ["another name", flowOf((ctx) => ctx.step("uno", its.note("uno", 1)))],
        [
          "another kind",
          flowOf(async (ctx) => {
            await ctx.tx("one", its.note("uno", 1));
            await ctx.step("two", its.note("dos", 2));
            return ctx.step("three", its.note("tres", 3));
          }),
        ],
        ["fewer steps", flowOf((ctx) => ctx.step("one", its.note("uno", 1)))],
        [
          "a swallowed complaint",
          flowOf(async (ctx) => {
            await codeOf(ctx.step("uno", its.note("uno", 1)));
            await codeOf(ctx.step("two", its.note("uno", 1)));
            return "done anyway";
          }),
        ],
        [
          "an early failure",
          flowOf(async () => {
            throw new Error("not the journal's fault");
          }),
        ],
      ];
      it.each(changes)("is stopped at %s, and the original flow goes on", async (_what, flow) => {
        await cutInThree();
        expect(await codeOf(its.engine.client.execute(flow, "run_1", never))).toBe(
          "AUTOSD-RUN-CHANGED",
        );
        expect(its.done).toEqual([]);
        expect((await its.engine.client.get("run_1"))?.status).toBe("interrupted");
        expect(await its.engine.client.execute(original, "run_1", never)).toBe(3);
        expect(its.done).toEqual(["three"]);
      });

      it("of another version is refused before it begins", async () => {
        await cutInThree();
        const newer = { ...original, version: 2 };
        expect(await codeOf(its.engine.client.execute(newer, "run_1", never))).toBe(
          "AUTOSD-RUN-VERSION",
        );
        expect(its.done).toEqual([]);
      });
    });

    describe("steps at once", () => {
      it("are refused, because their order would be chance", async () => {
        const flow = flowOf((ctx) =>
          Promise.all([ctx.step("one", its.note("one", 1)), ctx.step("two", its.note("two", 2))]),
        );
        expect(await codeOf(executed(its.engine.client, flow))).toBe("AUTOSD-RUN-STEPS-CONCURRENT");
        expect(its.done).not.toContain("two");
      });

      it("are refused inside one another", async () => {
        const flow = flowOf((ctx) =>
          ctx.step("outer", () => ctx.step("inner", its.note("inner", 1))),
        );
        expect(await codeOf(executed(its.engine.client, flow))).toBe("AUTOSD-RUN-STEPS-CONCURRENT");
        expect(its.done).toEqual([]);
      });

      it("are refused when the flow ends without waiting for one, and that one ends first", async () => {
        const flow = flowOf(async (ctx) => {
          let begun = (): void => undefined;
          const hasBegun = new Promise<void>((resolve) => {
            begun = resolve;
          });
          void ctx.step("left", async () => {
            begun();
            for (let turn = 0; turn < 20; turn += 1)
              await new Promise((resolve) => setImmediate(resolve));
            its.done.push("left");
          });
          await hasBegun;
          return "ended";
        });
        expect(await codeOf(executed(its.engine.client, flow))).toBe("AUTOSD-RUN-STEPS-CONCURRENT");
        expect(its.done).toEqual(["left"]);
      });
    });
  });
}
