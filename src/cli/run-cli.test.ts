import { expect, test, vi } from "vitest";
import type { Autosd, RunInput } from "../engine/autosd.ts";
import { GovernanceError } from "../governance/errors.ts";
import { CliError } from "./errors.ts";
import {
  answeringEngine,
  incompleteResult,
  shownBacklog,
  shownProject,
  verifiedResult,
} from "./example-answers.ts";
import { createMemoryContext, runInMemory } from "./memory-context.ts";
import { runCli } from "./run-cli.ts";

const runLine = ["run", "--requirements-text", "Tasks.", "--output-dir", "app"];

const everyCommand: readonly (readonly string[])[] = [
  runLine,
  ["refine", "--requirements-text", "Tasks."],
  ["refine", "--check"],
  ["backlog", "show"],
  ["backlog", "refine"],
  ["sprint", "plan"],
  ["sprint", "start"],
  ["sprint", "review"],
  ["sprint", "retro"],
  ["sprint", "metrics"],
  ["sprint", "run"],
  ["runs", "list"],
  ["runs", "show", "run_01"],
  ["runs", "resume"],
  ["runs", "cancel", "run_01", "--force"],
  ["projects", "list"],
  ["projects", "show", "tasks"],
  ["projects", "status", "tasks"],
  ["projects", "status", "--all"],
  ["projects", "retire", "tasks", "--force"],
  ["push", "--project", "tasks"],
  ["doctor"],
  ["config", "show"],
  ["completion", "bash"],
  ["version"],
];

test.each(everyCommand)("prints exactly one JSON document for %s %s", async (...args) => {
  const { stdout } = await runInMemory([...args, "--json"], answeringEngine());
  expect(stdout.endsWith("\n")).toBe(true);
  expect(stdout.trimEnd()).not.toContain("\n");
  expect(JSON.parse(stdout)).toMatchObject({
    schema: expect.stringMatching(/^autosd\/[a-z-]+@1$/) as string,
  });
});

test.each(everyCommand)(
  "says something to people for %s %s, and no escape codes",
  async (...args) => {
    const { stdout, stderr } = await runInMemory([...args], answeringEngine());
    expect(stdout.length).toBeGreaterThan(10);
    expect(stdout + stderr).not.toContain("\u001b");
    expect(stdout).not.toMatch(/undefined|\[object/);
  },
);

test("hands every flag of run to the engine", async () => {
  const run = vi.fn<Autosd["run"]>(async () => verifiedResult);
  await runInMemory(
    [
      "run",
      ...["--requirements-file", "spec.md", "--output-dir", "../app", "--project-id", "tasks"],
      ...["--execution-mode", "planning", "--provider", "replay", "--replay-file", "a.json"],
      ...["--record", "/tmp/b.json", "--preferred-platform", "api_service"],
      ...["--max-task-attempts", "3", "--max-stories-per-sprint", "4"],
      ...["--timeout-seconds", "60", "--reproducible", "--no-install"],
      ...["--parallel-prompt-workers", "3", "--allow-stale-parallel-prompts"],
    ],
    { run },
  );
  expect(run.mock.calls[0]?.[0]).toEqual({
    requirements: { kind: "file", path: "/here/spec.md" },
    outputDirectory: "/app",
    projectId: "tasks",
    executionMode: "planning",
    provider: "replay",
    replayFile: "/here/a.json",
    recordFile: "/tmp/b.json",
    parallel: { workers: 3, allowStale: true, rule: "read-set" },
    preferredPlatform: "api_service",
    maxTaskAttempts: 3,
    maxStoriesPerSprint: 4,
    timeoutSeconds: 60,
    reproducible: true,
    install: false,
  } satisfies RunInput);
});

test("works on a repository that is there, on the branch that is named or on one of its own", async () => {
  const run = vi.fn<Autosd["run"]>(async () => verifiedResult);
  const line = ["run", "--requirements-file", "a.md", "--project-dir", "shop"];
  await runInMemory(line, { run });
  await runInMemory([...line, "--branch", "search"], { run });
  expect(run.mock.calls.map(([input]) => [input.outputDirectory, input.existing])).toEqual([
    ["/here/shop", { branch: null }],
    ["/here/shop", { branch: "search" }],
  ]);
  const twoPlaces = [...line, "--output-dir", "app"];
  const platform = [...line, "--preferred-platform", "api_service"];
  const branchOfNone = [...runLine, "--branch", "search"];
  for (const wrong of [twoPlaces, platform, branchOfNone]) {
    const { exitCode, stderr } = await runInMemory(wrong, { run });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--project-dir")]);
  }
  expect(run).toHaveBeenCalledTimes(2);
});

test("takes defaults from the configuration and requirements from stdin", async () => {
  const run = vi.fn<Autosd["run"]>(async () => verifiedResult);
  await runInMemory(["run", "--requirements-file", "-", "--output-dir", "app"], { run });
  expect(run.mock.calls[0]?.[0]).toMatchObject({
    requirements: { kind: "stdin" },
    outputDirectory: "/here/app",
    executionMode: "auto",
    provider: "auto",
    maxTaskAttempts: 2,
    maxStoriesPerSprint: 8,
    timeoutSeconds: undefined,
    install: true,
  });
});

test.each([
  ["verified", verifiedResult, 0],
  ["incomplete", incompleteResult, 4],
] as const)("exits as a run that is %s says", async (_outcome, result, exitCode) => {
  const engine = { run: async () => result };
  expect((await runInMemory(runLine, engine)).exitCode).toBe(exitCode);
  expect((await runInMemory([...runLine, "--json"], engine)).exitCode).toBe(exitCode);
});

test("fails the check when a sentence leads to no story, and refines with gaps all the same", async () => {
  const gaps = [{ sentence: "S4", line: 7, text: "It shall sing.", reason: "nothing sings" }];
  const withGaps = async () => ({
    ...(await answeringEngine().refine(
      { requirements: { kind: "stdin" }, outputDirectory: "" },
      new AbortController().signal,
    )),
    gaps,
  });
  const check = await runInMemory(["refine", "--check"], { checkTraceability: withGaps });
  expect(check.exitCode).toBe(4);
  expect(check.stdout).toContain("S4, line 7: “It shall sing.”");
  const line = ["refine", "--requirements-text", "x"];
  expect((await runInMemory(line, { refine: withGaps })).exitCode).toBe(0);
});

test("refines with the model that is named, and with blueprint when none is", async () => {
  const refine = vi.fn<Autosd["refine"]>((...asked) => answeringEngine().refine(...asked));
  const line = ["refine", "--requirements-text", "x"];
  await runInMemory(line, { refine });
  expect(refine.mock.calls[0]?.[0]).toMatchObject({ provider: "blueprint" });
  expect(refine.mock.calls[0]?.[0]).not.toHaveProperty("models");
  await runInMemory([...line, "--model", "gpt-5", "--max-tokens", "9"], { refine });
  expect(refine.mock.calls[1]?.[0]).toMatchObject({
    provider: "auto",
    models: { model: "gpt-5", maxTokens: 9 },
  });
});

test("finds a project by its id, and takes an unknown word for a folder", async () => {
  const show = vi.fn<Autosd["backlog"]["show"]>(async () => shownBacklog);
  const { backlog, projects } = answeringEngine();
  const engine = {
    backlog: { ...backlog, show },
    projects: {
      ...projects,
      show: async (id: string) => {
        if (id === "tasks") return shownProject;
        throw Object.assign(new CliError("AUTOSD-USAGE", "no"), { code: "AUTOSD-PROJECT-UNKNOWN" });
      },
    },
  };
  for (const project of ["tasks", "other", "./tasks", "/abs/x"])
    await runInMemory(["backlog", "show", "--project", project], engine);
  await runInMemory(["backlog", "show"], engine);
  await runInMemory(["backlog", "show", "--output-dir", "app"], engine);
  expect(show.mock.calls.map(([directory]) => directory)).toEqual([
    "/here/app",
    "/here/other",
    "/here/tasks",
    "/abs/x",
    "/here",
    "/here/app",
  ]);
});

test("exits 2 from doctor only when something required is missing", async () => {
  const check = { name: "zsh", ok: false, finding: "not found", remedy: "apt-get install zsh" };
  const optional = await runInMemory(["doctor"], {
    doctor: async () => [{ ...check, required: false }],
  });
  expect(optional).toMatchObject({ exitCode: 0 });
  const required = await runInMemory(["doctor"], {
    doctor: async () => [{ ...check, required: true }],
  });
  expect(required).toMatchObject({ exitCode: 2 });
  expect(required.stdout).toContain("→ apt-get install zsh");
});

test("reads the whole portfolio page by page", async () => {
  const all = Array.from({ length: 2_500 }, (_, index) => ({
    ...shownProject,
    id: `p${String(index).padStart(4, "0")}`,
  }));
  const list = vi.fn<Autosd["projects"]["list"]>(async (filter) =>
    all.filter((one) => one.id > (filter.after ?? "")).slice(0, filter.limit),
  );
  const engine = { projects: { ...answeringEngine().projects, list } };
  const { stdout } = await runInMemory(["projects", "list", "--all", "--json"], engine);
  expect((JSON.parse(stdout) as { projects: unknown[] }).projects).toHaveLength(2_500);
  expect(list).toHaveBeenCalledTimes(3);
  const limited = await runInMemory(["projects", "list", "--limit", "2"], engine);
  expect(limited.stdout).toContain("There are more: --limit N or --all.");
});

test.each([
  ["y", 0],
  ["Yes ", 0],
  ["", 3],
  ["n", 3],
  ["yolo", 3],
])("asks on a terminal before it retires, and %j means exit %d", async (answer, exitCode) => {
  const retire = vi.fn<Autosd["projects"]["retire"]>(async () => shownProject);
  const engine = { projects: { ...answeringEngine().projects, retire } };
  const terminal = { isTerminal: true, answer };
  const ended = await runInMemory(["projects", "retire", "tasks"], engine, terminal);
  expect(ended.exitCode).toBe(exitCode);
  expect(ended.stderr).toContain("Retire project tasks? [y/N] ");
  expect(retire).toHaveBeenCalledTimes(exitCode === 0 ? 1 : 0);
});

test.each([
  [{}, []],
  [{ isTerminal: true, stdinIsTerminal: false, answer: "y" }, []],
  [{ stdinIsTerminal: true, answer: "y" }, []],
  [{ isTerminal: true, answer: "y" }, ["--json"]],
])(
  "refuses to retire when nobody can answer, and says what to type: %j %j",
  async (terminal, flags) => {
    const line = ["projects", "retire", "tasks", ...flags];
    const { exitCode, stdout, stderr } = await runInMemory(line, answeringEngine(), terminal);
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain("AUTOSD-CONFIRMATION-REQUIRED");
    expect(stdout + stderr).toContain("autosd projects retire tasks --force");
  },
);

test("shows a bug as a block to report, without a stack unless asked for", async () => {
  const engine = {
    run: async () => {
      throw new TypeError("x is not a function");
    },
  };
  const plain = await runInMemory(runLine, engine);
  expect(plain.exitCode).toBe(1);
  expect(plain.stderr.split("\n").slice(-8)).toEqual([
    "error: x is not a function",
    "  version 1.2.3",
    "  runtime v20.0.0 linux x64",
    "  command run",
    "  log     /home/user/.autosd/autosd.log",
    "  code   AUTOSD-INTERNAL",
    "  remedy Report the printed block; --verbose shows where it happened.",
    "",
  ]);
  expect((await runInMemory([...runLine, "--verbose"], engine)).stderr).toMatch(/\n\s+at /);
});

test("redacts what looks like a secret in an error", async () => {
  const secret = ["ghp", "Zk3vQ9xW2mB7nR4tY8uP1sD6fG5hJ0aL2cV9"].join("_");
  const engine = {
    run: async () => {
      throw new Error(`refused ${secret}`);
    },
  };
  for (const line of [runLine, [...runLine, "--json"], [...runLine, "--verbose"]]) {
    const { stdout, stderr } = await runInMemory(line, engine);
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).toContain("refused");
  }
});

test("exits 130 with the command that resumes when it is interrupted", async () => {
  const stop = new AbortController();
  const engine = {
    run: async () => {
      stop.abort();
      throw new Error("aborted");
    },
  };
  const { exitCode, stderr } = await runInMemory(runLine, engine, { signal: stop.signal });
  expect(exitCode).toBe(130);
  expect(stderr).toContain("resume autosd runs resume");
  expect(stderr).toContain("Ctrl-C again stops at once");
});

test("hands on the limits that a resumed run is given, and only those", async () => {
  const resume = vi.fn(async (): Promise<typeof verifiedResult> => verifiedResult);
  const engine = { runs: { ...answeringEngine().runs, resume } };
  const limits = ["--max-tokens", "4000000", "--max-cost-usd", "2.5", "--wait-for-reset", "15m"];
  for (const more of [limits, limits.slice(0, 2), []])
    expect((await runInMemory(["runs", "resume", "run_01", ...more], engine)).exitCode).toBe(0);
  const [all, one, none] = resume.mock.calls.map((call: readonly unknown[]) => call[3]);
  expect(all).toEqual({ maxTokens: 4_000_000, maxCostUsd: 2.5, waitForResetSeconds: 900 });
  expect([one, none]).toEqual([{ maxTokens: 4_000_000 }, {}]);
  const wrong = await runInMemory(["runs", "resume", "--max-tokens", "0"], engine);
  expect([wrong.exitCode, resume.mock.calls.length]).toEqual([2, 3]);
});

test("closes the engine after success and after failure, and leaves no timer behind", async () => {
  for (const run of [
    async () => verifiedResult,
    async () => {
      throw new Error("no");
    },
  ]) {
    const close = vi.fn(async () => undefined);
    const memory = createMemoryContext({ run, close }, { isTerminal: true });
    await runCli(runLine, memory.context);
    expect(close).toHaveBeenCalledTimes(1);
    expect(memory.repeating()).toBe(0);
    expect(memory.exit()).toBe(0);
  }
});

test("loads no engine for what needs none", async () => {
  const memory = createMemoryContext();
  const load = vi.fn(memory.context.load);
  for (const args of [["version"], ["config", "show"], ["completion", "fish"], ["--help"]])
    expect(await runCli(args, { ...memory.context, load })).toBe(0);
  expect(load).not.toHaveBeenCalled();
});

test("names everything that stands against a grant, each finding once", async () => {
  const failures = [
    { reason: "expired", message: "the grant has expired" },
    { reason: "scope_project", message: "the grant is for another project" },
  ];
  const { stderr, exitCode } = await runInMemory(["push", "--project", "tasks"], {
    push: async () => {
      throw new GovernanceError("AUTOSD-PREAUTH-INVALID", "the grant has expired", {
        details: { failures },
      });
    },
  });
  expect(exitCode).toBe(3);
  expect(stderr.split("\n")).toEqual([
    "error: the grant has expired",
    "  also   the grant is for another project",
    "  code   AUTOSD-PREAUTH-INVALID",
    "  remedy autosd preauth list --active-only",
    "",
  ]);
});

test("says whose branch was pushed where, and how to see the record", async () => {
  const { stdout } = await runInMemory(["push", "--project", "tasks"], answeringEngine());
  expect(stdout).toBe(
    "Pushed cccccccccccc to main of ssh://git.example.org/bookmarks.git (new).\n" +
      "The record of it: autosd audit show --project tasks --action push\n",
  );
  const nameless = await runInMemory(["push"], answeringEngine());
  expect([nameless.exitCode, nameless.stderr]).toEqual([
    2,
    expect.stringContaining("Name the project with --project."),
  ]);
});
