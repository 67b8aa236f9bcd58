import type { LanguageModelV3 } from "@ai-sdk/provider";
import { sha256 } from "../../kernel/hash.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { Model, ModelAnswer, ModelRequest } from "../../delivery/agent/model/model.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Framing } from "./answer-body.ts";
import { collectAnswer, collectWhole, type Collected } from "./collect-answer.ts";
import { isPlain, type LimitedCalls } from "./limited-fetch.ts";
import { callOptions } from "./prompt-of.ts";
import { withoutKey } from "./refusal.ts";
import { jsonOf } from "./json-answer.ts";
import type { Fetch } from "./transfer.ts";

export const modelProviders = ["openai", "anthropic", "google", "openai-compatible"] as const;
export type ModelProvider = (typeof modelProviders)[number];

export interface ModelOptions {
  readonly provider: ModelProvider;
  /** As the provider names it. */
  readonly model: string;
  /** With its version: `https://host/v1`. Undefined: the provider's own; needed for `openai-compatible`. */
  readonly baseUrl: string | undefined;
  /** Asked once, before the first request. Empty: a server that wants none. */
  readonly key: () => Promise<string>;
  readonly calls: LimitedCalls;
  readonly clock: Clock;
}

const framings: Readonly<Record<ModelProvider, Framing>> = {
  openai: "openai-responses",
  anthropic: "anthropic",
  google: "gemini",
  "openai-compatible": "openai-chat",
};

/**
 * A model behind one provider's package, loaded here. Answers are streamed and handed on whole; the
 * packages retry nothing, since only their lowest layer is used and that has no retries.
 */
export async function createModel(options: ModelOptions): Promise<Model> {
  const key = await options.key();
  const open = await openerOf(options, key);
  const name = `${options.provider} ${options.model}`;
  const origin = originOf(options);
  const limitKey = limitKeyOf(options, key);
  return {
    provider: options.provider,
    name: options.model,
    async answer(request, signal) {
      signal.throwIfAborted();
      const startMs = options.clock.monotonicMs();
      const call = options.calls({
        limitKey,
        framing: framings[options.provider],
        key,
        maxOutputTokens: request.maxOutputTokens,
        name,
      });
      const asked = { request, origin, name, key, open, fetch: call.fetch };
      const collected = await ask(asked, signal).catch((error: unknown) => {
        throw error instanceof ModelError ? error.costing(call.paidAnswers()) : error;
      });
      return {
        ...structured(collected.answer, request),
        facts: {
          ...call.facts(),
          latencyMs: Math.round(options.clock.monotonicMs() - startMs),
          responseId: collected.responseId,
        },
      };
    },
  };
}

interface Asked {
  readonly request: ModelRequest;
  readonly origin: string;
  readonly name: string;
  readonly key: string;
  readonly open: (fetch: Fetch) => LanguageModelV3;
  readonly fetch: Fetch;
}

async function ask(asked: Asked, signal: AbortSignal): Promise<Collected> {
  try {
    return await readAnswer(asked, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ModelError) throw error;
    const reason = withoutKey(error instanceof Error ? error.message : String(error), asked.key);
    throw new ModelError(
      "AUTOSD-MODEL-CUT",
      `${asked.name}: the answer is not readable: ${reason}`,
    );
  }
}

/**
 * Some servers answer a request for a stream with one JSON. It is paid for: it is read as what it
 * is, and not asked for again.
 */
async function readAnswer(asked: Asked, signal: AbortSignal): Promise<Collected> {
  const options = callOptions(asked.request, asked.origin, signal);
  const plain: Response[] = [];
  const streaming = asked.open(async (input, init) => {
    const response = await asked.fetch(input, init);
    if (!isPlain(response)) return response;
    plain.push(response);
    throw new Error("the answer is no stream");
  });
  try {
    const { stream } = await streaming.doStream(options);
    return await collectAnswer(stream, asked);
  } catch (error) {
    const [answer] = plain;
    if (answer === undefined) throw error;
    return collectWhole(await asked.open(async () => answer).doGenerate(options), asked);
  }
}

/**
 * A structured answer is the JSON in it, whatever the model put around it. It is no turn that the
 * provider would know again.
 */
function structured(
  answer: Omit<ModelAnswer, "facts">,
  request: ModelRequest,
): Omit<ModelAnswer, "facts"> {
  if (request.answerSchema === undefined) return answer;
  return { ...answer, text: jsonOf(answer.text), carried: undefined };
}

/** Loads the provider's package; what it returns makes a model around one call's fetch. */
async function openerOf(
  options: ModelOptions,
  key: string,
): Promise<(fetch: Fetch) => LanguageModelV3> {
  const { model, baseUrl } = options;
  const address = baseUrl === undefined ? {} : { baseURL: baseUrl };
  switch (options.provider) {
    case "openai": {
      const { createOpenAI } = await import("@ai-sdk/openai");
      return (fetch) => createOpenAI({ ...address, apiKey: key, fetch }).responses(model);
    }
    case "anthropic": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return (fetch) => createAnthropic({ ...address, apiKey: key, fetch })(model);
    }
    case "google": {
      const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
      return (fetch) => createGoogleGenerativeAI({ ...address, apiKey: key, fetch })(model);
    }
    case "openai-compatible": {
      if (baseUrl === undefined)
        throw new ModelError(
          "AUTOSD-MODEL-UNCONFIGURED",
          "openai-compatible needs the address of a server",
          { remedy: "Name it with --base-url http://HOST:PORT/v1" },
        );
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const credentials = key === "" ? {} : { apiKey: key };
      return (fetch) =>
        createOpenAICompatible({
          name: "local",
          baseURL: baseUrl,
          ...credentials,
          includeUsage: true,
          supportsStructuredOutputs: true,
          fetch,
        })(model);
    }
  }
}

/** Another model, provider or server can do nothing with what this one marked, or refuses it. */
function originOf({ provider, model, baseUrl }: ModelOptions): string {
  return sha256(JSON.stringify([provider, model, baseUrl ?? ""])).slice(7, 23);
}

/** Who shares a limit: the same model, asked with the same key at the same address. */
function limitKeyOf(options: ModelOptions, key: string): string {
  const { provider, model, baseUrl } = options;
  return sha256(JSON.stringify([provider, model, baseUrl ?? "", sha256(key)])).slice(7, 39);
}
