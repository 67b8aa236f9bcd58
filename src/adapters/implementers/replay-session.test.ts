import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  unlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Evidence } from "../../delivery/backlog/backlog.ts";
import { SessionError } from "../../delivery/agent/errors.ts";
import { implementerContract } from "../../delivery/agent/implementer.contract.ts";
import type {
  AgentEvent,
  ImplementationTask,
  Implementer,
} from "../../delivery/agent/implementer.port.ts";
import { plannerContract } from "../../delivery/agent/planner.contract.ts";
import type { Planner, PlatformPlan } from "../../delivery/agent/planner.port.ts";
import {
  emptySession,
  parseSession,
  renderSession,
  withExchange,
  type Session,
  type SessionSink,
} from "../../delivery/agent/session-recording.ts";
import type { RequirementsDocument } from "../../delivery/requirements/document.ts";
import type { RefinedRequirements } from "../../delivery/requirements/refined-requirements.ts";
import { openWorkspace } from "../workspace/folder-workspace.ts";
import { openSessionFile, readSession } from "./recording-file.ts";
import { recordingImplementer, recordingPlanner } from "./recording-session.ts";
import { createReplayImplementer, createReplayPlanner } from "./replay-session.ts";

let folder: string;
let workspaces = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-replay-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const never = () => new AbortController().signal;

const document: RequirementsDocument = {
  source: "notes.md",
  text: "A note has a title.",
  digest: `sha256:${"1".repeat(64)}`,
  title: undefined,
  sentences: [{ id: "S1", text: "A note has a title.", line: 1, kind: "prose", headingPath: [] }],
};

const criteria = [{ id: "AC-1.1", given: "a service", when: "a note is sent", then: "it is kept" }];

const refined: RefinedRequirements = {
  schema: "autosd/refined-requirements@1",
  source: { name: "notes.md", digest: document.digest },
  title: "Notes",
  brief: "Keeps notes.",
  personas: [],
  stories: [
    {
      id: "ST-1",
      title: "Create a note",
      asA: "writer",
      iWant: "to create a note",
      soThat: "I find it again",
      criteria,
      sentences: ["S1"],
      origin: "requirements",
      dependsOn: [],
      points: 2,
      priority: "must",
      features: ["note.create"],
    },
  ],
  nonfunctional: [],
  ambiguities: [],
  contradictions: [],
  missingConstraints: [],
  edgeCases: [],
  externalDependencies: [],
  assumptions: [],
  stack: [],
  notCovered: [],
};

const plan: PlatformPlan = {
  platform: "api_service",
  why: "It is an HTTP API.",
  startCommands: ["npm start"],
  components: [{ name: "http", role: "requests" }],
};

async function task(changes: Partial<ImplementationTask> = {}): Promise<ImplementationTask> {
  workspaces += 1;
  const root = join(folder, `workspace-${workspaces}`);
  await mkdir(join(root, "old"), { recursive: true });
  await writeFile(join(root, "old/gone.txt"), "to be removed");
  await writeFile(join(root, "kept.txt"), "stays");
  await writeFile(join(root, "changed.txt"), "before");
  return {
    projectId: "notes",
    platform: "api_service",
    document,
    refined,
    story: {
      id: "ST-1",
      title: "Create a note",
      narrative: "As a writer",
      criteria,
      sentences: [{ id: "S1", text: "A note has a title." }],
      features: ["note.create"],
      dependsOn: [],
      points: 2,
      priority: "must",
      status: "in_progress",
      attempts: [],
      commit: null,
      sprint: null,
    },
    doneStories: [],
    workspace: openWorkspace({ root, baseTree: "a".repeat(40) }),
    attempt: 1,
    failures: [],
    reproducible: false,
    ...changes,
  };
}

const binary = Buffer.from([0, 255, 254, 128, 10, 13, 0]);
const withMark = "\uFEFFwith a byte order mark\r\nand \u0000 and 🦊 without a last newline";

/** Builds by the port and, like a foreign agent, past it. */
const builder: Implementer = {
  kind: "model",
  async *implement({ workspace }) {
    yield { kind: "progress", message: "writing" };
    await workspace.write("src/note.ts", "export {};\n");
    await workspace.write("src/note.ts", "export const note = 1;\n");
    await workspace.write("run.sh", "#!/bin/sh\n", { executable: true });
    await workspace.write("kept.txt", "stays");
    await workspace.write("test/note.test.ts", withMark);
    await workspace.remove("old/gone.txt");
    await writeFile(join(workspace.root, "changed.txt"), binary);
    yield { kind: "progress", message: "done writing" };
    yield {
      kind: "proposal",
      proposal: { summary: "notes", acceptanceTests: ["test/note.test.ts"], changedTests: [] },
    };
  },
};

const planner: Planner = {
  kind: "model",
  refine: () => Promise.resolve(refined),
  choosePlatform: () => Promise.resolve(plan),
  designDocument: () => Promise.resolve("# Notes\n"),
};

function memorySink(): SessionSink & { session(): Session } {
  let session = emptySession();
  return {
    session: () => session,
    record(exchange) {
      session = withExchange(session, exchange);
      return Promise.resolve();
    },
  };
}

async function eventsOf(implementer: Implementer, asked: ImplementationTask, signal = never()) {
  const events: AgentEvent[] = [];
  for await (const event of implementer.implement(asked, signal)) events.push(event);
  return events;
}

async function recorded(asked?: ImplementationTask): Promise<Session> {
  const sink = memorySink();
  await eventsOf(recordingImplementer(builder, sink), asked ?? (await task()));
  const recording = recordingPlanner(planner, sink);
  await recording.refine(document, never());
  await recording.choosePlatform(document, refined, undefined);
  await recording.designDocument(document, refined, plan);
  return sink.session();
}

/** Path, bytes and mode of every file. */
async function snapshot(root: string) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files
      .sort()
      .map(async (path) => [
        path.slice(root.length),
        (await readFile(path)).toString("base64"),
        (await stat(path)).mode & 0o111,
      ]),
  );
}

implementerContract("replay", async () => {
  const session = await recorded();
  return { implementer: createReplayImplementer(session), task: await task(), again: () => task() };
});

implementerContract("a recorded implementer", async () => ({
  implementer: recordingImplementer(createReplayImplementer(await recorded()), memorySink()),
  task: await task(),
  again: () => task(),
}));

plannerContract("replay", async () => ({
  planner: createReplayPlanner(await recorded()),
  document,
}));

describe("a replay", () => {
  it("leaves the same bytes and modes and says the same words as what was recorded", async () => {
    const first = await task();
    const second = await task();
    const said = await eventsOf(builder, first);
    const text = renderSession(await recorded());
    const replay = createReplayImplementer(parseSession(text, "session.json"));
    expect(await eventsOf(replay, second)).toEqual(said);
    expect(await snapshot(second.workspace.root)).toEqual(await snapshot(first.workspace.root));
  });

  it("sets modes as commands left them, past the port and without a change of bytes", async () => {
    const shell: Implementer = {
      ...builder,
      async *implement({ workspace }) {
        await workspace.write("on.sh", "#!/bin/sh\n");
        await workspace.write("off.sh", "#!/bin/sh\n", { executable: true });
        await chmod(join(workspace.root, "on.sh"), 0o755);
        await chmod(join(workspace.root, "off.sh"), 0o644);
        await chmod(join(workspace.root, "kept.txt"), 0o755);
        yield { kind: "failed", reason: "enough", retryable: true };
      },
    };
    const [first, second] = [await task(), await task()];
    const sink = memorySink();
    await eventsOf(recordingImplementer(shell, sink), first);
    await eventsOf(createReplayImplementer(sink.session()), second);
    expect(await snapshot(second.workspace.root)).toEqual(await snapshot(first.workspace.root));
  });

  it("of an attempt that left a secret stops at it; the session never held it", async () => {
    const secret = ["ghp", "abcdefghijklmnopqrstuvwxyz0123456789"].join("_");
    const leaky: Implementer = {
      ...builder,
      async *implement({ workspace }) {
        await writeFile(join(workspace.root, "key.txt"), secret);
        yield { kind: "failed", reason: "enough", retryable: true };
      },
    };
    const file = join(folder, "session.json");
    await eventsOf(recordingImplementer(leaky, await openSessionFile(file)), await task());
    expect(await readFile(file, "utf8")).not.toContain(secret);
    const asked = await task();
    const before = await snapshot(asked.workspace.root);
    const replay = createReplayImplementer(await readSession(file));
    await expect(eventsOf(replay, asked)).rejects.toThrow("key.txt held a secret");
    expect(await snapshot(asked.workspace.root)).toEqual(before);
  });

  it("of a replay is recorded as the same text", async () => {
    const session = await recorded();
    const sink = memorySink();
    await eventsOf(recordingImplementer(createReplayImplementer(session), sink), await task());
    const again = recordingPlanner(createReplayPlanner(session), sink);
    await again.refine(document, never());
    await again.choosePlatform(document, refined, undefined);
    await again.designDocument(document, refined, plan);
    expect(renderSession(sink.session())).toBe(renderSession(session));
  });

  it("does not depend on how long the failures before it took", async () => {
    const failure = (durationMs: number, outputDigest: string): Evidence => ({
      gate: "tests",
      verdict: "red",
      command: ["npm", "test"],
      exitCode: 1,
      durationMs,
      tree: "b".repeat(40),
      outputDigest,
      finding: "1 of 3 tests failed",
    });
    const session = await recorded(await task({ failures: [failure(10, "sha256:a")], attempt: 2 }));
    const replay = createReplayImplementer(session);
    const later = await task({ failures: [failure(99, "sha256:b")], attempt: 2 });
    expect((await eventsOf(replay, later)).at(-1)?.kind).toBe("proposal");
    const other = await task({
      failures: [{ ...failure(10, "sha256:a"), finding: "2 of 3 tests failed" }],
      attempt: 2,
    });
    await expect(eventsOf(replay, other)).rejects.toThrow("the failures of the attempt before");
  });

  it.each([
    ["another attempt", { attempt: 2 }, "different from the recording: the attempt."],
    ["another platform", { platform: "cli" }, "different from the recording: the platform."],
    [
      "other requirements",
      { document: { ...document, digest: `sha256:${"2".repeat(64)}` } },
      "story ST-1, attempt 1: different from the recording: the requirements text.",
    ],
  ])("of %s says what differs, with exit code 2", async (_, changes, words) => {
    const replay = createReplayImplementer(await recorded());
    const asked = await task(changes);
    const before = await snapshot(asked.workspace.root);
    const error: unknown = await eventsOf(replay, asked).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SessionError);
    expect(error).toMatchObject({ code: "AUTOSD-REPLAY-UNKNOWN-PROMPT", exitCode: 2 });
    expect((error as SessionError).message).toContain(words);
    expect(await snapshot(asked.workspace.root)).toEqual(before);
  });

  it("names the story that is not in it", async () => {
    const asked = await task();
    const story = { ...asked.story, id: "ST-9" };
    await expect(
      eventsOf(createReplayImplementer(await recorded()), { ...asked, story }),
    ).rejects.toThrow("The session has no answer for story ST-9, attempt 1.");
  });

  it("names changed criteria", async () => {
    const asked = await task();
    const story = { ...asked.story, criteria: [{ ...criteria[0], then: "it is lost" }] };
    await expect(
      eventsOf(createReplayImplementer(await recorded()), {
        ...asked,
        story,
      } as ImplementationTask),
    ).rejects.toThrow("different from the recording: the acceptance criteria.");
  });

  it("does not take what changes from run to run for a difference", async () => {
    const asked = await task({ projectId: "notes-2", reproducible: true });
    const story = { ...asked.story, status: "ready" as const, sprint: "sprint-7" };
    const replay = createReplayImplementer(await recorded());
    expect((await eventsOf(replay, { ...asked, story })).at(-1)?.kind).toBe("proposal");
  });
});

describe("an adaptation", () => {
  /** Takes a file out, changes another past the port, and says which story still stands. */
  const adapting: Implementer = {
    ...builder,
    async *adapt({ workspace }) {
      yield { kind: "progress", message: "comparing" };
      await workspace.remove("old/gone.txt");
      await writeFile(join(workspace.root, "changed.txt"), binary);
      const proposal = { summary: "less", acceptanceTests: [], changedTests: [] };
      yield { kind: "proposal", proposal: { ...proposal, standing: ["ST-1"] } };
    },
  };

  async function adaptation(implementer: Implementer, asked: ImplementationTask) {
    const events: AgentEvent[] = [];
    const { story, ...rest } = asked;
    const done = { ...rest, doneStories: [story] };
    for await (const event of implementer.adapt?.(done, never()) ?? []) events.push(event);
    return events;
  }

  async function recordedAdaptation(): Promise<Session> {
    const sink = memorySink();
    await adaptation(recordingImplementer(adapting, sink), await task());
    return parseSession(renderSession(sink.session()), "session.json");
  }

  it("is replayed: the same bytes, the same words, the same stories that stand", async () => {
    const first = await task();
    const second = await task();
    const said = await adaptation(adapting, first);
    const replay = createReplayImplementer(await recordedAdaptation());
    expect(await adaptation(replay, second)).toEqual(said);
    expect(said.at(-1)).toMatchObject({ proposal: { standing: ["ST-1"] } });
    expect(await snapshot(second.workspace.root)).toEqual(await snapshot(first.workspace.root));
  });

  it("is another one when the stories that are done are others, or say something else", async () => {
    const replay = createReplayImplementer(await recordedAdaptation());
    const asked = await task();
    const story = { ...asked.story, title: "Burn a note" };
    await expect(adaptation(replay, { ...asked, story })).rejects.toThrow(
      "what changed requirements do to the project: different from the recording: the stories that are done.",
    );
    const sprint = { ...asked.story, status: "done" as const, commit: "c".repeat(40), sprint: "2" };
    expect((await adaptation(replay, { ...asked, story: sprint })).at(-1)?.kind).toBe("proposal");
  });

  it("is not asked of whoever was recorded without one", async () => {
    expect("adapt" in recordingImplementer(builder, memorySink())).toBe(false);
    expect("adapt" in createReplayImplementer(await recorded())).toBe(false);
  });
});

describe("a recording", () => {
  it("passes events on as they come and leaves the implementer's own kind", async () => {
    const recording = recordingImplementer(builder, memorySink());
    expect(recording.kind).toBe("model");
    expect(await eventsOf(recording, await task())).toEqual(await eventsOf(builder, await task()));
  });

  it("keeps no attempt that was cut", async () => {
    const sink = memorySink();
    const stop = new AbortController();
    const asked = await task();
    for await (const event of recordingImplementer(builder, sink).implement(asked, stop.signal))
      if (event.kind === "progress") stop.abort();
    expect(sink.session().exchanges).toEqual([]);
  });

  it("keeps the last answer when the same is asked again", async () => {
    const sink = memorySink();
    let summary = "first";
    const changing: Implementer = {
      kind: "model",
      async *implement() {
        yield { kind: "failed", reason: summary, retryable: true };
      },
    };
    const recording = recordingImplementer(changing, sink);
    await eventsOf(recording, await task());
    summary = "second";
    await eventsOf(recording, await task());
    expect(sink.session().exchanges).toHaveLength(1);
    expect(await eventsOf(createReplayImplementer(sink.session()), await task())).toEqual([
      { kind: "failed", reason: "second", retryable: true },
    ]);
  });
});

describe("a session file", () => {
  it("is whole after every exchange and is added to when it is opened again", async () => {
    const path = join(folder, "session.json");
    const session = await recorded();
    const [first, ...others] = session.exchanges;
    if (first === undefined) throw new Error("nothing was recorded");
    await (await openSessionFile(path)).record(first);
    expect((await readSession(path)).exchanges).toEqual([first]);
    const again = await openSessionFile(path);
    await Promise.all(others.map((exchange) => again.record(exchange)));
    expect(await readSession(path)).toEqual(session);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).not.toContain(expect.stringContaining(".tmp"));
  });

  it("is not written over a file that is something else", async () => {
    const path = join(folder, "thesis.txt");
    await writeFile(path, "years of work");
    await expect(openSessionFile(path)).rejects.toMatchObject({
      code: "AUTOSD-RECORD-REFUSED",
      exitCode: 2,
    });
    expect(await readFile(path, "utf8")).toBe("years of work");
  });

  it("that cannot be written is refused before anything runs", async () => {
    const path = join(folder, "no/such/folder/session.json");
    await expect(openSessionFile(path)).rejects.toThrow("ENOENT");
  });

  it("that is missing, a folder, or not text is named with the reason", async () => {
    await expect(readSession(join(folder, "none.json"))).rejects.toMatchObject({
      code: "AUTOSD-REPLAY-UNREADABLE",
      message: expect.stringContaining("ENOENT") as string,
    });
    await expect(readSession(folder)).rejects.toMatchObject({ code: "AUTOSD-REPLAY-UNREADABLE" });
    const path = join(folder, "binary.json");
    await writeFile(path, binary);
    await expect(readSession(path)).rejects.toMatchObject({ code: "AUTOSD-REPLAY-CORRUPT" });
    await unlink(path);
  });

  it.each([
    ["cut off", (text: string) => text.slice(0, -40), "it is not JSON"],
    ["empty", () => "", "it is not JSON"],
    ["another record", () => '{"schema":"autosd/backlog@1"}', "schema: "],
    [
      "of a later format",
      (text: string) => text.replace("session@1", "session@2"),
      "session@2; this",
    ],
    [
      "edited in its answer",
      (text: string) => text.replace("note = 1", "note = 2"),
      "the answer is not the one that was recorded",
    ],
    [
      "edited in its prompt",
      (text: string) => text.replace('"attempt": 1', '"attempt": 2'),
      "the prompt is not the digest of its facts",
    ],
    ["extended", (text: string) => text.replace('"kind":', '"more": 1, "kind":'), "exchanges.0"],
  ])("that is %s is refused with the place", async (_, change, words) => {
    const text = change(renderSession(await recorded()));
    expect(() => parseSession(text, "s.json")).toThrow(/^s\.json cannot be replayed: /);
    expect(() => parseSession(text, "s.json")).toThrow(words);
  });

  it("with half of a surrogate pair is refused, written out or as an escape", async () => {
    const text = renderSession(await recorded());
    for (const half of ["\uD83E", "\\ud83e"]) {
      const changed = text.replace("🦊", half);
      expect(changed).not.toBe(text);
      expect(() => parseSession(changed, "s.json")).toThrow(SessionError);
    }
  });

  it("with any one character changed is refused, or says the same", async () => {
    const session = await recorded();
    const text = renderSession(session);
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, character) => {
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          try {
            expect(parseSession(changed, "s.json")).toEqual(session);
          } catch (error) {
            expect(error).toBeInstanceOf(SessionError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const sink = memorySink();
        const writer: Implementer = {
          kind: "model",
          async *implement({ workspace }) {
            await workspace.write("bytes", bytes);
            yield { kind: "failed", reason: "", retryable: false };
          },
        };
        await eventsOf(recordingImplementer(writer, sink), await task());
        const asked = await task();
        const session = parseSession(renderSession(sink.session()), "s.json");
        await eventsOf(createReplayImplementer(session), asked);
        expect(Buffer.from((await asked.workspace.read("bytes")) ?? [])).toEqual(
          Buffer.from(bytes),
        );
      }),
      { numRuns: 25 },
    );
  });
});
