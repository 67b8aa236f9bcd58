import { expect, it } from "vitest";
import { deferredImplementer, refusingUnready } from "./deferred.ts";
import type { Implementer } from "../delivery/agent/implementer.port.ts";
import { sumsPlanner } from "../../test/support/model-world/sums.ts";

const document = {
  ...{ schema: "autosd/requirements-document@1", source: "a.md", digest: "d" },
  sentences: [],
} as unknown as Parameters<typeof sumsPlanner.refine>[0];

it("asks before it looks, and ends when what stories need is not there", async () => {
  const happened: string[] = [];
  const asked: typeof sumsPlanner = {
    ...sumsPlanner,
    refine: async (...given) => {
      happened.push("asked");
      return sumsPlanner.refine(...given);
    },
  };
  const planner = refusingUnready(asked, async () => {
    happened.push("looked");
    throw new Error("there is no sandbox");
  });
  const refining = planner.refine(document, new AbortController().signal);
  await expect(refining).rejects.toThrow("there is no sandbox");
  expect(happened).toEqual(["asked", "looked"]);
});

it("is built by the first story, once asked, and hands on what it does, its end and its failure", async () => {
  const happened: string[] = [];
  const task = { story: { id: "ST-1" } } as Parameters<Implementer["implement"]>[0];
  const { signal } = new AbortController();
  const implementer = deferredImplementer("model", async () => {
    happened.push("built");
    return {
      async *implement(given, until) {
        happened.push(given === task && until === signal ? "asked" : "asked for another thing");
        yield { kind: "progress", message: "one" };
        yield { kind: "progress", message: "two" };
        throw new Error("it ended badly");
      },
    };
  });
  expect(implementer.kind).toBe("model");
  expect("adapt" in implementer).toBe(false);
  const events = implementer.implement(task, signal);
  expect(happened).toEqual([]);
  const seen: unknown[] = [];
  await expect(
    (async () => {
      for await (const event of events) seen.push(event);
    })(),
  ).rejects.toThrow("it ended badly");
  expect(happened).toEqual(["built", "asked"]);
  expect(seen).toMatchObject([{ message: "one" }, { message: "two" }]);
});
