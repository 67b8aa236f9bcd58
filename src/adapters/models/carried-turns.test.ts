import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { record, records } from "../../../test/support/model-server/json.ts";
import { say, type ModelScript } from "../../../test/support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../../../test/support/model-server/server.ts";
import { createLimiter } from "../../delivery/agent/limits/limiter.ts";
import { createMemoryLimitStore } from "../../delivery/agent/limits/memory-limit-store.ts";
import { redactedAnswer } from "../../delivery/agent/loop/redact-answer.ts";
import type { CarriedTurn } from "../../delivery/agent/model/carried-turn.ts";
import type {
  Model,
  ModelAnswer,
  ModelMessage,
  ModelRequest,
} from "../../delivery/agent/model/model.port.ts";
import { createProjectFiles } from "../store/project-files.ts";
import { createPromptJournal } from "../store/prompt-journal.ts";
import { createModel, type ModelProvider } from "./create-model.ts";
import { createLimitedCalls, usualPatience } from "./limited-fetch.ts";

const never = new AbortController().signal;
const servers: ModelServer[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

interface Bench {
  /** Bodies of the requests that came, in order. */
  readonly bodies: Readonly<Record<string, unknown>>[];
  /** A model as a new process has it. */
  readonly open: (provider: ModelProvider, model?: string) => Promise<Model>;
}

async function bench(script: ModelScript): Promise<Bench> {
  const bodies: Readonly<Record<string, unknown>>[] = [];
  const server = await startModelServer((call) => {
    bodies.push(call.body);
    return script(call);
  });
  servers.push(server);
  return {
    bodies,
    open: async (provider, model = "gpt-5") => {
      const clock = { now: () => Date.now(), monotonicMs: () => performance.now() };
      const wait = async (_: number, signal: AbortSignal): Promise<void> =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
      const store = createMemoryLimitStore();
      let ids = 0;
      const nextId = (): string => String(ids++);
      const limiter = createLimiter({ store, clock, wait, owner: "test", nextId });
      const patience = usualPatience;
      const calls = createLimitedCalls({
        ...{ limiter, clock, wait, patience },
        random: () => 0.5,
        onWaiting: () => undefined,
      });
      const baseUrl = `${server.url}${provider === "google" ? "/v1beta" : "/v1"}`;
      return createModel({ provider, model, baseUrl, key: async () => "", calls, clock });
    },
  };
}

const start: ModelMessage = { role: "user", text: "add two numbers" };

function request(messages: readonly ModelMessage[]): ModelRequest {
  return {
    system: "You write code.",
    messages,
    tools: [{ name: "read", description: "Reads a file.", parameters: { type: "object" } }],
    maxOutputTokens: 500,
    answerSchema: undefined,
  };
}

/** The conversation after an answer whose calls were made. */
function after(messages: readonly ModelMessage[], answer: ModelAnswer): readonly ModelMessage[] {
  const { text, toolCalls, carried } = answer;
  const results = toolCalls.map(({ id, name }) => ({ id, name, text: "found", isError: false }));
  return [
    ...messages,
    { role: "assistant", text, toolCalls, carried },
    ...(results.length === 0
      ? [{ role: "user" as const, text: "go on" }]
      : [{ role: "tool" as const, results }]),
  ];
}

/** The answer as a process finds it that goes on from the journal, and the journal's text. */
async function fromJournal(answer: ModelAnswer): Promise<readonly [ModelAnswer, string]> {
  const directory = await mkdtemp(join(tmpdir(), "autosd-carried-"));
  folders.push(directory);
  const place = { run: "run_1", story: "ST-1", attempt: 1, turn: 0, ts: "2026-01-01T00:00:00Z" };
  const record = { ...place, kind: "answer", prompt: "sha256:0", answer, costMicrousd: 1 } as const;
  await createPromptJournal(createProjectFiles(), directory).append(record);
  const [read] = await createPromptJournal(createProjectFiles(), directory).of(place);
  if (read?.kind !== "answer") throw new Error("no answer");
  return [read.answer, await readFile(join(directory, ".autosd/prompt_journal.jsonl"), "utf8")];
}

const seal = `gAAAAAB${Buffer.from("thoughts of a model that nobody reads ".repeat(20)).toString("base64")}`;
const thoughts = [{ text: "First I look at it.", seal }];
const calls = [
  { name: "read", arguments: { path: "a" }, seal: `${seal}1` },
  { name: "read", arguments: { path: "b" } },
];
const forms = ["stream", "plain"] as const;

function thoughtful(form: (typeof forms)[number], text = "I read two files."): ModelScript {
  const more = form === "plain" ? { form } : {};
  return ({ turns }) =>
    turns.some(({ role }) => role === "assistant")
      ? say("done")
      : say(text, { thoughts, toolCalls: calls, textSeal: `${seal}2`, ...more });
}

const sent: Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => unknown>> = {
  openai: (body) =>
    records(body["input"]).filter(
      (item) =>
        !("output" in item) &&
        item["role"] !== "user" &&
        item["role"] !== "developer" &&
        item["role"] !== "system",
    ),
  google: (body) => records(body["contents"])[1],
  anthropic: (body) => records(body["messages"])[1],
  "openai-compatible": (body) => records(body["messages"]).find(({ role }) => role === "assistant"),
};

const wanted: Readonly<Record<string, unknown>> = {
  openai: [
    {
      ...{ type: "reasoning", id: "rs_answer-0_0", encrypted_content: seal },
      summary: [{ type: "summary_text", text: "First I look at it." }],
    },
    expect.objectContaining({ role: "assistant", id: "msg_answer-0" }),
    expect.objectContaining({ type: "function_call", call_id: "call_0_0" }),
    expect.objectContaining({ type: "function_call", call_id: "call_0_1" }),
  ],
  google: {
    role: "model",
    parts: [
      { text: "First I look at it.", thought: true, thoughtSignature: seal },
      { text: "I read two files.", thoughtSignature: `${seal}2` },
      {
        functionCall: { id: "call_0_0", name: "read", args: { path: "a" } },
        thoughtSignature: `${seal}1`,
      },
      { functionCall: { id: "call_0_1", name: "read", args: { path: "b" } } },
    ],
  },
  anthropic: {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "First I look at it.", signature: seal },
      { type: "text", text: "I read two files." },
      expect.objectContaining({ type: "tool_use", id: "call_0_0" }),
      expect.objectContaining({ type: "tool_use", id: "call_0_1" }),
    ],
  },
};

describe.each(["openai", "google", "anthropic"] as const)("%s", (provider) => {
  test.each(forms)("gets back what it wants to see again, in its order (%s)", async (form) => {
    const { bodies, open } = await bench(thoughtful(form));
    const model = await open(provider);
    const answer = await model.answer(request([start]), never);
    expect(answer).toMatchObject({ text: "I read two files.", finish: "tool-calls" });
    await model.answer(request(after([start], redactedAnswer(answer))), never);
    expect(sent[provider]?.(record(bodies[1]))).toEqual(wanted[provider]);
  });

  test("gets the same bytes from a process that goes on from the journal", async () => {
    const { bodies, open } = await bench(thoughtful("stream"));
    const model = await open(provider);
    const answer = redactedAnswer(await model.answer(request([start]), never));
    await model.answer(request(after([start], answer)), never);
    const [resumed] = await fromJournal(answer);
    expect(resumed).toEqual(answer);
    await (await open(provider)).answer(request(after([start], resumed)), never);
    expect(JSON.stringify(bodies[2])).toBe(JSON.stringify(bodies[1]));
    expect(JSON.stringify(bodies[1])).toContain(seal);
  });

  test("gets nothing of another model's, and the same words and calls all the same", async () => {
    const { bodies, open } = await bench(thoughtful("stream"));
    const answer = await (await open(provider)).answer(request([start]), never);
    const messages = after([start], redactedAnswer(answer));
    await (await open(provider, "gpt-5-mini")).answer(request(messages), never);
    const others = (["openai", "google", "anthropic"] as const).filter((one) => one !== provider);
    for (const other of others) await (await open(other)).answer(request(messages), never);
    expect(bodies).toHaveLength(4);
    for (const body of bodies.slice(1)) {
      expect(JSON.stringify(body)).not.toContain(seal);
      expect(JSON.stringify(body)).toContain("I read two files.");
      expect(JSON.stringify(body)).toContain("call_0_1");
    }
  });
});

test("a server that speaks for Gemini gets its signature back, and no thoughts that it did not mark", async () => {
  const { bodies, open } = await bench(thoughtful("stream"));
  const model = await open("openai-compatible");
  const answer = redactedAnswer(await model.answer(request([start]), never));
  await model.answer(request(after([start], answer)), never);
  const turn = sent["openai-compatible"]?.(record(bodies[1]));
  expect(turn).not.toHaveProperty("reasoning_content");
  expect(turn).toMatchObject({
    tool_calls: [
      { id: "call_0_0", extra_content: { google: { thought_signature: `${seal}1` } } },
      { id: "call_0_1" },
    ],
  });
});

test("thoughts that came without their encrypted content take the ids with them", async () => {
  const { bodies, open } = await bench(({ turns }) =>
    turns.some(({ role }) => role === "assistant")
      ? say("done")
      : say("I think.", { thoughts: [{ text: "", seal: "" }] }),
  );
  const model = await open("openai", "a-model-that-is-not-known");
  const answer = await model.answer(request([start]), never);
  await model.answer(request(after([start], answer)), never);
  expect(sent["openai"]?.(record(bodies[1]))).toEqual([
    { role: "assistant", content: [{ type: "output_text", text: "I think." }] },
  ]);
});

test.each(["openai", "google", "anthropic"] as const)(
  "%s: where a secret stands in it, all of it goes and the rest of the turn stays",
  async (provider) => {
    const secret = `ghp_${"a1B2c3D4e5".repeat(4)}`;
    const { bodies, open } = await bench(({ turns }) =>
      turns.some(({ role }) => role === "assistant")
        ? say("done")
        : say("I read.", { thoughts: [{ text: `The key is ${secret}`, seal }], toolCalls: calls }),
    );
    const model = await open(provider);
    const raw = await model.answer(request([start]), never);
    const answer = redactedAnswer(raw);
    expect(answer).not.toHaveProperty("carried");
    await model.answer(request(after([start], answer)), never);
    expect(JSON.stringify(bodies[1])).toContain("I read.");
    expect(JSON.stringify(bodies[1])).not.toContain(seal);
    // Also when whoever writes it did not look.
    const [resumed, text] = await fromJournal(raw);
    expect(resumed).toMatchObject({ text: "I read.", finish: "tool-calls" });
    expect(resumed.carried).toBeUndefined();
    expect(text).not.toContain(seal);
  },
);

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.base64String({ maxLength: 60 }),
  fc.constantFrom(`ghp_${"a1B2c3D4e5".repeat(4)}`, "\uD800", "\u2028\0", "x".repeat(140_000)),
);
const carriedTurn: fc.Arbitrary<CarriedTurn> = fc.record({
  origin: anyText,
  parts: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("reasoning" as const), text: anyText, mark: anyText }),
      fc.record({ kind: fc.constant("text" as const), characters: fc.nat(20), mark: anyText }),
      fc.record({ kind: fc.constant("call" as const), mark: anyText }),
      fc.record({ kind: fc.constant("call" as const) }),
    ),
    { maxLength: 4 },
  ),
});

test("whatever a provider wants back is kept as it is or not at all, and never lets a secret in", async () => {
  await fc.assert(
    fc.asyncProperty(carriedTurn, fc.string(), async (carried, text) => {
      const answer: ModelAnswer = {
        ...{ text, toolCalls: [], finish: "stop", carried },
        usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: undefined },
        facts: { latencyMs: 0, retries: 0, waitedMs: 0, responseId: undefined },
      };
      const redacted = redactedAnswer(answer);
      const [read, line] = await fromJournal(answer);
      const [again] = await fromJournal(redacted);
      expect([undefined, carried]).toContainEqual(redacted.carried);
      expect([undefined, carried]).toContainEqual(read.carried);
      expect(again.carried).toEqual(redacted.carried);
      expect(line).not.toContain("ghp_a1");
      expect(line.length).toBeLessThan(600_000);
    }),
    { numRuns: 15 },
  );
});
