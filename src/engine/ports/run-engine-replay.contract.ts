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
  projectRow,
  rowCount,
} from "./engine-under-test.contract.ts";
import type { Flow } from "./run-engine.port.ts";

/** What is remembered, what is redone, and what a changed flow meets. */
export function runEngineReplayContract(name: string, open: OpenEngine): void {
  describe(`${name}: replay`, () => {
    let engine: EngineUnderTest;
    let done: string[];
    beforeEach(async () => {
      engine = await open();
      done = [];
    });
    afterEach(() => engine.close());

    const note =
      <T>(what: string, value: T) =>
      async (): Promise<T> => {
        done.push(what);
        return value;
      };

    it("redoes a step cut before its end, and never one that was finished", async () => {
      const flow = flowOf(async (ctx) => {
        const one = await ctx.step("one", note("one", 1));
        const two = await ctx.step("two", note("two", 2));
        return one + two;
      });
      engine.crashAt({ step: "two", state: "done", when: "before" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect(await engine.restart().execute(flow, "run_1", never)).toBe(3);
      expect(done).toEqual(["one", "two", "two"]);
      expect((await engine.client.get("run_1"))?.executions).toBe(2);
    });

    it("does not redo a step whose result was remembered an instant before the crash", async () => {
      const flow = flowOf((ctx) => ctx.step("one", note("one", 1)));
      engine.crashAt({ step: "one", state: "done", when: "after" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect(await engine.restart().execute(flow, "run_1", never)).toBe(1);
      expect(done).toEqual(["one"]);
    });

    it("gives a step the same key in every execution", async () => {
      const keys: string[] = [];
      const flow = flowOf(async (ctx) => {
        await ctx.now();
        return ctx.step("call", async ({ key }) => keys.push(key));
      });
      engine.crashAt({ step: "call", state: "done", when: "before" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      await engine.restart().execute(flow, "run_1", never);
      expect(keys).toEqual(["run_1/1/call", "run_1/1/call"]);
    });

    it("remembers a failure that the flow caught, and does not try again", async () => {
      const flow = flowOf(async (ctx) => {
        const code = await codeOf(
          ctx.step("fails", async () => {
            done.push("fails");
            throw new RunError("AUTOSD-RUN-UNKNOWN", "no such run");
          }),
        );
        await ctx.step("next", note("next", 1));
        return code;
      });
      engine.crashAt({ step: "next", state: "done", when: "before" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect(await engine.restart().execute(flow, "run_1", never)).toBe("AUTOSD-RUN-UNKNOWN");
      expect(done).toEqual(["fails", "next", "next"]);
    });

    it.each(["before", "after"] as const)(
      "changes state exactly once when the process dies %s the commit",
      async (when) => {
        const flow = flowOf((ctx) =>
          ctx.tx("enlist", async (tx) => {
            done.push("enlist");
            await engine.projects.upsert(projectRow(`p${done.length}`), tx);
            return done.length;
          }),
        );
        engine.crashAt({ step: "enlist", state: "done", when });
        await expect(executed(engine.client, flow)).rejects.toThrow();
        const wasKept = when === "after";
        expect(await rowCount(engine)).toBe(wasKept ? 1 : 0);
        expect(await engine.restart().execute(flow, "run_1", never)).toBe(wasKept ? 1 : 2);
        expect(await rowCount(engine)).toBe(1);
      },
    );

    it("undoes the state change of a transaction that throws", async () => {
      const flow = flowOf((ctx) =>
        ctx.tx("enlist", async (tx) => {
          await engine.projects.upsert(projectRow("p1"), tx);
          throw new RunError("AUTOSD-RUN-UNKNOWN", "refused");
        }),
      );
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-UNKNOWN");
      expect(await rowCount(engine)).toBe(0);
      expect((await engine.client.steps("run_1"))[0]).toMatchObject({ state: "failed" });
    });

    it("keeps the time and ids that the first execution saw", async () => {
      const flow = flowOf(async (ctx) => {
        const seen = { at: await ctx.now(), id: await ctx.id("story") };
        await ctx.step("later", note("later", 1));
        return seen;
      });
      const startedAtMs = engine.clock.now();
      engine.crashAt({ step: "later", state: "intended", when: "before" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      engine.clock.advance(dayMs);
      const seen = await engine.restart().execute(flow, "run_1", never);
      expect(seen.at).toBe(startedAtMs);
      const [, idStep] = await engine.client.steps("run_1");
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
      engine.crashAt({ step: "nothing", state: "done", when: "after" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect(await engine.restart().execute(flow, "run_1", never)).toEqual(expected);
      expect(await executed(engine.client, flow, { runId: "run_2" })).toEqual(expected);
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
      expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-VALUE-INVALID");
    });

    it("remembers text of every kind", async () => {
      const text = `nul \u0000, quote ", emoji \u{1F642}, line \u2028 ${"x".repeat(300_000)}`;
      const flow = flowOf((ctx) => ctx.step("text", async () => text));
      engine.crashAt({ step: "text", state: "done", when: "after" });
      await expect(executed(engine.client, flow)).rejects.toThrow();
      expect(await engine.restart().execute(flow, "run_1", never)).toBe(text);
    });

    describe("a changed flow", () => {
      const original = flowOf(async (ctx) => {
        await ctx.step("one", note("one", 1));
        await ctx.step("two", note("two", 2));
        return ctx.step("three", note("three", 3));
      });
      const cutInThree = async (): Promise<void> => {
        engine.crashAt({ step: "three", state: "done", when: "before" });
        await expect(executed(engine.client, original)).rejects.toThrow();
        engine.restart();
        done = [];
      };

      const changes: readonly (readonly [string, Flow<unknown, unknown>])[] = [
        ["another name", flowOf((ctx) => ctx.step("uno", note("uno", 1)))],
        [
          "another kind",
          flowOf(async (ctx) => {
            await ctx.tx("one", note("uno", 1));
            await ctx.step("two", note("dos", 2));
            return ctx.step("three", note("tres", 3));
          }),
        ],
        ["fewer steps", flowOf((ctx) => ctx.step("one", note("uno", 1)))],
        [
          "a swallowed complaint",
          flowOf(async (ctx) => {
            await codeOf(ctx.step("uno", note("uno", 1)));
            await codeOf(ctx.step("two", note("uno", 1)));
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
        expect(await codeOf(engine.client.execute(flow, "run_1", never))).toBe(
          "AUTOSD-RUN-CHANGED",
        );
        expect(done).toEqual([]);
        expect((await engine.client.get("run_1"))?.status).toBe("interrupted");
        expect(await engine.client.execute(original, "run_1", never)).toBe(3);
        expect(done).toEqual(["three"]);
      });

      it("of another version is refused before it begins", async () => {
        await cutInThree();
        const newer = { ...original, version: 2 };
        expect(await codeOf(engine.client.execute(newer, "run_1", never))).toBe(
          "AUTOSD-RUN-VERSION",
        );
        expect(done).toEqual([]);
      });
    });

    describe("steps at once", () => {
      it("are refused, because their order would be chance", async () => {
        const flow = flowOf((ctx) =>
          Promise.all([ctx.step("one", note("one", 1)), ctx.step("two", note("two", 2))]),
        );
        expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-STEPS-CONCURRENT");
        expect(done).not.toContain("two");
      });

      it("are refused inside one another", async () => {
        const flow = flowOf((ctx) => ctx.step("outer", () => ctx.step("inner", note("inner", 1))));
        expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-STEPS-CONCURRENT");
        expect(done).toEqual([]);
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
            done.push("left");
          });
          await hasBegun;
          return "ended";
        });
        expect(await codeOf(executed(engine.client, flow))).toBe("AUTOSD-RUN-STEPS-CONCURRENT");
        expect(done).toEqual(["left"]);
      });
    });
  });
}
