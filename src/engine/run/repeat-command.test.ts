import { expect, test } from "vitest";
import { repeatCommand } from "./repeat-command.ts";
import type { RunRequest } from "./run-request.ts";

const request: RunRequest = {
  schema: "autosd/run-request@1",
  directory: "/srv/app",
  projectId: null,
  requirements: { source: "a.md", text: "" },
  executionMode: "direct",
  provider: "blueprint",
  replayFile: null,
  recordFile: null,
  models: null,
  providerWhy: null,
  preferredPlatform: null,
  maxTaskAttempts: 2,
  maxStoriesPerSprint: 8,
  maxSprints: null,
  reproducible: false,
  install: true,
};

test("goes on in the same folder, whatever its name is", () => {
  expect(repeatCommand(request, "blueprint")).toBe(
    "autosd run --requirements-file /srv/app/.autosd/requirements.md --output-dir /srv/app",
  );
  expect(repeatCommand({ ...request, directory: "/srv/it's mine" }, "blueprint")).toBe(
    `autosd run --requirements-file '/srv/it'\\''s mine/.autosd/requirements.md' --output-dir '/srv/it'\\''s mine'`,
  );
});

const models = {
  model: "m-1",
  plannerModel: null,
  baseUrl: "http://127.0.0.1:8080/v1",
  keyFile: null,
  waitForResetSeconds: null,
  maxCostUsd: 1,
  maxTokens: null,
};
const provider = "openai-compatible";
const withModel =
  "autosd run --requirements-file /srv/app/.autosd/requirements.md --output-dir /srv/app --provider openai-compatible --model m-1 --base-url http://127.0.0.1:8080/v1";

test("goes on with the same model", () => {
  expect(repeatCommand({ ...request, provider, models }, provider)).toBe(withModel);
});

test("goes on with as many workers, where a model answers", () => {
  const told = (workers: number, allowStale: boolean) =>
    repeatCommand(
      { ...request, provider, models, parallel: { workers, allowStale, rule: "read-set" } },
      provider,
    );
  expect(told(1, true)).toBe(withModel);
  expect(told(3, false)).toBe(`${withModel} --parallel-prompt-workers 3`);
  expect(told(3, true)).toBe(
    `${withModel} --parallel-prompt-workers 3 --allow-stale-parallel-prompts`,
  );
  const parallel = { workers: 3, allowStale: true, rule: "read-set" } as const;
  expect(repeatCommand({ ...request, parallel }, "blueprint")).toBe(
    repeatCommand(request, "blueprint"),
  );
});
