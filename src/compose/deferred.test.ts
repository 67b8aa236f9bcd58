import { expect, it } from "vitest";
import { refusingUnready } from "./deferred.ts";
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
