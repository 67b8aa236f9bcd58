import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createModelImplementer } from "../../../src/adapters/implementers/model-implementer.ts";
import { openSessionFile, readSession } from "../../../src/adapters/implementers/recording-file.ts";
import { recordingImplementer } from "../../../src/adapters/implementers/recording-session.ts";
import { createReplayImplementer } from "../../../src/adapters/implementers/replay-session.ts";
import { createRunBudgets } from "../../../src/adapters/implementers/run-budgets.ts";
import { openLog } from "../../../src/adapters/log/open-log.ts";
import { createLimitedCalls, usualPatience } from "../../../src/adapters/models/limited-fetch.ts";
import { createModel, modelProviders } from "../../../src/adapters/models/create-model.ts";
import { systemClock } from "../../../src/adapters/process/system-clock.ts";
import { createProjectFiles } from "../../../src/adapters/store/project-files.ts";
import { createPromptJournal } from "../../../src/adapters/store/prompt-journal.ts";
import { openWorkspace } from "../../../src/adapters/workspace/folder-workspace.ts";
import type {
  AgentEvent,
  ImplementationTask,
  Implementer,
} from "../../../src/delivery/agent/implementer.port.ts";
import { createMemoryLimitStore } from "../../../src/delivery/agent/limits/memory-limit-store.ts";
import { createLimiter } from "../../../src/delivery/agent/limits/limiter.ts";
import type { Model } from "../../../src/delivery/agent/model/model.port.ts";
import type { PromptJournal } from "../../../src/delivery/agent/model/prompt-journal.port.ts";
import { canonicalJson } from "../../../src/kernel/canonical-json.ts";
import { type ScriptedToolCall, callTool, refuse, say } from "../../support/model-server/script.ts";
import { startModelServer } from "../../support/model-server/server.ts";
import { exampleTask, Killed } from "../../support/scripted-attempt.ts";

const lone = /\p{Surrogate}/u;
const secret = `ghp_${"a1B2c3D4e5".repeat(4)}`;

/** Texts that something on the way may stumble over. */
const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    ...["\uD800", "a\uDC00b", "\0", "\u001b[31mred", "\u2028\u2029", "", "__proto__", "\uFEFF"],
    ...[`x${"\u{1F600}".repeat(400)}`, "\u{1F600}".repeat(60), secret, `k="${secret}"`, "../../x"],
    ...["\\ud800", '{"path":"\\ud83d","content":"\\udc00"}', "'; rm -rf /", "x".repeat(30_000)],
  ),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 8 }).map((units) =>
    // Single code units: halves of pairs where they fall.
    String.fromCharCode(...units),
  ),
);

function nested(depth: number): unknown {
  let value: unknown = "deep";
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

const value: fc.Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(nasty, nasty, { maxKeys: 3 }),
  fc.constantFrom<unknown>(nested(40), nested(600), nested(3_000), 1e308, -0, null),
);

const path = fc.oneof(nasty, fc.constantFrom("a.txt", "b/c.txt", "größe.txt"));
const seal = fc.option(nasty, { nil: undefined });
const call: fc.Arbitrary<ScriptedToolCall> = fc
  .tuple(
    seal,
    fc.option(nasty, { nil: undefined }),
    fc.oneof(
      fc.tuple(fc.constant("write"), fc.record({ path, content: nasty })),
      fc.tuple(fc.constant("read"), fc.record({ path })),
      fc.tuple(fc.constant("replace"), fc.record({ path, old: nasty, new: nasty })),
      fc.tuple(fc.constant("run"), fc.record({ command: nasty })),
      fc.tuple(fc.constant("search"), fc.record({ text: nasty })),
      fc.tuple(fc.constant("done"), fc.record({ summary: nasty, acceptanceTests: fc.tuple(path) })),
      fc.tuple(fc.oneof(fc.constantFrom("write", "fly", "run"), nasty), value),
      // Twice encoded, as some models do.
      fc.tuple(
        fc.constant("write"),
        fc.record({ path, content: nasty }).map((one) => JSON.stringify(JSON.stringify(one))),
      ),
    ),
  )
  .map(([sealed, id, [name, given]]) => ({
    ...(sealed === undefined ? {} : { seal: sealed }),
    ...(id === undefined || id === "" ? {} : { id }),
    name: name === "" ? "x" : name,
    arguments: given,
  }));

const answer = fc
  .tuple(
    fc.record({
      text: nasty,
      toolCalls: fc.array(call, { maxLength: 3 }),
      thoughts: fc.array(fc.record({ text: nasty, seal: nasty }), { maxLength: 2 }),
    }),
    seal,
  )
  .map(([said, textSeal]) => (textSeal === undefined ? said : { ...said, textSeal }));

/** A call whose name and id hold half of a surrogate pair. */
const halfNamed = {
  text: "\uDC00",
  toolCalls: [{ id: "a\uD800", name: "read\uD800", arguments: { path: "\uD800" } }],
  thoughts: [],
};

async function modelAt(provider: (typeof modelProviders)[number], url: string): Promise<Model> {
  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (ms !== usualPatience.maxSilenceMs / 2) return;
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  let ids = 0;
  const store = createMemoryLimitStore();
  const nextId = (): string => String(ids++);
  const clock = systemClock;
  const limiter = createLimiter({ store, clock, wait, owner: "test", nextId });
  const shared = { limiter, clock, wait, random: () => 0.5, onWaiting: () => undefined };
  return createModel({
    ...{ provider, model: "m", key: async () => "key", clock },
    baseUrl: `${url}${provider === "google" ? "/v1beta" : "/v1"}`,
    calls: createLimitedCalls({ ...shared, patience: usualPatience }),
  });
}

function implementerOf(model: Model, journal: PromptJournal): Implementer {
  return createModelImplementer({
    model: async () => model,
    journalOf: () => journal,
    commandsOf: async () => ({
      run: async (command) => ({
        ...{ end: { kind: "exited", exitCode: 1 }, output: command, durationMs: 1 },
        ...{ tree: undefined, unsafe: undefined },
      }),
      restore: async () => undefined,
    }),
    promptOf: async () => ({ id: "implement@1", text: "Implement." }),
    budgets: createRunBudgets({ maxTokens: undefined, maxCostMicrousd: undefined }),
    clock: systemClock,
  });
}

async function taskIn(folder: string, directory: string): Promise<ImplementationTask> {
  await mkdir(folder);
  const workspace = openWorkspace({ root: folder, baseTree: "0".repeat(40) });
  return { ...exampleTask(workspace), run: { id: "run_1", directory, mayInstall: false } };
}

async function eventsOf(implementer: Implementer, task: ImplementationTask): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of implementer.implement(task, new AbortController().signal))
    events.push(event);
  return events;
}

async function filesOf({ workspace }: ImplementationTask): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of await workspace.list())
    found[name] = Buffer.from((await workspace.read(name)) ?? []).toString("hex");
  return found;
}

function dyingAfter(inner: PromptJournal, records: number): PromptJournal {
  let left = records;
  return {
    of: (place) => inner.of(place),
    all: (wanted) => inner.all(wanted),
    async append(record) {
      await inner.append(record);
      if ((left -= 1) < 0) throw new Killed();
    },
  };
}

test("whatever a model answers is journaled, resumed, recorded, replayed and logged; nothing is paid twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...modelProviders),
      fc.array(answer, { minLength: 1, maxLength: 4 }),
      fc.nat(12),
      fc.boolean(),
      async (provider, answers, dieAfter, isPlain) => {
        const root = await mkdtemp(join(tmpdir(), "autosd-hostile-"));
        const end = { text: "", toolCalls: [] };
        const form = isPlain ? { form: "plain" as const } : {};
        const server = await startModelServer(({ number }) =>
          say("", { ...(answers[number] ?? end), ...form }),
        );
        try {
          const out = join(root, "out");
          await mkdir(out);
          const open = (): PromptJournal => createPromptJournal(createProjectFiles(), out);
          const model = await modelAt(provider, server.url);
          const first = await taskIn(join(root, "first"), out);
          const firstLife = implementerOf(model, dyingAfter(open(), dieAfter));
          await eventsOf(firstLife, first).catch((error: unknown) => {
            expect(error).toMatchObject({ code: "AUTOSD-MODEL-CUT" });
          });

          const sessionFile = join(root, "session.json");
          const second = await taskIn(join(root, "second"), out);
          const recording = recordingImplementer(
            implementerOf(model, open()),
            await openSessionFile(sessionFile),
          );
          const events = await eventsOf(recording, second);
          const paid = server.ledger.paid.length;
          const records = await open().of({ run: "run_1", story: "ST-1", attempt: 1 });
          const isPaid = ({ kind }: { kind: string }): boolean =>
            kind === "answer" || kind === "call-failed";
          expect(records.filter(isPaid)).toHaveLength(paid);
          // An attempt that fails does so for a reason of its own, not over a text.
          const last = events.at(-1);
          expect(last?.kind).toMatch(/proposal|failed/);
          const reason = last?.kind === "failed" ? last.reason : "";
          expect(reason).not.toMatch(
            /^\$|lone surrogate|nested too deeply|argument must|call stack/,
          );
          expect(canonicalJson(events)).not.toContain(secret);
          for (const event of events)
            if (event.kind === "progress") expect(event.message).not.toMatch(/[\p{Cc}]/u);

          const third = await taskIn(join(root, "third"), out);
          expect(await eventsOf(implementerOf(model, open()), third)).toEqual(events);
          expect(server.ledger.paid).toHaveLength(paid);
          expect(await filesOf(third)).toEqual(await filesOf(second));

          const fourth = await taskIn(join(root, "fourth"), out);
          const replay = createReplayImplementer(await readSession(sessionFile));
          expect(await eventsOf(replay, fourth)).toEqual(events);
          expect(await filesOf(fourth)).toEqual(await filesOf(second));

          const file = join(root, "autosd.log");
          const log = openLog({ file, verbose: true, clock: systemClock });
          for (const event of events) log.info("event", { event });
          for (const record of records) log.debug("record", { record });
          for (const text of [file, join(out, ".autosd/prompt_journal.jsonl")]) {
            const written = await readFile(text, "utf8");
            expect(written).not.toContain(secret);
            for (const line of written.split("\n").filter(Boolean))
              expect(lone.test(JSON.stringify(JSON.parse(line)))).toBe(false);
          }
        } finally {
          await server.close();
          await rm(root, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 40, examples: [["openai", [halfNamed], 12, false]] },
  );
});

test.each(modelProviders)(
  "a %s server that takes less than was thought gets a shorter conversation, and the story is done",
  async (provider) => {
    const root = await mkdtemp(join(tmpdir(), "autosd-context-"));
    const message = "prompt is too long: 9000 tokens > 8000 maximum";
    const server = await startModelServer(({ body, turns }) => {
      const said = turns.filter(({ role }) => role === "assistant").length;
      if (JSON.stringify(body).length > 24_000)
        return refuse(400, {}, { code: "invalid_request_error", message });
      if (said === 0) return callTool("write", { path: "a.txt", content: "line\n".repeat(3_000) });
      if (said < 5) return callTool("read", { path: "a.txt", from: said });
      return callTool("done", { summary: "done", acceptanceTests: ["a.txt"] });
    });
    try {
      const out = join(root, "out");
      await mkdir(out);
      const model = await modelAt(provider, server.url);
      const journal = createPromptJournal(createProjectFiles(), out);
      const task = await taskIn(join(root, "work"), out);
      const events = await eventsOf(implementerOf(model, journal), task);
      expect(events.at(-1)?.kind).toBe("proposal");
      expect(server.ledger.paid).toHaveLength(6);
      const refused = server.ledger.refused.length;
      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThan(4);
      // Who goes on sends nothing, neither what was paid nor what was too long.
      const later = createPromptJournal(createProjectFiles(), out);
      const again = await taskIn(join(root, "again"), out);
      expect(await eventsOf(implementerOf(model, later), again)).toEqual(events);
      expect(server.ledger.entries).toHaveLength(6 + refused);
    } finally {
      await server.close();
      await rm(root, { recursive: true, force: true });
    }
  },
);
