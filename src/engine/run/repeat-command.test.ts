import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runInMemory } from "../../cli/memory-context.ts";
import { options as configOptions } from "../../config/options.ts";
import { modelProviders } from "../../adapters/models/create-model.ts";
import type { RunInput } from "../autosd.ts";
import { repeatCommand, usualRun } from "./repeat-command.ts";
import type { RunRequest } from "./run-request.ts";

const request: RunRequest = {
  schema: "autosd/run-request@1",
  directory: "/srv/app",
  projectId: null,
  requirements: { source: "a.md", text: "" },
  executionMode: "auto",
  provider: "blueprint",
  replayFile: null,
  recordFile: null,
  models: null,
  providerWhy: "no language model is configured",
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
  "autosd run --requirements-file /srv/app/.autosd/requirements.md --output-dir /srv/app --provider openai-compatible --model m-1 --base-url http://127.0.0.1:8080/v1 --max-cost-usd 1";

test("says blueprint where a person said it, and nothing where nobody did", () => {
  expect(repeatCommand(request, "blueprint")).not.toContain("--provider");
  expect(repeatCommand({ ...request, providerWhy: null }, "blueprint")).toContain(
    "--provider blueprint",
  );
  expect(repeatCommand({ ...request, provider: "auto" }, "auto")).not.toContain("--provider");
});

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

test("leaves out what a run does in any case", () => {
  const { maxTaskAttempts, maxStoriesPerSprint } = configOptions;
  expect(usualRun).toEqual({
    maxTaskAttempts: maxTaskAttempts.default,
    maxStoriesPerSprint: maxStoriesPerSprint.default,
  });
});

/** What the command line makes of a command that a shell was given. */
async function parsed(command: string): Promise<RunInput> {
  const script = `printf '%s\\0' ${command}`;
  const [, ...words] = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0");
  let input: RunInput | undefined;
  const engine = {
    run: async (given: RunInput) => {
      input = given;
      throw new Error("it is asked for, that is enough");
    },
  };
  const { stderr } = await runInMemory(words.slice(0, -1), engine);
  if (input === undefined) throw new Error(`${command}\n${stderr}`);
  return input;
}

const path = fc
  .stringMatching(/^[a-zA-Z0-9 '"$`\\*~;&_.-]{1,12}$/)
  .map((name) => `/srv/p${name.trim()}/app`);
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const asked: fc.Arbitrary<RunRequest> = fc
  .record({
    ...{ schema: fc.constant("autosd/run-request@1" as const), directory: path },
    projectId: maybe(name),
    requirements: fc.constant({ source: "a.md", text: "" }),
    executionMode: fc.constantFrom("direct" as const, "auto" as const),
    provider: fc.constantFrom(...modelProviders, "blueprint"),
    ...{ replayFile: fc.constant(null), recordFile: fc.constant(null) },
    models: maybe(
      fc.record({
        ...{ model: maybe(name), plannerModel: maybe(name), keyFile: maybe(path) },
        baseUrl: maybe(fc.constantFrom("http://127.0.0.1:8080/v1", "https://a.example/v1")),
        waitForResetSeconds: maybe(fc.nat(2_592_000)),
        maxCostUsd: maybe(fc.nat(10_000_000).map((cents) => cents / 100)),
        maxTokens: maybe(fc.integer({ min: 1, max: 1_000_000_000 })),
      }),
    ),
    providerWhy: fc.constant(null),
    parallel: fc.record({
      workers: fc.integer({ min: 1, max: 32 }),
      allowStale: fc.boolean(),
      rule: fc.constant("read-set" as const),
    }),
    branch: fc.option(maybe(name), { nil: undefined }),
    preferredPlatform: maybe(name),
    maxTaskAttempts: fc.integer({ min: 1, max: 20 }),
    maxStoriesPerSprint: fc.integer({ min: 1, max: 1_000 }),
    ...{ maxSprints: fc.constant(null), reproducible: fc.boolean(), install: fc.boolean() },
  })
  .map(({ branch, preferredPlatform, ...rest }) => ({
    ...rest,
    // A platform is chosen for new projects only.
    preferredPlatform: branch === undefined ? preferredPlatform : null,
    ...(branch === undefined ? {} : { existing: { branch } }),
  }));

test("given to a shell again, it asks for the same", async () => {
  await fc.assert(
    fc.asyncProperty(asked, async (run) => {
      const input = await parsed(repeatCommand(run, run.provider));
      const isAhead = run.models !== null && run.parallel !== undefined && run.parallel.workers > 1;
      const { parallel, models, ...rest } = input;
      const hasModels = Object.values(run.models ?? {}).some((one) => one !== null);
      expect(models ?? null).toEqual(hasModels ? run.models : null);
      expect(isAhead ? parallel : undefined).toEqual(isAhead ? run.parallel : undefined);
      expect(rest).toMatchObject({
        ...{ outputDirectory: run.directory, existing: run.existing, provider: run.provider },
        ...{ projectId: run.projectId ?? undefined, executionMode: run.executionMode },
        preferredPlatform: run.preferredPlatform ?? undefined,
        ...{ maxTaskAttempts: run.maxTaskAttempts, maxStoriesPerSprint: run.maxStoriesPerSprint },
        ...{ reproducible: run.reproducible, install: run.install },
      });
    }),
    { numRuns: 40 },
  );
});

test("goes on with the same external agent, given the same", async () => {
  const agent = {
    command: ["/opt/my agent/run", "--name", `it's "odd" $HOME \\ *`, ""],
    authMethod: "api-key",
    egress: ["api.example.com:443", "other.example.com:8443"],
    environment: ["AGENT_KEY", "OTHER"],
    readFolders: ["/opt/models"],
    ...{ timeoutSeconds: 3_600, silentSeconds: 600, plannerProvider: "openai" },
  };
  const input = await parsed(repeatCommand({ ...request, provider: "acp", agent, models }, "acp"));
  expect(input).toMatchObject({ provider: "acp", agent, models });
  expect(repeatCommand({ ...request, provider, agent, models }, provider)).not.toContain("--agent");
});
