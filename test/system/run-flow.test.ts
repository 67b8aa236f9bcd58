import { execFileSync } from "node:child_process";
import { cp, rename, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLocalEngine } from "../../src/adapters/engine/local-engine.ts";
import { createPartitionLock } from "../../src/adapters/engine/partition-lock.ts";
import { createHaltFiles } from "../../src/adapters/governance/halt-files.ts";
import { createBlueprintImplementer } from "../../src/adapters/implementers/blueprint-implementer.ts";
import {
  recordingImplementer,
  recordingPlanner,
} from "../../src/adapters/implementers/recording-session.ts";
import {
  createReplayImplementer,
  createReplayPlanner,
} from "../../src/adapters/implementers/replay-session.ts";
import {
  emptySession,
  parseSession,
  renderSession,
  type SessionSink,
  withExchange,
} from "../../src/delivery/agent/session-recording.ts";
import { createBlueprintPlanner } from "../../src/blueprint/plan/blueprint-planner.ts";
import { apiServicePlatform } from "../../src/blueprint/platforms/api-service/platform.ts";
import { readProduct } from "../../src/blueprint/read/read-product.ts";
import { createMemoryAuditLog } from "../../src/adapters/governance/memory-audit-log.ts";
import { createPolicyFiles } from "../../src/adapters/governance/policy-files.ts";
import { createMachineFolders } from "../../src/adapters/folders/machine-folders.ts";
import { createProcessRunner } from "../../src/adapters/process/spawn-runner.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { systemIds } from "../../src/adapters/process/system-ids.ts";
import { openDatabase, type Database } from "../../src/adapters/store/database.ts";
import { createOwnRecords } from "../../src/adapters/store/own-records.ts";
import { createVouchedFiles } from "../../src/adapters/store/vouched-files.ts";
import type { OwnRecords } from "../../src/state/own-records.port.ts";
import { createProjectFiles } from "../../src/adapters/store/project-files.ts";
import { createProjectStore } from "../../src/adapters/store/project-store.ts";
import { createRunJournal } from "../../src/adapters/store/run-journal.ts";
import { createExistingRepositories } from "../../src/adapters/vcs/existing.ts";
import { createGit } from "../../src/adapters/vcs/git.ts";
import { createScratchWorkspaces } from "../../src/adapters/workspace/scratch-workspaces.ts";
import type { AgentEvent, Implementer } from "../../src/delivery/agent/implementer.port.ts";
import type { Planner } from "../../src/delivery/agent/planner.port.ts";
import { ModelError } from "../../src/delivery/agent/model/errors.ts";
import type { ExistingRepositories } from "../../src/delivery/agent/existing-repository.port.ts";
import type { Vcs } from "../../src/delivery/agent/vcs.port.ts";
import type { Evidence } from "../../src/delivery/backlog/backlog.ts";
import type { Verifier } from "../../src/delivery/verification/verification.port.ts";
import type { RunInput, RunResult } from "../../src/engine/autosd.ts";
import type { EngineClient } from "../../src/engine/ports/run-engine.port.ts";
import type { ModelSettings } from "../../src/engine/ports/providers.port.ts";
import { resumeRun, type RunLauncher, startRun } from "../../src/engine/run/start-run.ts";
import type { HaltSwitch } from "../../src/governance/policy/halt-switch.port.ts";
import { AutosdError } from "../../src/kernel/errors.ts";

type Act = (
  story: string,
  attempt: number,
) => Promise<readonly AgentEvent[]> | readonly AgentEvent[];

const requirements = "Notes can be added.\n\nNotes can be listed.\n\nNotes fly to the moon.";

/** One story a sentence; the second waits for the first, the third for nobody. */
const planner: Planner = {
  kind: "blueprint",
  refine: async (document) => ({
    schema: "autosd/refined-requirements@1",
    source: { name: document.source, digest: document.digest },
    title: "Notes",
    brief: "Notes.",
    personas: [],
    stories: document.sentences.map((sentence, index) => ({
      id: `ST-${index + 1}`,
      title: sentence.text,
      asA: "person",
      iWant: "it",
      soThat: "it helps",
      criteria: [{ id: `AC-${index + 1}.1`, given: "a", when: "b", then: "c" }],
      sentences: [sentence.id],
      origin: "requirements" as const,
      dependsOn: index === 1 ? ["ST-1"] : [],
      points: 1,
      priority: "must" as const,
      features: [`f${index + 1}`],
    })),
    nonfunctional: [],
    ambiguities: [],
    contradictions: [],
    missingConstraints: [],
    edgeCases: [],
    externalDependencies: [],
    assumptions: [],
    stack: [],
    notCovered: [],
  }),
  choosePlatform: async () => ({
    platform: "api_service",
    why: "it fits",
    startCommands: ["npm start"],
    components: [],
  }),
  designDocument: async () => "# Design\n",
};

/** Green unless a file of the tree says BROKEN. */
function verifierOn(vcs: Vcs): Verifier {
  return {
    verify: async (request) => {
      const paths = await vcs.listFiles(request.repository, request.tree);
      const texts = await Promise.all(
        paths.map((path) => vcs.readFile(request.repository, request.tree, path)),
      );
      const broken = texts.some((text) => Buffer.from(text ?? []).includes("BROKEN"));
      const evidence = (gate: string): Evidence => ({
        gate,
        verdict: gate === "tests" && broken ? "red" : "green",
        command: ["npm", "test"],
        exitCode: broken ? 1 : 0,
        durationMs: 1,
        tree: request.tree,
        outputDigest: "sha256:00",
        finding: broken ? "1 test failed" : "3 tests passed",
      });
      const gates = ["install", "format", "lint", "types", "tests", "secrets", "sbom", "docs"];
      const all = request.story === undefined ? gates : [...gates, "acceptance", "test-integrity"];
      return {
        schema: "autosd/verification-report@1",
        projectId: request.projectId,
        tree: request.tree,
        baseTree: request.baseTree,
        storyId: request.story?.id,
        evidence: all.map(evidence),
        testsRun: 3,
        durationMs: 5,
      };
    },
  };
}

class World {
  root = "";
  database!: Database;
  engine!: EngineClient;
  vcs!: Vcs;
  repositories!: ExistingRepositories;
  readonly calls: string[] = [];
  readonly notices: string[] = [];
  /** Makes the product one whose toolchain is known. */
  manifest: string | undefined;
  /** What was set for models, each time that an execution began. */
  readonly chosen: (ModelSettings | null)[] = [];
  act: Act = () => [];
  /** Instead of the planner and the implementer above. */
  pair: { readonly planner: Planner; readonly implementer: Implementer } | undefined;

  static async create(): Promise<World> {
    const world = new World();
    world.root = await mkdtemp(join(tmpdir(), "autosd-flow-"));
    const git = {
      runner: createProcessRunner(),
      scratch: join(world.root, "git"),
      searchPath: process.env["PATH"] ?? "",
    };
    world.vcs = createGit(git);
    world.repositories = createExistingRepositories(git);
    await world.boot();
    return world;
  }

  /** A new process, as far as state goes. */
  async boot(): Promise<void> {
    this.database = await openDatabase({ home: join(this.root, "home") });
    this.engine = createLocalEngine({
      journal: createRunJournal(this.database),
      lock: createPartitionLock(join(this.root, "home", "locks")),
      clock: systemClock,
      ids: systemIds,
    });
  }

  async reboot(): Promise<void> {
    await this.engine.close();
    await this.database.close();
    await this.boot();
  }

  async dispose(): Promise<void> {
    await this.engine.close();
    await this.database.close();
    await rm(this.root, { recursive: true, force: true });
  }

  get out(): string {
    return join(this.root, "out");
  }

  readonly audit = createMemoryAuditLog({ clock: systemClock });

  get own(): OwnRecords {
    return createOwnRecords(join(this.root, "home", "records"));
  }

  get halts(): HaltSwitch {
    return createHaltFiles(join(this.root, "home"));
  }

  launcher(vcs: Vcs = this.vcs): RunLauncher {
    const implementer: Implementer = {
      kind: "blueprint",
      implement: (task) => {
        const { calls, act, manifest } = this;
        return (async function* () {
          calls.push(`${task.story.id}#${task.attempt}`);
          await task.workspace.write(`src/${task.story.id}.txt`, `made for ${task.story.title}\n`);
          if (manifest !== undefined) await task.workspace.write("package.json", manifest);
          const events = await act(task.story.id, task.attempt);
          for (const event of events) yield event;
          if (events.length === 0)
            yield {
              kind: "proposal" as const,
              proposal: { summary: "all tests pass", acceptanceTests: ["a"], changedTests: [] },
            };
        })();
      },
    };
    return {
      services: {
        autosdVersion: "0.0.0",
        clock: systemClock,
        files: createVouchedFiles(createProjectFiles(), this.own),
        own: this.own,
        projects: createProjectStore(this.database),
        runs: this.engine,
        vcs,
        repositories: this.repositories,
        verifier: verifierOn(this.vcs),
        workspaces: createScratchWorkspaces({ scratch: join(this.root, "work"), vcs }),
        providers: {
          settle: async (choice) => choice,
          choose: async (choice) => {
            this.chosen.push(choice.models);
            const name = "blueprint";
            return { name, why: "it is the only one", planner, implementer, ...this.pair };
          },
        },
        folders: createMachineFolders(this.root),
        audit: this.audit,
        halts: this.halts,
        places: createPolicyFiles(join(this.root, "home")),
        sbomOf: () => "{}",
        observe: (event) => {
          if (event.kind === "notice") this.notices.push(event.message);
        },
      },
      sprintDefaults: {
        executionMode: "direct",
        provider: "auto",
        models: null,
        providerWhy: null,
        replayFile: null,
        recordFile: null,
        preferredPlatform: null,
        maxTaskAttempts: 2,
        reproducible: false,
        install: true,
      },
      engine: this.engine,
      beforeExecution: async () => undefined,
      requirements: {
        read: async (input) => ({
          source: "text",
          bytes: Buffer.from(input.kind === "text" ? input.text : ""),
        }),
      },
      ids: systemIds,
      deadline: () => ({ signal: new AbortController().signal, release: () => undefined }),
    };
  }

  run(overrides: Partial<RunInput> = {}, signal?: AbortSignal, vcs?: Vcs): Promise<RunResult> {
    return startRun(
      this.launcher(vcs),
      {
        requirements: { kind: "text", text: requirements },
        outputDirectory: this.out,
        projectId: undefined,
        executionMode: "direct",
        provider: "auto",
        replayFile: undefined,
        recordFile: undefined,
        preferredPlatform: undefined,
        maxTaskAttempts: 3,
        maxStoriesPerSprint: 2,
        timeoutSeconds: undefined,
        reproducible: false,
        install: true,
        ...overrides,
      },
      signal ?? new AbortController().signal,
    );
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", ["-C", this.out, ...args], { encoding: "utf8" }).trim();
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse(await readFile(join(this.out, ".autosd", path), "utf8")) as Record<
      string,
      unknown
    >;
  }
}

/** As a product: blueprint itself, before the gates above. */
function blueprintPair() {
  return {
    planner: createBlueprintPlanner([apiServicePlatform]),
    implementer: createBlueprintImplementer({
      platforms: [apiServicePlatform],
      templatesDirectory: fileURLToPath(new URL("../../templates", import.meta.url)),
      readProduct,
    }),
  };
}

describe("changed requirements", () => {
  const text = `# Tasks

A task has a title, which is required and at most 100 characters long.

- create, look at, list, change and delete tasks
- see how many tasks there are for each title
`;
  const both = text.replace("see how", "search tasks by words in the title\n- see how");
  let world: World;
  beforeEach(async () => {
    world = await World.create();
    world.pair = blueprintPair();
  });
  afterEach(() => world.dispose());

  const run = (requirements: string) =>
    world.run({ requirements: { kind: "text", text: requirements }, maxStoriesPerSprint: 20 });
  const ids = (result: RunResult, ...titles: readonly string[]) =>
    result.stories.filter(({ title }) => titles.includes(title)).map(({ id }) => id);
  const commits = (result: RunResult) =>
    new Map(result.stories.map(({ id, commit }) => [id, commit]));

  it("build again what they change, keep what they do not, and report what they take away", async () => {
    const first = await run(both);
    expect(first).toMatchObject({ outcome: "verified", exitCode: 0 });
    expect(first.change).toBeUndefined();
    expect((await run(both)).change).toBeUndefined();
    const [search = ""] = ids(first, "Search tasks");
    const changed = text.replace("100 characters long.", "100 characters long, and a colour.");
    const second = await run(changed);
    expect(second).toMatchObject({ outcome: "verified", exitCode: 0 });
    expect(second.change?.removed).toEqual([{ id: search, title: "Search tasks" }]);
    const again = ids(second, "Create a task", "Change a task");
    expect(second.change?.reopened).toEqual(again);
    const before = commits(first);
    for (const [id, commit] of commits(second))
      if (again.includes(id)) expect(commit, id).not.toBe(before.get(id));
      else expect(commit, id).toBe(before.get(id));
    expect(world.git("ls-files")).not.toMatch(/search/);
    expect(world.git("show", "HEAD:src/storage/migrations.ts")).toMatch(/ADD COLUMN colour TEXT/);
    expect(world.git("show", "-s", "--format=%B", second.change?.commit ?? "")).toContain(
      `- ${search} is asked for no more: Search tasks`,
    );
    expect(world.git("status", "--porcelain")).toBe("");
  });

  it("that say the same in other words, under another name, leave every story done", async () => {
    const first = await run(text);
    const second = await run(
      text
        .replace("# Tasks", "# Errands")
        .replace("at most 100 characters long", "no longer than 100 characters"),
    );
    expect(second.outcome).toBe("verified");
    expect(second.change).toMatchObject({ removed: [], reopened: [] });
    expect(second.change?.problem).toBeUndefined();
    expect([...commits(second)]).toEqual([...commits(first)]);
    expect(world.git("show", "HEAD:README.md")).toMatch(/^# Errands/);
  });

  it("are recorded and replayed to the same files, with what they took out", async () => {
    const { planner: asked, implementer } = blueprintPair();
    let session = emptySession();
    const sink: SessionSink = {
      record: async (exchange) => {
        session = withExchange(session, exchange);
      },
    };
    world.pair = {
      planner: recordingPlanner(asked, sink),
      implementer: recordingImplementer(implementer, sink),
    };
    const changed = text.replace("100 characters long.", "100 characters long, and a colour.");
    await run(both);
    const recorded = await run(changed);
    const tree = world.git("rev-parse", "HEAD^{tree}");
    await world.dispose();

    world = await World.create();
    const replayed = parseSession(renderSession(session), "session.json");
    world.pair = {
      planner: createReplayPlanner(replayed),
      implementer: createReplayImplementer(replayed),
    };
    await run(both);
    const second = await run(changed);
    expect(second).toMatchObject({ outcome: "verified", exitCode: 0 });
    const { removed, reopened } = recorded.change ?? {};
    expect(reopened).not.toEqual([]);
    expect(second.change).toMatchObject({ removed, reopened });
    expect(world.git("rev-parse", "HEAD^{tree}")).toBe(tree);
    // Other changes were not recorded, and nothing similar is done instead.
    await expect(run(text)).rejects.toMatchObject({ code: "AUTOSD-REPLAY-UNKNOWN-PROMPT" });
  });

  it("never overwrite what a person changed: the run names the file and ends with 4", async () => {
    await run(text);
    const mine = "// Somebody's own.\n";
    await writeFile(join(world.out, "src/domain/task.ts"), mine);
    await writeFile(join(world.out, "AGENTS.md"), "Nobody's business.\n");
    world.git("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qam", "mine");
    const head = world.git("rev-parse", "HEAD");
    const changed = text.replace("100 characters long.", "100 characters long, and a colour.");
    const second = await run(changed);
    expect(second).toMatchObject({ outcome: "incomplete", exitCode: 4, head });
    expect(second.change?.problem).toMatch(
      /since it was written: src\/domain\/task\.ts\. Nothing was overwritten\. Take that change out/,
    );
    expect(second.stories.filter(({ status }) => status === "failed")).not.toEqual([]);
    expect(await readFile(join(world.out, "src/domain/task.ts"), "utf8")).toBe(mine);
    world.git("-c", "user.name=a", "-c", "user.email=a@localhost", "revert", "--no-edit", "HEAD");
    await writeFile(join(world.out, "AGENTS.md"), "Nobody's business.\n");
    world.git("-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-qam", "mine again");
    expect(await run(changed)).toMatchObject({ outcome: "verified", exitCode: 0 });
    expect(await readFile(join(world.out, "AGENTS.md"), "utf8")).toBe("Nobody's business.\n");
  });
});

describe("the run flow", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.dispose());

  it("commits every proven story by itself and says how to start the result", async () => {
    const result = await world.run();
    expect(result).toMatchObject({ outcome: "verified", exitCode: 0, projectId: "notes" });
    expect(result.howToStart).toEqual(["npm start"]);
    expect(world.git("log", "--format=%(trailers:key=Story,valueonly)").split(/\n+/)).toEqual(
      expect.arrayContaining(["ST-1", "ST-2", "ST-3"]),
    );
    expect(world.git("status", "--porcelain")).toBe("");
    expect(await readFile(join(world.out, "src", "ST-3.txt"), "utf8")).toMatch(/moon/);
    expect(world.git("ls-files")).not.toMatch(/\.autosd/);
    const manifest = await world.json("provenance/build_manifest.json");
    expect(manifest["source"]).toMatchObject({ head: result.head });
    expect(await world.json("progress.json")).toMatchObject({ stories: { total: 3, done: 3 } });
    const project = await createProjectStore(world.database).get("notes");
    expect(project).toMatchObject({ health: "verified", storiesDone: 3, directory: world.out });
    // What a grant that asks for gates is held against.
    const gates = await (await world.audit.facts()).gatesOf(result.head ?? "");
    expect(gates).toContainEqual(expect.objectContaining({ name: "tests", ok: true }));
  });

  it("never commits what a gate rejects, whatever the implementer claims, and ends with 4", async () => {
    world.act = (story) => {
      if (story !== "ST-3") return [];
      return [
        {
          kind: "proposal",
          proposal: { summary: "all tests pass, I promise", acceptanceTests: [], changedTests: [] },
        },
      ];
    };
    const vcs: Vcs = {
      ...world.vcs,
      snapshot: async (directory, from) => {
        const liar = from.includes("ST-3");
        if (liar) await writeFile(join(from, "lie.txt"), "BROKEN");
        return world.vcs.snapshot(directory, from);
      },
    };
    const result = await world.run({}, undefined, vcs);
    expect(result).toMatchObject({ outcome: "incomplete", exitCode: 4 });
    expect(result.stories.map((story) => story.status)).toEqual(["done", "done", "failed"]);
    expect(result.stories[2]?.reason).toMatch(/1 test failed/);
    expect(world.git("ls-files")).not.toMatch(/lie/);
    // The same failure twice ends it, although three attempts were allowed.
    expect(world.calls.filter((call) => call.startsWith("ST-3"))).toHaveLength(2);
    const backlog = (await world.json("backlog.json")) as {
      stories: { attempts: { outcome: string; evidence: unknown[] }[] }[];
    };
    expect(backlog.stories[2]?.attempts.map((one) => one.outcome)).toEqual([
      "rejected",
      "rejected",
    ]);
    expect(backlog.stories[2]?.attempts[0]?.evidence.length).toBeGreaterThan(0);
  });

  it("rejects an attempt that plants a repository, and runs nothing of it", async () => {
    world.act = async (story) => {
      if (story === "ST-3") {
        const work = join(world.root, "work");
        const [own = ""] = (await readdir(work)).filter((name) => !name.endsWith(".lock"));
        const [attempt = ""] = (await readdir(join(work, own))).filter((name) => name[0] !== ".");
        const planted = join(work, own, attempt, "sub", ".git");
        await mkdir(planted, { recursive: true });
        await writeFile(join(planted, "config"), "[core]\n\tfsmonitor = touch /tmp/owned\n");
      }
      return [];
    };
    const result = await world.run();
    expect(result.stories.map((story) => story.status)).toEqual(["done", "done", "failed"]);
    expect(result.stories[2]?.reason).toMatch(/\.git/);
    expect(result.exitCode).toBe(4);
  });

  it("keeps what is proven when a story cannot be built, and names what waits for it", async () => {
    world.act = (story) =>
      story === "ST-1" ? [{ kind: "unimplemented", reason: "no idea", sentences: ["S1"] }] : [];
    const result = await world.run();
    expect(result.exitCode).toBe(4);
    expect(result.stories.map((story) => story.status)).toEqual(["unimplemented", "ready", "done"]);
    expect(result.stories[0]?.reason).toBe("no idea");
    expect(result.stories[1]?.reason).toMatch(/ST-1/);
    expect(world.git("rev-list", "--count", "HEAD")).toBe("1");
  });

  it("goes on after an interruption without asking the implementer again for what it answered", async () => {
    const abort = new AbortController();
    world.act = (story) => {
      if (story === "ST-2") abort.abort();
      return [];
    };
    const cut = await world.run({}, abort.signal).catch((error: unknown) => error);
    expect(cut).toBeInstanceOf(AutosdError);
    expect(cut).toMatchObject({ code: "AUTOSD-RUN-INTERRUPTED", exitCode: 130 });
    expect((cut as AutosdError).remedy).toMatch(/^autosd runs resume run_/);
    await world.reboot();
    world.act = () => [];
    const result = await resumeRun(world.launcher(), undefined, new AbortController().signal);
    expect(result.exitCode).toBe(0);
    expect(world.calls.filter((call) => call.startsWith("ST-1"))).toHaveLength(1);
    expect(world.git("rev-list", "--count", "HEAD")).toBe("3");
  });

  it("stops at its next step when the project is halted, refuses to go on, and finishes when lifted", async () => {
    const halt = { project: "notes", reason: "wrong", by: "ana", atMs: 1 };
    world.act = async (story) => {
      if (story === "ST-2") await world.halts.halt(halt);
      return [];
    };
    const cut = await world.run().catch((error: unknown) => error);
    expect(cut).toMatchObject({ code: "AUTOSD-HALTED-RUN", exitCode: 7 });
    expect((cut as AutosdError).remedy).toMatch(
      /^autosd resume --project notes && autosd runs resume run_/,
    );
    expect(world.git("rev-list", "--count", "HEAD")).toBe("1");
    await world.reboot();
    const asked = world.calls.length;
    const { signal } = new AbortController();
    for (const again of [() => world.run(), () => resumeRun(world.launcher(), undefined, signal)])
      await expect(again()).rejects.toMatchObject({ code: "AUTOSD-HALTED", exitCode: 3 });
    expect(world.calls).toHaveLength(asked);
    expect(await world.engine.list({ status: ["interrupted"], limit: 9 })).toHaveLength(1);
    await world.halts.lift("notes");
    world.act = () => [];
    expect((await resumeRun(world.launcher(), undefined, signal)).exitCode).toBe(0);
    expect(world.git("rev-list", "--count", "HEAD")).toBe("3");
  });

  it("creates nothing for a new project while everything is halted", async () => {
    await world.halts.halt({ project: "*", reason: "", by: "ana", atMs: 1 });
    await expect(world.run()).rejects.toMatchObject({ remedy: "autosd resume --all" });
    await expect(readdir(world.out)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await world.engine.list({ limit: 9 })).toEqual([]);
  });

  it("resumes when the same command is given again", async () => {
    const abort = new AbortController();
    world.act = (story) => {
      if (story === "ST-3") abort.abort();
      return [];
    };
    await world.run({}, abort.signal).catch(() => undefined);
    await world.reboot();
    const done = world.calls.length;
    world.act = () => [];
    expect((await world.run()).exitCode).toBe(0);
    expect(world.calls.length - done).toBeLessThanOrEqual(2);
    expect(await world.engine.list({ limit: 10 })).toHaveLength(1);
  });

  it("goes on under larger limits with the run that stopped at one, resumed or asked for again", async () => {
    const models: ModelSettings = {
      ...{ model: "m-1", plannerModel: null, baseUrl: null, keyFile: null },
      ...{ waitForResetSeconds: 60, maxCostUsd: null, maxTokens: 10 },
    };
    world.act = (story) => {
      if (story === "ST-2" && isBroken)
        throw new ModelError("AUTOSD-BUDGET-SPENT", "the next call may take 20 tokens");
      return [];
    };
    let isBroken = true;
    const spent = { code: "AUTOSD-BUDGET-SPENT", exitCode: 7 };
    await expect(world.run({ models })).rejects.toMatchObject(spent);
    const larger = { ...models, maxTokens: 20, maxCostUsd: 5, waitForResetSeconds: null };
    await expect(world.run({ models: larger })).rejects.toMatchObject(spent);
    expect(world.chosen.at(-1)).toEqual(larger);
    await world.reboot();
    const { signal } = new AbortController();
    const raised = resumeRun(world.launcher(), undefined, signal, { maxTokens: 30 });
    await expect(raised).rejects.toMatchObject(spent);
    expect(world.chosen.at(-1)).toEqual({ ...larger, maxTokens: 30 });
    await world.reboot();
    isBroken = false;
    // What was set once holds until it is set again.
    const result = await resumeRun(world.launcher(), undefined, signal);
    expect(world.chosen.at(-1)).toEqual({ ...larger, maxTokens: 30 });
    expect(result.exitCode).toBe(0);
    expect(world.calls.filter((call) => call.startsWith("ST-1"))).toHaveLength(1);
    expect(await world.engine.list({ limit: 10 })).toHaveLength(1);
  });

  it("keeps only what was set anew: going on as before leaves no trace", async () => {
    const abort = new AbortController();
    world.act = (story) => {
      if (story === "ST-2") abort.abort();
      return [];
    };
    await world.run({}, abort.signal).catch(() => undefined);
    const [run] = await world.engine.list({ limit: 1 });
    world.act = () => [];
    expect((await world.run()).exitCode).toBe(0);
    expect(await world.engine.signals(run?.runId ?? "", "limits")).toEqual([]);
  });

  it("begins anew for another model: that is other work", async () => {
    const models: ModelSettings = {
      ...{ model: "m-1", plannerModel: null, baseUrl: null, keyFile: null },
      ...{ waitForResetSeconds: null, maxCostUsd: null, maxTokens: 10 },
    };
    world.act = () => {
      throw new ModelError("AUTOSD-BUDGET-SPENT", "nothing is left");
    };
    await expect(world.run({ models })).rejects.toMatchObject({ exitCode: 7 });
    world.act = () => [];
    await world.run({ models: { ...models, model: "m-2" } });
    const runs = await world.engine.list({ limit: 10 });
    expect(runs.map((one) => one.status)).toEqual(["succeeded", "cancelled"]);
  });

  it("stops with 8 when attempts in a row go nowhere, and goes on with the other stories when told to", async () => {
    const seven = Array.from({ length: 7 }, (_, index) => `Note ${index + 1} is kept.`);
    const input = { requirements: { kind: "text", text: seven.join("\n\n") } } as const;
    world.act = (story) =>
      ["ST-3", "ST-5", "ST-6"].includes(story)
        ? [
            {
              kind: "failed",
              reason: `no progress: ${story} changed nothing`,
              retryable: false,
              isWithoutProgress: true,
            },
          ]
        : [];
    const stopped = await world.run(input).catch((error: unknown) => error);
    expect(stopped).toMatchObject({ code: "AUTOSD-NO-PROGRESS", exitCode: 8 });
    // One that got somewhere in between counts from none.
    expect((stopped as AutosdError).message).toBe(
      "2 attempts in a row brought no story nearer to done (ST-5 attempt 1: no progress: ST-5 changed nothing; ST-6 attempt 1: no progress: ST-6 changed nothing)",
    );
    expect((stopped as AutosdError).remedy).toMatch(/autosd runs resume run_/);
    expect(world.calls.at(-1)).toBe("ST-6#1");
    const { stories } = (await world.json("backlog.json")) as {
      stories: readonly { id: string; status: string }[];
    };
    expect(stories.filter(({ status }) => status === "failed").map(({ id }) => id)).toEqual([
      ...["ST-3", "ST-5", "ST-6"],
    ]);
    await world.reboot();
    const asked = world.calls.length;
    const result = await resumeRun(world.launcher(), undefined, new AbortController().signal);
    expect(world.calls.slice(asked)).toEqual(["ST-7#1"]);
    expect(result).toMatchObject({ outcome: "incomplete", exitCode: 4 });
  });

  it("finds a commit whose answer was lost instead of making it twice", async () => {
    let crashes = 1;
    const vcs: Vcs = {
      ...world.vcs,
      commit: async (authorization, directory, request) => {
        const commit = await world.vcs.commit(authorization, directory, request);
        if (crashes > 0) {
          crashes -= 1;
          throw new Error("the answer was lost");
        }
        return commit;
      },
    };
    const result = await world.run({}, undefined, vcs);
    expect(crashes).toBe(0);
    expect(result.exitCode).toBe(0);
    expect(world.calls.filter((call) => call.startsWith("ST-1"))).toHaveLength(1);
    expect(world.git("rev-list", "--count", "HEAD")).toBe("3");
  });

  it("finds everything done when it is run again, and asks nobody", async () => {
    await world.run();
    const before = [...world.calls];
    const head = world.git("rev-parse", "HEAD");
    const again = await world.run();
    expect(again).toMatchObject({ exitCode: 0, head });
    expect(world.calls).toEqual(before);
  });

  it("gives equal commits for equal requirements when reproducible", async () => {
    const first = await world.run({ reproducible: true });
    const second = await world.run({
      reproducible: true,
      outputDirectory: join(world.root, "other"),
      projectId: "other",
    });
    expect(second.head).toBe(first.head);
  });

  it("stops after the backlog in planning mode and builds on the next run", async () => {
    const planned = await world.run({ executionMode: "planning" });
    expect(planned).toMatchObject({ outcome: "planned", exitCode: 0 });
    expect(world.calls).toEqual([]);
    expect((await world.run()).exitCode).toBe(0);
  });

  it("numbers the project id when another folder has it", async () => {
    await world.run();
    const other = await world.run({ outputDirectory: join(world.root, "elsewhere") });
    expect(other.projectId).toBe("notes-2");
  });

  it("leaves a folder alone that it did not create", async () => {
    await mkdir(world.out);
    await writeFile(join(world.out, "mine.txt"), "mine");
    await expect(world.run()).rejects.toMatchObject({ code: "AUTOSD-OUTPUT-NOT-OURS" });
    expect(await readFile(join(world.out, "mine.txt"), "utf8")).toBe("mine");
  });

  describe("with records that this home did not write", () => {
    const forgetOwn = (): Promise<void> =>
      rm(join(world.root, "home", "records"), { recursive: true });
    const rewrite = async (path: string, change: (text: string) => string): Promise<void> => {
      const file = join(world.out, ".autosd", path);
      await writeFile(file, change(await readFile(file, "utf8")));
    };

    it("builds again what a commit that was not made for the story is to show", async () => {
      world.manifest = '{ "name": "notes" }';
      const first = await world.run();
      const [one, two] = first.stories;
      await rewrite("backlog.json", (text) =>
        text.replace(`"commit": "${two?.commit ?? ""}"`, `"commit": "${one?.commit ?? ""}"`),
      );
      world.calls.length = 0;
      const again = await world.run();
      expect(world.notices.join("\n")).toContain("came from elsewhere");
      expect(world.notices.join("\n")).toMatch(
        /ST-2 is not believed to be done: .*not made for it/,
      );
      expect(world.calls).toContain("ST-2#1");
      // The claim of the others was proven: nobody was asked for them.
      expect(new Set(world.calls)).toEqual(new Set(["ST-2#1", "ST-2#2"]));
      expect(again).toMatchObject({ exitCode: 4, outcome: "incomplete" });
    });

    it("believes no done story without a commit", async () => {
      await world.run();
      await rewrite("backlog.json", (text) =>
        text.replaceAll(/"commit": "[0-9a-f]+"/g, '"commit": null'),
      );
      world.calls.length = 0;
      expect(await world.run()).toMatchObject({ exitCode: 4, outcome: "incomplete" });
      expect(world.calls).toContain("ST-1#1");
    });

    it("proves a copied project once, asks nobody and goes on", async () => {
      world.manifest = '{ "name": "notes" }';
      const first = await world.run();
      await forgetOwn();
      world.calls.length = 0;
      const again = await world.run();
      expect(again).toMatchObject({ exitCode: 0, head: first.head });
      expect(world.calls).toEqual([]);
      expect(world.notices.join("\n")).toContain("ST-1, ST-2, ST-3");
      world.notices.length = 0;
      expect((await world.run()).exitCode).toBe(0);
      expect(world.notices).toEqual([]);
    });

    it("leaves what it wrote itself as it is, also in a folder that was moved", async () => {
      expect((await world.run()).exitCode).toBe(0);
      world.calls.length = 0;
      expect((await world.run()).exitCode).toBe(0);
      expect(world.calls).toEqual([]);
      expect(world.notices.join("\n")).not.toContain("came from elsewhere");
    });

    it("does not take another folder's project id", async () => {
      const { projectId } = await world.run();
      await cp(world.out, join(world.root, "copy"), { recursive: true });
      await forgetOwn();
      const copy = { outputDirectory: join(world.root, "copy") };
      await expect(world.run(copy)).rejects.toMatchObject({
        code: "AUTOSD-PROJECT-CONFLICT",
        remedy: expect.stringContaining(`--project-id ${projectId}-copy`) as string,
      });
      const other = await world.run({ ...copy, projectId: "another", executionMode: "planning" });
      expect(other.projectId).toBe("another");
    });

    it("goes on in a folder that was moved, under its own id", async () => {
      const { projectId } = await world.run();
      const moved = join(world.root, "moved");
      await rename(world.out, moved);
      world.calls.length = 0;
      const there = await world.run({ outputDirectory: moved });
      expect(there).toMatchObject({ projectId, exitCode: 0 });
      expect(world.calls).toEqual([]);
    });
  });

  it("refuses a second run on the same folder while one works", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    world.act = async () => {
      entered();
      await gate;
      return [];
    };
    const first = world.run();
    await inside;
    await expect(world.run()).rejects.toMatchObject({ code: "AUTOSD-RUN-BUSY" });
    await expect(world.run({ maxTaskAttempts: 1 })).rejects.toMatchObject({
      code: "AUTOSD-RUN-BUSY",
    });
    release();
    expect((await first).exitCode).toBe(0);
  });
});
