import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { record, records, type Json } from "./json.ts";
import { digestOf, Ledger, type LedgerEntry } from "./ledger.ts";
import { createLimits, type LimitOptions } from "./limits.ts";
import type { ModelCall, ModelScript, Reply } from "./script.ts";
import { anthropic, jsonTool } from "./wire/anthropic.ts";
import { gemini } from "./wire/gemini.ts";
import { openaiChat } from "./wire/openai-chat.ts";
import { openaiResponses } from "./wire/openai-responses.ts";
import type { FullAnswer, Wire } from "./wire/wire.ts";

export interface ModelServerOptions {
  /** Every request is appended to it, synced, before it is answered: a killed client hides nothing. */
  readonly ledgerFile?: string;
  /** A limit that announces itself; over it the script is not asked and the answer is 429. */
  readonly limits?: LimitOptions;
  /** Key that requests must carry; others are answered 401. Default: any. */
  readonly key?: string;
  /** What `GET /v1/models` lists. Default: `scripted-model`. */
  readonly models?: readonly string[];
  readonly port?: number;
}

export interface ModelServer {
  /** `http://127.0.0.1:<port>`: a provider's base address is this and `/v1` (Gemini `/v1beta`). */
  readonly url: string;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

const wires: readonly (readonly [RegExp, Wire])[] = [
  [/\/chat\/completions$/, openaiChat],
  [/\/responses$/, openaiResponses],
  [/\/messages$/, anthropic],
  [/:(streamG|g)enerateContent(\?|$)/, gemini],
];

type Answer = Extract<Reply, { readonly kind: "answer" }>;

/** A provider of language models on this machine, whose model is a function. */
export async function startModelServer(
  script: ModelScript,
  options: ModelServerOptions = {},
): Promise<ModelServer> {
  const ledger = new Ledger(options.ledgerFile);
  const serving = new Serving(script, options, ledger);
  const server = createServer((request, response) => {
    serving.serve(request, response).catch((error: unknown) => {
      // A script that fails is the test's mistake: loud, and no answer.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
      process.emitWarning(`scripted model failed: ${String(error)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    ledger,
    close: () =>
      new Promise((resolve) => {
        serving.stop();
        server.close(() => {
          ledger.close();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

class Serving {
  readonly #script: ModelScript;
  readonly #options: ModelServerOptions;
  readonly #ledger: Ledger;
  readonly #limits: ReturnType<typeof createLimits>;
  readonly #stopped = new AbortController();
  #number = 0;

  constructor(script: ModelScript, options: ModelServerOptions, ledger: Ledger) {
    this.#script = script;
    this.#options = options;
    this.#ledger = ledger;
    this.#limits = createLimits(options.limits);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const path = request.url ?? "/";
    if (request.method === "GET" && path.endsWith("/models")) {
      const data = (this.#options.models ?? ["scripted-model"]).map((id) => ({ id }));
      send(response, 200, {}, { object: "list", data });
      return;
    }
    const text = await bodyOf(request);
    const wire = wires.find(([pattern]) => pattern.test(path))?.[1];
    if (wire === undefined) {
      send(response, 404, {}, { error: { message: `no such address: ${path}`, code: "unknown" } });
      return;
    }
    const body = record(JSON.parse(text));
    const number = this.#number;
    this.#number += 1;
    const call = { number, headers: request.headers, body, ...wire.read(body, path) };
    const note = this.#noter(call, path, text);
    const taken = this.#limits.take(text.length, call.maxOutputTokens ?? 0);
    if (taken.refusal !== undefined) {
      note("refused", 429);
      send(response, 429, taken.headers, taken.refusal);
      return;
    }
    const reply = this.#isAllowed(call) ? await this.#script(call) : unauthorized;
    await this.#give(response, wire, { call, reply, headers: taken.headers, text, note });
  }

  async #give(
    response: ServerResponse,
    wire: Wire,
    given: {
      readonly call: ModelCall;
      readonly reply: Reply;
      readonly headers: Readonly<Record<string, string>>;
      readonly text: string;
      readonly note: Note;
    },
  ): Promise<void> {
    const { reply, note } = given;
    if (reply.kind === "hang") {
      note("hung", 0);
      return;
    }
    if (reply.kind === "refusal") {
      note("refused", reply.status);
      send(response, reply.status, { ...given.headers, ...reply.headers }, reply.body);
      return;
    }
    if (reply.delayMs !== undefined) await this.#pause(reply.delayMs);
    const answer = fullAnswer(given.call, throughJsonTool(given.call, reply), given.text);
    const delivery = reply.delivery ?? "whole";
    note(delivery === "whole" ? "answered" : "cut", 200, answer);
    const form = given.call.streaming ? (reply.form ?? "stream") : "plain";
    const type = reply.contentType ?? (form === "stream" ? "text/event-stream" : jsonType);
    response.writeHead(200, { "content-type": type, ...given.headers });
    const parts = partsOf(wire, answer, form);
    await this.#write(response, parts, { delivery, chunkDelayMs: reply.chunkDelayMs });
  }

  async #write(
    response: ServerResponse,
    parts: readonly string[],
    how: { readonly delivery: string; readonly chunkDelayMs: number | undefined },
  ): Promise<void> {
    const whole = how.delivery === "whole";
    const sent = whole ? parts : parts.slice(0, Math.max(1, Math.floor(parts.length / 2)));
    for (const part of sent) {
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(part, resolve));
      if (how.chunkDelayMs !== undefined) await this.#pause(how.chunkDelayMs);
    }
    if (how.delivery === "malformed") response.write("data: {not json}\n\n");
    if (how.delivery === "cut") response.destroy();
    else response.end();
  }

  #isAllowed(call: ModelCall): boolean {
    const { key } = this.#options;
    if (key === undefined) return true;
    const { authorization } = call.headers;
    const given = [authorization, call.headers["x-api-key"], call.headers["x-goog-api-key"]];
    return given.includes(key) || given.includes(`Bearer ${key}`);
  }

  #noter(call: ModelCall, path: string, text: string): Note {
    const asked = { path, model: call.model, request: digestOf(text), bytes: text.length };
    return (outcome, status, answer) =>
      this.#ledger.record({
        number: call.number,
        atMs: Date.now(),
        ...asked,
        outcome,
        status,
        inputTokens: answer?.usage.input ?? 0,
        outputTokens: answer?.usage.output ?? 0,
      });
  }

  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}

type Note = (outcome: LedgerEntry["outcome"], status: number, answer?: FullAnswer) => void;

const unauthorized: Reply = {
  kind: "refusal",
  status: 401,
  headers: {},
  body: { error: { message: "wrong key", code: "invalid_api_key", type: "authentication_error" } },
};

function fullAnswer(call: ModelCall, reply: Answer, request: string): FullAnswer {
  const toolCalls = reply.toolCalls.map((one, index) => ({
    ...one,
    id: one.id ?? `call_${call.number}_${index}`,
  }));
  const output = reply.text.length + JSON.stringify(reply.toolCalls).length;
  return {
    id: `answer-${call.number}`,
    model: call.model,
    text: reply.text,
    toolCalls,
    thoughts: reply.thoughts ?? [],
    thoughtsAs: reply.thoughtsAs ?? "reasoning_content",
    textSeal: reply.textSeal,
    finish: reply.finish ?? (toolCalls.length > 0 ? "tool-calls" : "stop"),
    usage: reply.usage ?? {
      input: Math.ceil(request.length / 4),
      output: Math.ceil(output / 4),
      cached: 0,
    },
  };
}

/** Who offers the tool for JSON has the model call it: a text would be ignored. */
function throughJsonTool(call: ModelCall, reply: Answer): Answer {
  const offered = records(call.body["tools"]).some(({ name }) => name === jsonTool);
  if (!offered || reply.text === "" || reply.toolCalls.length > 0) return reply;
  return { ...reply, text: "", toolCalls: [{ name: jsonTool, arguments: reply.text }] };
}

const jsonType = "application/json";

function partsOf(
  wire: Wire,
  answer: FullAnswer,
  form: "stream" | "plain" | "array",
): readonly string[] {
  if (form === "plain") return halves(wire.whole(answer));
  const frames = wire.frames(answer);
  return form === "stream" ? frames : halves(frames.flatMap(payloadOf));
}

function payloadOf(frame: string): readonly unknown[] {
  const payload = /^data: (\{.*)$/m.exec(frame)?.[1];
  return payload === undefined ? [] : [JSON.parse(payload)];
}

function halves(body: Json | readonly unknown[]): readonly string[] {
  const whole = JSON.stringify(body);
  const middle = Math.ceil(whole.length / 2);
  return [whole.slice(0, middle), whole.slice(middle)];
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
