import { afterEach, describe, expect, test } from "vitest";
import { callTool, inOrder, say, type Reply } from "../../../test/support/model-server/script.ts";
import {
  modelBench,
  type Bench,
  type BenchOptions,
} from "../../../test/support/model-world/model-bench.ts";
import type { ModelAnswer } from "../../delivery/agent/model/model.port.ts";
import { modelProviders, type ModelProvider } from "./create-model.ts";

const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(({ server }) => server.close()));
});

async function bench(
  replies: readonly [Reply, ...Reply[]],
  more: BenchOptions = {},
): Promise<Bench & { readonly ask: () => Promise<ModelAnswer> }> {
  const made = await modelBench(inOrder(...replies), more);
  benches.push(made);
  return {
    ...made,
    ask: () =>
      made.model.answer(
        {
          system: "You write code.",
          messages: [{ role: "user", text: "hello" }],
          tools: [{ name: "read", description: "Reads.", parameters: { type: "object" } }],
          maxOutputTokens: 500,
          answerSchema: undefined,
        },
        new AbortController().signal,
      ),
  };
}

function body(status: number, given: unknown): Reply {
  return { kind: "refusal", status, headers: {}, body: given };
}

const openai = (code: string | null, message: string, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string, details?: unknown) => ({
  ...{ type: "error", error: { type, message, ...(details === undefined ? {} : { details }) } },
  request_id: "req_1",
});
const google = (
  code: number,
  status: string,
  message: string,
  details: readonly unknown[] = [],
) => ({
  error: { code, message, status, details },
});
const retryIn = (retryDelay: string) => ({
  "@type": "type.googleapis.com/google.rpc.RetryInfo",
  retryDelay,
});
const noQuota =
  "You exceeded your current quota, please check your plan and billing details. For more information, see the documentation.";

type Case = readonly [ModelProvider, number, unknown, string];

describe("an error of a provider that ends the call at once", () => {
  const cases: readonly Case[] = [
    ["openai", 401, openai("invalid_api_key", "Incorrect API key provided: sk-x."), "AUTH"],
    ["openai", 401, openai(null, "You must be a member of an organization."), "AUTH"],
    ["openai", 403, openai(null, "You are not allowed to sample from this model"), "AUTH"],
    [
      ...(["openai", 403] as const),
      openai("unsupported_country_region_territory", "Country, region, or territory not supported"),
      "REFUSED",
    ],
    ["openai", 404, openai("model_not_found", "The model `x` does not exist"), "REFUSED"],
    ["openai", 429, openai("insufficient_quota", noQuota, "insufficient_quota"), "QUOTA"],
    ["openai", 429, openai("credit_balance_exhausted", "no credits"), "QUOTA"],
    ["openai", 429, openai("project_spend_limit_exceeded", "limit reached"), "QUOTA"],
    ["openai", 429, openai("organization_usage_limit_exceeded", "limit reached"), "QUOTA"],
    ["openai", 400, openai("context_length_exceeded", "Your input is too long"), "CONTEXT"],
    [
      ...(["openai", 429] as const),
      openai(
        "rate_limit_exceeded",
        "Request too large for x in organization org-1 on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be reduced in order to run successfully.",
        "tokens",
      ),
      "CONTEXT",
    ],
    ["anthropic", 401, anthropic("authentication_error", "invalid x-api-key"), "AUTH"],
    ["anthropic", 403, anthropic("permission_error", "Your API key has no permission"), "AUTH"],
    ["anthropic", 404, anthropic("not_found_error", "model: claude-x"), "REFUSED"],
    ["anthropic", 402, anthropic("billing_error", "payment is due"), "QUOTA"],
    [
      ...(["anthropic", 400] as const),
      anthropic("invalid_request_error", "Your credit balance is too low to access the API."),
      "QUOTA",
    ],
    [
      ...(["anthropic", 400] as const),
      anthropic(
        "invalid_request_error",
        "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
      ),
      "QUOTA",
    ],
    [
      ...(["anthropic", 429] as const),
      anthropic("rate_limit_error", "limit", { error_code: "enforced_spend_limit_reached" }),
      "QUOTA",
    ],
    [
      "anthropic",
      413,
      anthropic("request_too_large", "Request exceeds the maximum size"),
      "CONTEXT",
    ],
    [
      ...(["anthropic", 400] as const),
      anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
      "CONTEXT",
    ],
    [
      ...(["google", 400] as const),
      google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
      "AUTH",
    ],
    ["google", 400, google(400, "INVALID_ARGUMENT", "API key expired. Renew it."), "AUTH"],
    ["google", 403, google(403, "PERMISSION_DENIED", "Method doesn't allow this"), "AUTH"],
    ["google", 404, google(404, "NOT_FOUND", "models/x is not found for v1beta"), "REFUSED"],
    [
      ...(["google", 400] as const),
      google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
      "REFUSED",
    ],
    [
      ...(["google", 429] as const),
      google(429, "RESOURCE_EXHAUSTED", `${noQuota} * Quota exceeded for metric: x, limit: 0`, [
        retryIn("37000s"),
      ]),
      "QUOTA",
    ],
    [
      ...(["google", 400] as const),
      google(
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
      ),
      "CONTEXT",
    ],
    ["openai-compatible", 402, openai(null, "Insufficient Balance"), "QUOTA"],
    [
      ...(["openai-compatible", 403] as const),
      openai(null, "Input token count + max_tokens exceeds the context length of the model"),
      "CONTEXT",
    ],
    ["openai-compatible", 404, { detail: "model 'x' not found" }, "REFUSED"],
    [
      ...(["openai-compatible", 400] as const),
      [google(400, "INVALID_ARGUMENT", "API key not valid.")],
      "AUTH",
    ],
  ];

  test.each(cases)("%s %i %j: AUTOSD-MODEL-%s", async (provider, status, given, code) => {
    const { ask, server, waits } = await bench([body(status, given)], { provider });
    const error: unknown = await ask().catch((one: unknown) => one);
    expect(error).toMatchObject({ code: `AUTOSD-MODEL-${code}`, paidAnswers: 0 });
    expect(error).toHaveProperty("message", expect.not.stringContaining("{"));
    expect(server.ledger.entries).toHaveLength(1);
    expect(waits).toEqual([]);
  });
});

describe("an error of a provider that passes", () => {
  const cases: readonly (readonly [ModelProvider, number, unknown, number, number])[] = [
    ["anthropic", 529, anthropic("overloaded_error", "Overloaded"), 500, 1_000],
    ["anthropic", 500, anthropic("api_error", "Internal server error"), 500, 1_000],
    ["anthropic", 409, anthropic("conflict_error", "try again"), 500, 1_000],
    ["anthropic", 429, anthropic("rate_limit_error", "acceleration limit"), 500, 1_000],
    ["openai", 503, openai(null, "The engine is currently overloaded", "server_error"), 500, 1_000],
    ["openai", 429, openai("rate_limit_exceeded", "Please try again in 1m2.5s."), 62_000, 62_500],
    ["google", 503, google(503, "UNAVAILABLE", "The model is overloaded."), 500, 1_000],
    [
      ...(["google", 503] as const),
      google(503, "UNAVAILABLE", "The model is overloaded.", [retryIn("17.25s")]),
      ...([17_000, 17_250] as const),
    ],
    [
      ...(["google", 429] as const),
      google(429, "RESOURCE_EXHAUSTED", `${noQuota} * Quota exceeded, limit: 5`, [
        retryIn("46.723541104s"),
      ]),
      ...([46_000, 46_724] as const),
    ],
    [
      ...(["google", 429] as const),
      google(429, "RESOURCE_EXHAUSTED", `${noQuota} limit: 20\nPlease retry in 1m17.723541104s.`),
      ...([77_000, 77_724] as const),
    ],
    [
      ...(["openai-compatible", 429] as const),
      [google(429, "RESOURCE_EXHAUSTED", noQuota, [retryIn("30s")])],
      ...([29_000, 30_000] as const),
    ],
  ];

  test.each(cases)(
    "%s %i %j: is waited for and asked again",
    async (provider, status, given, fromMs, toMs) => {
      const { ask, server, waits } = await bench([body(status, given), say("hi")], { provider });
      const answer = await ask();
      expect(answer).toMatchObject({ text: "hi", facts: { retries: 1 } });
      expect(Math.max(...waits)).toBeGreaterThanOrEqual(fromMs);
      expect(Math.max(...waits)).toBeLessThanOrEqual(toMs + 1);
      expect(server.ledger.paid).toHaveLength(1);
    },
  );

  test("a wait of hours that only the body tells ends the call with the moment", async () => {
    const given = google(429, "RESOURCE_EXHAUSTED", `${noQuota} limit: 20`, [
      retryIn("37037.723541104s"),
    ]);
    const { ask, waits } = await bench([body(429, given)], { provider: "google" });
    await expect(ask()).rejects.toMatchObject({
      ...{ code: "AUTOSD-MODEL-RATE-LIMITED", exitCode: 7 },
      message: expect.stringContaining("10h17m") as string,
    });
    expect(waits).toEqual([]);
  });
});

describe("an error in a stream", () => {
  const stream = (...events: readonly unknown[]): Reply => ({
    ...{ kind: "refusal", status: 200, headers: { "content-type": "text/event-stream" } },
    body: events.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(""),
  });
  const started = { type: "response.created", response: { id: "r", status: "in_progress" } };
  const overloaded = anthropic("overloaded_error", "Overloaded");
  const failed = (code: string) => ({
    type: "response.failed",
    response: { id: "r", status: "failed", error: { code, message: "it went wrong" } },
  });

  test.each([
    ["anthropic", stream({ type: "message_start" }, { type: "ping" }, overloaded)],
    ["openai", stream(started, { type: "error", code: "rate_limit_exceeded", message: "busy" })],
    ["openai", stream(started, failed("rate_limit_exceeded"))],
    ["google", stream(google(503, "UNAVAILABLE", "The model is overloaded."))],
    ["openai-compatible", stream({ error: { code: 502, message: "the upstream is gone" } })],
  ] as const)("%s: before the answer began it costs nothing", async (provider, reply) => {
    const { ask, server, waits } = await bench([reply, reply, say("hi")], { provider });
    expect(await ask()).toMatchObject({ text: "hi", facts: { retries: 2 } });
    expect(waits).toEqual([750, 1_500]);
    expect(server.ledger.paid).toHaveLength(1);
  });

  test("in the middle of an answer it may be paid, and is asked again after a pause", async () => {
    const begun = { type: "content_block_start", index: 0, content_block: { type: "text" } };
    const reply = stream({ type: "message_start" }, begun, overloaded);
    const { ask, waits } = await bench([reply], { provider: "anthropic" });
    await expect(ask()).rejects.toMatchObject({
      ...{ code: "AUTOSD-MODEL-CUT", paidAnswers: 2 },
      message: expect.stringContaining("overloaded_error") as string,
    });
    expect(waits).toEqual([750]);
  });

  test.each([
    ["openai", stream(started, failed("context_length_exceeded")), "CONTEXT"],
    ["openai", stream(started, failed("insufficient_quota")), "QUOTA"],
  ] as const)("%s: what no second try mends ends the call", async (provider, reply, code) => {
    const { ask } = await bench([reply], { provider });
    await expect(ask()).rejects.toMatchObject({ code: `AUTOSD-MODEL-${code}` });
  });
});

describe("how an answer can end", () => {
  const ends: readonly (readonly [ModelProvider, string, string])[] = [
    ["anthropic", "end_turn", "stop"],
    ["anthropic", "stop_sequence", "stop"],
    ["anthropic", "pause_turn", "stop"],
    ["anthropic", "max_tokens", "length"],
    ["anthropic", "refusal", "AUTOSD-MODEL-REFUSED"],
    ["anthropic", "model_context_window_exceeded", "AUTOSD-MODEL-CONTEXT"],
    ["google", "STOP", "stop"],
    ["google", "MAX_TOKENS", "length"],
    ...["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"].map(
      (one) => ["google", one, "AUTOSD-MODEL-REFUSED"] as const,
    ),
    ["openai-compatible", "content_filter", "AUTOSD-MODEL-REFUSED"],
    ["openai", "content_filter", "AUTOSD-MODEL-REFUSED"],
    ["openai", "max_output_tokens", "length"],
  ];

  test.each(ends)("%s %s: %s", async (provider, raw, expected) => {
    const { ask, server } = await bench([say("hi", { finish: { raw } })], { provider });
    const end = await ask().then(
      ({ finish }) => finish,
      (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
    );
    expect(end).toBe(expected);
    expect(server.ledger.paid).toHaveLength(1);
  });

  const odd: readonly (readonly [ModelProvider, string])[] = [
    ...["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER"].map(
      (one) => ["google", one] as const,
    ),
    ["google", "MISSING_THOUGHT_SIGNATURE"],
    ["openai-compatible", "insufficient_system_resource"],
    ["openai", "an end of tomorrow"],
  ];

  test.each(odd)("%s %s: is asked for once more, counted as paid", async (provider, raw) => {
    const wrong = say("", { finish: { raw } });
    const { ask, server } = await bench([wrong, callTool("read", { path: "a" })], { provider });
    expect(await ask()).toMatchObject({ finish: "tool-calls", facts: { retries: 1, cuts: 1 } });
    expect(server.ledger.paid).toHaveLength(2);
    const always = await bench([wrong], { provider });
    await expect(always.ask()).rejects.toMatchObject({
      ...{ code: "AUTOSD-MODEL-CUT", paidAnswers: 2 },
      message: expect.stringContaining(raw) as string,
    });
    expect(always.server.ledger.paid).toHaveLength(2);
  });

  test("an odd end after a cut answer is not asked for a third time", async () => {
    const replies = [
      say("x".repeat(200), { delivery: "cut" }),
      say("", { finish: { raw: "OTHER" } }),
      say("hi"),
    ] as const;
    const { ask, server } = await bench(replies, { provider: "google" });
    await expect(ask()).rejects.toMatchObject({ code: "AUTOSD-MODEL-CUT", paidAnswers: 2 });
    expect(server.ledger.paid).toHaveLength(2);
  });

  test("a blocked prompt is refused with the provider's word for it", async () => {
    const given = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: {} };
    const { ask, server } = await bench([body(200, given)], { provider: "google" });
    await expect(ask()).rejects.toMatchObject({
      ...{ code: "AUTOSD-MODEL-REFUSED", paidAnswers: 1 },
      message: expect.stringContaining("PROHIBITED_CONTENT") as string,
      remedy: expect.stringContaining("Reword") as string,
    });
    expect(server.ledger.entries).toHaveLength(1);
  });
});

test.each(modelProviders)(
  "%s: arguments however deep are an answer, paid once",
  async (provider) => {
    const levels = 20_000;
    const deep = `${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`;
    const gemini = `{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"read","args":${deep}}}]},"finishReason":"STOP"}]}`;
    const claude = `{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"read","input":${deep}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}`;
    const replies: readonly Reply[] =
      provider === "google"
        ? [body(200, gemini), body(200, `[${gemini}]`), body(200, `data: ${gemini}\n\n`)]
        : provider === "anthropic"
          ? [callTool("read", deep), body(200, claude)]
          : [callTool("read", deep), callTool("read", deep, { form: "plain" })];
    for (const reply of replies) {
      const { ask, server } = await bench([reply], { provider });
      const { toolCalls } = await ask();
      expect(toolCalls).toHaveLength(1);
      expect(toolCalls[0]?.arguments).toHaveProperty("a");
      expect(server.ledger.entries).toHaveLength(1);
    }
  },
);
