import { afterEach, describe, expect, test } from "vitest";
import { record, records, type Json } from "../../../test/support/model-server/json.ts";
import {
  callTool,
  refuse,
  say,
  type ModelScript,
} from "../../../test/support/model-server/script.ts";
import { modelBench, type Bench } from "../../../test/support/model-world/model-bench.ts";
import { redactedAnswer } from "../../delivery/agent/loop/redact-answer.ts";
import type {
  ModelAnswer,
  ModelMessage,
  ModelRequest,
} from "../../delivery/agent/model/model.port.ts";

const never = new AbortController().signal;
const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map(({ server }) => server.close()));
});

interface Talk {
  readonly bodies: readonly Json[];
  readonly bench: Bench;
  /** Asks, and answers the calls. */
  readonly ask: () => Promise<ModelAnswer>;
}

async function talk(script: ModelScript): Promise<Talk> {
  const bodies: Json[] = [];
  const bench = await modelBench((call) => {
    bodies.push(call.body);
    return script(call);
  });
  benches.push(bench);
  const messages: ModelMessage[] = [{ role: "user", text: "add two numbers" }];
  return {
    bodies,
    bench,
    async ask() {
      const answer = redactedAnswer(await bench.model.answer(request(messages), never));
      const { text, toolCalls, carried } = answer;
      const results = toolCalls.map(({ id, name }) => ({ id, name, text: "ok", isError: false }));
      messages.push(
        { role: "assistant", text, toolCalls, carried },
        results.length > 0 ? { role: "tool", results } : { role: "user", text: "go on" },
      );
      return answer;
    },
  };
}

function request(messages: readonly ModelMessage[]): ModelRequest {
  return {
    system: "You write code.",
    messages: [...messages],
    tools: [{ name: "read", description: "Reads a file.", parameters: { type: "object" } }],
    maxOutputTokens: 500,
    answerSchema: undefined,
  };
}

/** The model's turns in a request. */
function turns(body: Json | undefined): readonly Json[] {
  return records(record(body)["messages"]).filter(({ role }) => role === "assistant");
}

const thought = { text: "First I look at the file, then at the test.", seal: "" };
const forms = ["stream", "plain"] as const;

function formOf(form: (typeof forms)[number]): { readonly form?: "plain" } {
  return form === "plain" ? { form } : {};
}

describe.each(forms)("what a server that speaks OpenAI's language thought (%s)", (form) => {
  test.each(["reasoning_content", "reasoning"] as const)(
    "goes back under its name, %s, with the turns that called something and no others",
    async (name) => {
      const more = { thoughts: [thought], thoughtsAs: name, ...formOf(form) };
      const { ask, bodies } = await talk(({ number }) =>
        number === 1 ? say("I looked.", more) : callTool("read", { path: "a" }, more),
      );
      for (let turn = 0; turn < 3; turn += 1) await ask();
      const [called, said] = turns(bodies[2]);
      expect(called).toMatchObject({ [name]: thought.text, tool_calls: [{ type: "function" }] });
      expect(said).toEqual({ role: "assistant", content: "I looked." });
    },
  );

  test("goes back as it came where it is in details, sealed ones among them", async () => {
    const sealed = { text: "", seal: "gAAAAAB-sealed" };
    const signed = { ...thought, seal: "signature-1" };
    const { ask, bodies } = await talk(() =>
      callTool(
        "read",
        {},
        {
          ...{ thoughts: [signed, sealed], thoughtsAs: "reasoning_details", ...formOf(form) },
        },
      ),
    );
    await ask();
    await ask();
    const [turn] = turns(bodies[1]);
    const common = { format: "scripted-v1" };
    expect(turn?.["reasoning_details"]).toEqual([
      { type: "reasoning.text", text: thought.text, signature: "signature-1", index: 0, ...common },
      { type: "reasoning.encrypted", data: "gAAAAAB-sealed", index: 1, ...common },
    ]);
    expect(turn).not.toHaveProperty("reasoning_content");
  });
});

const mustBeGiven = {
  code: "invalid_request_error",
  message: "The `reasoning_content` in the thinking mode must be passed back to the API.",
};

/** Refuses, as DeepSeek does, calls without the member, even where nothing was thought. */
function strict(thoughts: boolean): ModelScript {
  return ({ body }) =>
    turns(body).some((turn) => "tool_calls" in turn && !("reasoning_content" in turn))
      ? refuse(400, {}, mustBeGiven)
      : callTool("read", {}, thoughts ? { thoughts: [thought] } : {});
}

describe("a server that wants thoughts with every call", () => {
  test("gets them and refuses nothing", async () => {
    const { ask, bench } = await talk(strict(true));
    for (let turn = 0; turn < 3; turn += 1) await ask();
    expect(bench.server.ledger.refused).toHaveLength(0);
  });

  test("gets an empty one where there was none, after one refusal that is counted and not paid", async () => {
    const { ask, bench, bodies } = await talk(strict(false));
    await ask();
    expect((await ask()).facts).toMatchObject({ retries: 1 });
    expect((await ask()).facts).toMatchObject({ retries: 0 });
    expect(bench.server.ledger.refused).toHaveLength(1);
    expect(bench.server.ledger.paid).toHaveLength(3);
    expect(turns(bodies.at(-1))).toMatchObject([
      { reasoning_content: "" },
      { reasoning_content: "" },
    ]);
  });
});

describe("a server that refuses thoughts", () => {
  test.each([
    "messages.2: property 'reasoning_content' is unsupported",
    "Extra inputs are not permitted: body.messages[1].assistant.reasoning_content",
  ])("gets none after saying so once: %s", async (message) => {
    const { ask, bench } = await talk(({ body }) =>
      turns(body).some((turn) => "reasoning_content" in turn)
        ? refuse(message.startsWith("Extra") ? 422 : 400, {}, { code: "invalid", message })
        : callTool("read", {}, { thoughts: [thought] }),
    );
    for (let turn = 0; turn < 4; turn += 1) await ask();
    expect(bench.server.ledger.refused).toHaveLength(1);
    expect(bench.server.ledger.paid).toHaveLength(4);
  });

  test("whatever it is sent ends the call after one more try", async () => {
    const { ask, bench } = await talk(({ number }) =>
      number === 0 ? callTool("read", {}) : refuse(400, {}, mustBeGiven),
    );
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: "AUTOSD-MODEL-REFUSED", paidAnswers: 0 });
    await expect(ask()).rejects.toMatchObject({ code: "AUTOSD-MODEL-REFUSED" });
    expect(bench.server.ledger.refused).toHaveLength(3);
  });
});

test.each([
  ["google", "Corrupted thought signature."],
  ["anthropic", "messages.1.content.0: Invalid `signature` in `thinking` block"],
  ["openai", "The encrypted content for item rs_1 could not be verified."],
] as const)(
  "%s: marks that the provider does not know again are left out once it says so",
  async (provider, message) => {
    const seal = "gAAAAAB-a-seal-of-long-ago";
    const bench = await modelBench(
      ({ body }) =>
        JSON.stringify(body).includes(seal)
          ? refuse(400, {}, { code: "invalid", message })
          : callTool("read", {}, { thoughts: [{ ...thought, seal }] }),
      { provider, model: "gpt-5" },
    );
    benches.push(bench);
    const first = await bench.model.answer(request([{ role: "user", text: "go" }]), never);
    expect(first.carried).toBeDefined();
    const { text, toolCalls, carried } = first;
    const results = toolCalls.map(({ id, name }) => ({ id, name, text: "ok", isError: false }));
    const second = await bench.model.answer(
      request([
        { role: "user", text: "go" },
        { role: "assistant", text, toolCalls, carried },
        { role: "tool", results },
      ]),
      never,
    );
    expect(second.facts).toMatchObject({ retries: 1 });
    expect(second.carried?.origin).toBe(carried?.origin);
    expect(bench.server.ledger.paid).toHaveLength(2);
  },
);
