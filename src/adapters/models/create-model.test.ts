import { afterEach, describe, expect, test } from "vitest";
import {
  callTool,
  inOrder,
  refuse,
  say,
  type ModelScript,
} from "../../../test/support/model-server/script.ts";
import {
  modelBench,
  type Bench,
  type BenchOptions,
} from "../../../test/support/model-world/model-bench.ts";
import type { ModelRequest } from "../../delivery/agent/model/model.port.ts";
import { modelProviders } from "./create-model.ts";

const key = "sk-test-0123456789abcdefghijklmnop";
const never = new AbortController().signal;
const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(({ server }) => server.close()));
});

async function bench(script: ModelScript, more: BenchOptions = {}): Promise<Bench> {
  const made = await modelBench(script, { key, ...more });
  benches.push(made);
  return made;
}

function request(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    system: "You write code.",
    messages: [{ role: "user", text: "hello" }],
    tools: [
      {
        name: "read",
        description: "Reads a file.",
        parameters: {
          type: "object",
          properties: { path: { type: "string" } },
          required: ["path"],
        },
      },
    ],
    maxOutputTokens: 500,
    answerSchema: undefined,
    ...more,
  };
}

const verdict = {
  name: "verdict",
  schema: {
    ...{ type: "object", required: ["ok"], additionalProperties: false },
    properties: { ok: { type: "boolean" } },
  },
};
const paid = { input: 100, output: 20, cached: 40 };

describe.each(modelProviders)("%s", (provider) => {
  test("a text comes back whole, with usage and without retries", async () => {
    const { model, server } = await bench(
      ({ system, turns }) =>
        say(`${system}|${turns.map(({ role, text }) => `${role}:${text}`).join("|")}`, {
          usage: { input: 100, output: 20, cached: 40 },
        }),
      { provider },
    );
    const answer = await model.answer(request(), never);
    expect(answer).toMatchObject({
      text: "You write code.|user:hello",
      toolCalls: [],
      finish: "stop",
      usage: { inputTokens: 100, outputTokens: 20, cachedInputTokens: 40 },
      facts: { retries: 0 },
    });
    expect(server.ledger.paid).toHaveLength(1);
  });

  test("tool calls come back with their arguments, and their results reach the model", async () => {
    const { model } = await bench(
      inOrder(callTool("read", { path: "src/größe.ts" }), say("done")),
      { provider },
    );
    const first = await model.answer(request(), never);
    expect(first.finish).toBe("tool-calls");
    expect(first.toolCalls).toMatchObject([{ name: "read", arguments: { path: "src/größe.ts" } }]);
    const [call] = first.toolCalls;
    if (call === undefined) throw new Error("no call");
    const second = await model.answer(
      request({
        messages: [
          { role: "user", text: "hello" },
          { role: "assistant", text: "", toolCalls: [call] },
          {
            role: "tool",
            results: [{ id: call.id, name: "read", text: "the content", isError: false }],
          },
        ],
      }),
      never,
    );
    expect(second.text).toBe("done");
  });

  test("an answer cut short by its length says so", async () => {
    const { model } = await bench(() => say("half", { finish: "length" }), { provider });
    expect((await model.answer(request(), never)).finish).toBe("length");
  });

  test.each(["cut", "eof", "malformed"] as const)(
    "%s in the middle is asked for once more, then an error: never half an answer",
    async (delivery) => {
      const { model, server } = await bench(() => say("x".repeat(400), { delivery }), { provider });
      await expect(model.answer(request(), never)).rejects.toMatchObject({
        code: "AUTOSD-MODEL-CUT",
      });
      expect(server.ledger.paid).toHaveLength(2);
    },
  );

  test("a cut answer that is whole the second time counts as one retry", async () => {
    const { model } = await bench(
      inOrder(
        callTool("read", { path: "a" }, { delivery: "cut" }),
        callTool("read", { path: "a" }),
      ),
      { provider },
    );
    const answer = await model.answer(request(), never);
    expect(answer.toolCalls).toHaveLength(1);
    expect(answer.facts).toMatchObject({ retries: 1, cuts: 1 });
  });

  test("one JSON instead of the stream is read as it is, and not paid for twice", async () => {
    const { model, server } = await bench(
      inOrder(
        callTool("read", { path: "größe" }, { form: "plain", usage: paid }),
        say("done", { form: "plain" }),
        say("half", { form: "plain", finish: "length" }),
      ),
      { provider },
    );
    const first = await model.answer(request(), never);
    expect(first).toMatchObject({
      ...{ finish: "tool-calls", toolCalls: [{ name: "read", arguments: { path: "größe" } }] },
      usage: { inputTokens: 100, outputTokens: 20, cachedInputTokens: 40 },
      facts: { retries: 0 },
    });
    if (provider !== "google") expect(first.facts.responseId).toBe("answer-0");
    expect((await model.answer(request(), never)).text).toBe("done");
    expect((await model.answer(request(), never)).finish).toBe("length");
    expect(server.ledger.entries).toHaveLength(3);
  });

  test("a structured answer as one JSON is the JSON alone", async () => {
    const { model } = await bench(() => say('{"ok": true}', { form: "plain" }), { provider });
    const answer = await model.answer(request({ tools: [], answerSchema: verdict }), never);
    expect(JSON.parse(answer.text)).toEqual({ ok: true });
  });

  test.each(["application/json", "text/plain; charset=utf-8", ""])(
    "a stream under the content type %j is a stream",
    async (contentType) => {
      const { model, server } = await bench(() => say("hello ".repeat(30), { contentType }), {
        provider,
      });
      expect((await model.answer(request(), never)).text).toBe("hello ".repeat(30));
      expect(server.ledger.entries).toHaveLength(1);
    },
  );

  test("one JSON under the content type of a stream is one JSON", async () => {
    const { model } = await bench(
      () => say("hello", { form: "plain", contentType: "text/event-stream" }),
      { provider },
    );
    expect((await model.answer(request(), never)).text).toBe("hello");
  });

  test.each(["cut", "eof"] as const)(
    "one JSON that is %s halfway is asked for once more, then an error that says what was paid",
    async (delivery) => {
      const { model, server } = await bench(() => say("x", { form: "plain", delivery }), {
        provider,
      });
      await expect(model.answer(request(), never)).rejects.toMatchObject({
        ...{ code: "AUTOSD-MODEL-CUT", paidAnswers: 2 },
      });
      expect(server.ledger.paid).toHaveLength(2);
    },
  );

  test.each(["plain", undefined] as const)(
    "an answer that a filter stopped (form %s) is refused, and its error says that it was paid",
    async (form) => {
      const more = form === undefined ? {} : { form };
      const { model } = await bench(() => say("x", { finish: "filtered", ...more }), { provider });
      await expect(model.answer(request(), never)).rejects.toMatchObject({
        ...{ code: "AUTOSD-MODEL-REFUSED", paidAnswers: 1 },
      });
    },
  );

  test("a wrong key is refused at once, and no message has it", async () => {
    const wrong = "sk-wrong-9876543210zyxwvutsrqponm";
    const { model, server } = await bench(() => say("hi"), {
      provider,
      key: wrong,
      serverKey: key,
    });
    const error: unknown = await model.answer(request(), never).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: "AUTOSD-MODEL-AUTH" });
    expect(JSON.stringify(error) + String(error)).not.toContain(wrong);
    expect(server.ledger.entries).toHaveLength(1);
  });

  test("a structured answer is the JSON alone, although it came in a fence", async () => {
    const { model } = await bench(
      ({ wantsJson }) => say(`Here it is:\n\`\`\`json\n{"ok": ${wantsJson}}\n\`\`\`\n`),
      { provider },
    );
    const answer = await model.answer(request({ tools: [], answerSchema: verdict }), never);
    expect(JSON.parse(answer.text)).toEqual({ ok: true });
  });
});

test("the events of a Gemini stream in one array are its events", async () => {
  const { model, server } = await bench(
    inOrder(say("hello ".repeat(30), { form: "array" }), callTool("read", {}, { form: "array" })),
    { provider: "google" },
  );
  expect((await model.answer(request(), never)).text).toBe("hello ".repeat(30));
  expect((await model.answer(request(), never)).toolCalls).toHaveLength(1);
  expect(server.ledger.entries).toHaveLength(2);
});

test("an error in the JSON of a 200 is said, with what it may have cost", async () => {
  const body = { error: { message: "the upstream is gone" } };
  const { model } = await bench(() => ({ kind: "refusal", status: 200, headers: {}, body }));
  await expect(model.answer(request(), never)).rejects.toMatchObject({
    code: "AUTOSD-MODEL-CUT",
    message: expect.stringContaining("the upstream is gone") as string,
    ...{ paidAnswers: 2, details: expect.objectContaining({ paidAnswers: 2 }) as object },
  });
});

test("a page that is no answer at all is called that", async () => {
  const { model } = await bench(() => ({
    ...{ kind: "refusal", status: 200, headers: { "content-type": "text/html" } },
    body: "<!doctype html>",
  }));
  await expect(model.answer(request(), never)).rejects.toMatchObject({
    message: expect.stringContaining("no answer of a model") as string,
  });
});

test.each([
  ["500 for ever", () => refuse(500)],
  ["429 beyond the longest wait", () => refuse(429, { "x-ratelimit-reset-requests": "6m0s" })],
  ["a refused request", () => refuse(404)],
  ["no credit", () => refuse(429, {}, { code: "insufficient_quota", message: "empty" })],
] as const)("a cut answer before %s stays on the bill", async (_, then) => {
  const { model, server } = await bench(inOrder(say("x", { delivery: "cut" }), then()));
  await expect(model.answer(request(), never)).rejects.toMatchObject({ paidAnswers: 1 });
  expect(server.ledger.paid).toHaveLength(1);
});

describe("a request that is too long", () => {
  test.each([
    [
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
      8_192,
    ],
    ["prompt is too long: 210000 tokens > 200000 maximum", 200_000],
    ["input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000", 200_000],
    [
      "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      1_048_576,
    ],
    ["the request exceeds the available context size. try increasing it", undefined],
    ["Your input exceeds the context window of this model.", undefined],
  ])("is told apart, with what the model takes: %s", async (message, contextTokens) => {
    const { model, server } = await bench(() => refuse(400, {}, { code: "invalid", message }));
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      ...{ code: "AUTOSD-MODEL-CONTEXT", paidAnswers: 0, contextTokens },
    });
    expect(server.ledger.entries).toHaveLength(1);
  });

  test("is so too when the stream says it", async () => {
    const error = { code: "context_length_exceeded", message: "too long" };
    const body = { error };
    const { model } = await bench(() => ({ kind: "refusal", status: 200, headers: {}, body }));
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-CONTEXT",
    });
  });

  test.each(["the max_tokens must be positive", "unknown model: long-context-8k"])(
    "is nothing else: %s",
    async (message) => {
      const { model } = await bench(() => refuse(400, {}, { code: "invalid", message }));
      await expect(model.answer(request(), never)).rejects.toMatchObject({
        code: "AUTOSD-MODEL-REFUSED",
      });
    },
  );
});

test("arguments that are no JSON come back as text", async () => {
  const { model } = await bench(() => callTool("read", '{"path": '));
  const answer = await model.answer(request(), never);
  expect(answer.toolCalls).toMatchObject([{ name: "read", arguments: '{"path": ' }]);
});

describe.each(modelProviders)("arguments that %s's package would refuse", (provider) => {
  test.each([
    ["stream", '{"__proto__":{"path":"a"},"path":"b"}'],
    ["plain", '{"__proto__":{"path":"a"},"path":"b"}'],
    ["plain", '{"path":{"constructor" : {"prototype":{}}},"__prot\\u006f__":1}'],
    ["stream", '{"path":"{\\"__proto__\\": 1}"}'],
  ] as const)("come back to be found wrong, and are paid once (%s, %s)", async (form, text) => {
    const given: unknown = provider === "google" ? JSON.parse(text) : text;
    const more = form === "plain" ? { form } : {};
    const { model, server } = await bench(() => callTool("read", given, more), { provider });
    const { toolCalls } = await model.answer(request(), never);
    expect(toolCalls).toHaveLength(1);
    // What stands in a text is left as it is.
    if (text.startsWith('{"path":"')) expect(toolCalls[0]?.arguments).toEqual(JSON.parse(text));
    expect(server.ledger.paid).toHaveLength(1);
  });
});

describe("what servers say about waiting", () => {
  test.each([
    [{ "retry-after": "90" }, 90_000],
    [{ "retry-after": "20" }, 20_000],
    [{ "retry-after-ms": "15500" }, 15_500],
    [{ "x-ratelimit-reset-requests": "1m30s" }, 90_000],
    [{ "x-ratelimit-reset-requests": "25250ms" }, 25_250],
    [{ "x-ratelimit-reset-tokens": "47.66s" }, 47_660],
  ])("429 with %j is waited for as told", async (headers, expectedMs) => {
    const { model, waits } = await bench(inOrder(refuse(429, headers), say("hi")));
    const answer = await model.answer(request(), never);
    expect(answer.text).toBe("hi");
    // Less what this machine took until then.
    expect(Math.max(...waits)).toBeLessThanOrEqual(expectedMs + 1);
    expect(Math.max(...waits)).toBeGreaterThan(expectedMs - 10_000);
    expect(answer.facts.retries).toBe(1);
    expect(answer.facts.waitedMs).toBeGreaterThanOrEqual(expectedMs - 10_000);
  });

  test("the reset of the limit that is used up counts, not the other", async () => {
    const headers = {
      "x-ratelimit-remaining-requests": "10",
      "x-ratelimit-reset-requests": "100s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-tokens": "30s",
    };
    const { model, waits } = await bench(inOrder(refuse(429, headers), say("hi")));
    await model.answer(request(), never);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_001);
    expect(Math.max(...waits)).toBeGreaterThan(20_000);
  });

  test("Anthropic's reset is a moment", async () => {
    const at = new Date(Date.now() + 40_000).toISOString();
    const headers = {
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": at,
    };
    const { model, waits } = await bench(inOrder(refuse(429, headers), say("hi")), {
      provider: "anthropic",
    });
    await model.answer(request(), never);
    expect(Math.max(...waits)).toBeLessThanOrEqual(40_001);
    expect(Math.max(...waits)).toBeGreaterThan(20_000);
  });

  test.each(["-5", "soon", "NaN", "99999999999999999999"])(
    "retry-after: %s counts as none: a bounded pause, never at once",
    async (value) => {
      const { model, waits } = await bench(
        inOrder(refuse(429, { "retry-after": value }), say("hi")),
      );
      await model.answer(request(), never);
      expect(Math.max(...waits)).toBeGreaterThan(400);
      expect(Math.max(...waits)).toBeLessThan(1_500);
    },
  );

  test("a reset beyond the longest wait ends the call at once and says when", async () => {
    const { model, server, waits } = await bench(() =>
      refuse(429, { "x-ratelimit-reset-requests": "6m0s" }),
    );
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-RATE-LIMITED",
      exitCode: 7,
      message: expect.stringContaining("6m00s") as string,
    });
    expect(waits).toEqual([]);
    expect(server.ledger.entries).toHaveLength(1);
  });

  test("429 for ever ends within the longest wait, with the last error", async () => {
    const { model, waits, server } = await bench(() => refuse(429, { "retry-after": "50" }));
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-RATE-LIMITED",
      message: expect.stringContaining("scripted refusal 429") as string,
    });
    expect(waits.reduce((total, ms) => total + ms, 0)).toBeLessThanOrEqual(120_000);
    expect(server.ledger.entries).toHaveLength(3);
  });

  test("a second asked for in vain is not waited for second by second, and the waits are said", async () => {
    const refusal = refuse(429, { "retry-after": "1" });
    const { model, server, waits, said } = await bench(() => refusal);
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      ...{ code: "AUTOSD-MODEL-RATE-LIMITED", exitCode: 7 },
      message: expect.stringMatching(
        /refused \d+ times in a row, .* of waiting did not help/,
      ) as string,
      remedy: expect.stringContaining("--wait-for-reset 5m") as string,
    });
    // 1, 1, 1.5, 3, 6, 12, 24, 48 seconds, and what is left of two minutes.
    expect(server.ledger.entries.length).toBeLessThanOrEqual(10);
    expect(waits.reduce((total, ms) => total + ms, 0)).toBeLessThanOrEqual(120_000);
    expect(said.length).toBeGreaterThanOrEqual(5);
    expect(said[0]).toMatch(/^waiting .* for the rate limit of openai-compatible scripted-model/);
  });

  test.each([{ "retry-after": "1" }, { "retry-after-ms": "1" }, {}] as const)(
    "429 for ever with %j is asked a bounded number of times, however long one would wait",
    async (headers) => {
      const { model, server } = await bench(() => refuse(429, headers), {
        patience: { maxWaitMs: 30 * 86_400_000 },
      });
      await expect(model.answer(request(), never)).rejects.toMatchObject({
        code: "AUTOSD-MODEL-RATE-LIMITED",
      });
      expect(server.ledger.entries).toHaveLength(60);
    },
  );

  test("a longer wait can be allowed, and it is said", async () => {
    const { model, said } = await bench(
      inOrder(refuse(429, { "x-ratelimit-reset-requests": "6m0s" }), say("hi")),
      { patience: { maxWaitMs: 6 * 3_600_000 } },
    );
    expect((await model.answer(request(), never)).text).toBe("hi");
    expect(said.join()).toMatch(/waiting (6m00s|5m59s|360s) for the rate limit/);
  });

  test("an account without credit is fatal at once", async () => {
    const { model, server } = await bench(() =>
      refuse(429, { "retry-after": "1" }, { code: "insufficient_quota", message: "no credit" }),
    );
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-QUOTA",
    });
    expect(server.ledger.entries).toHaveLength(1);
  });
});

describe("what servers do when they fail", () => {
  test("500 for ever is tried five times, further and further apart", async () => {
    const { model, server, waits, said } = await bench(() => refuse(500));
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-UNAVAILABLE",
      exitCode: 5,
      message: expect.stringContaining("scripted refusal 500") as string,
    });
    expect(server.ledger.entries).toHaveLength(5);
    expect(waits).toEqual([750, 1_500, 3_000, 6_000]);
    expect(said).toHaveLength(3);
    expect(said[2]).toMatch(/again in 6.* \(try 5 of 5\): HTTP 500: scripted refusal 500/);
  });

  test("a request that is refused as it is goes once", async () => {
    const { model, server } = await bench(() => refuse(404));
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-REFUSED",
    });
    expect(server.ledger.entries).toHaveLength(1);
  });

  test("a server that is not there is an error after bounded tries", async () => {
    const { model, server } = await bench(() => say("hi"));
    await server.close();
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-UNAVAILABLE",
    });
  });

  test("a server that accepts and says nothing is given up", async () => {
    const { model, server } = await bench(() => ({ kind: "hang" }), {
      patience: { maxSilenceMs: 60, maxTries: 2 },
    });
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-UNAVAILABLE",
      message: expect.stringContaining("nothing came") as string,
    });
    expect(server.ledger.entries).toHaveLength(2);
  });

  test("slow bytes are waited for as long as they come", async () => {
    const { model } = await bench(() => say("x".repeat(300), { chunkDelayMs: 20 }), {
      patience: { maxSilenceMs: 150 },
    });
    expect((await model.answer(request(), never)).text).toHaveLength(300);
  });

  test("a redirect is not followed: the key is for the configured address", async () => {
    const { model, server } = await bench(() =>
      refuse(307, { location: "http://127.0.0.1:9/elsewhere" }),
    );
    await expect(model.answer(request(), never)).rejects.toMatchObject({
      code: "AUTOSD-MODEL-REFUSED",
    });
    expect(server.ledger.entries).toHaveLength(1);
  });

  test("aborting ends a call with the reason of the abort", async () => {
    const { model } = await bench(() => ({ kind: "hang" }));
    const stop = new AbortController();
    const asked = model.answer(request(), stop.signal);
    const reason = new Error("Ctrl-C");
    stop.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });
});
