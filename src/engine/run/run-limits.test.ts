import { expect, test } from "vitest";
import type { ModelSettings } from "../ports/providers.port.ts";
import { limitsOf, withLimits, workOf } from "./run-limits.ts";
import { type RunRequest, runRequestSchema } from "./run-request.ts";

const models: ModelSettings = {
  ...{ model: "m-1", plannerModel: null, baseUrl: null, keyFile: null },
  ...{ waitForResetSeconds: null, maxCostUsd: null, maxTokens: 10 },
};

function request(more: Partial<ModelSettings>): RunRequest {
  return runRequestSchema.parse({
    ...{ schema: "autosd/run-request@1", directory: "/srv/app", projectId: null },
    ...{ requirements: { source: "a.md", text: "" }, executionMode: "direct", provider: "openai" },
    ...{ replayFile: null, recordFile: null, providerWhy: null, preferredPlatform: null },
    ...{ maxTaskAttempts: 2, maxStoriesPerSprint: 8, maxSprints: null },
    ...{ reproducible: false, install: true, models: { ...models, ...more } },
  });
}

test("what is said of a model's context is kept, makes no other run, and can be said anew", () => {
  const before = request({});
  const after = request({ modelContextTokens: 8_192, plannerModelContextTokens: 32_768 });
  expect(workOf(after)).toEqual(workOf(before));
  expect(workOf(request({ model: "m-2" }))).not.toEqual(workOf(before));
  expect(limitsOf(before)).not.toHaveProperty("modelContextTokens");
  expect(withLimits(before, limitsOf(after)).models).toEqual(after.models);
  expect(withLimits(after, { maxTokens: 20 }).models).toMatchObject({
    ...{ maxTokens: 20, modelContextTokens: 8_192 },
  });
});
