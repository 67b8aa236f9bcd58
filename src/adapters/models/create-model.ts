import type { LanguageModelV3 } from "@ai-sdk/provider";
import { sha256 } from "../../kernel/hash.ts";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { Model, ModelAnswer, ModelRequest } from "../../delivery/agent/model/model.port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { messageOf } from "../../kernel/thrown.ts";
import type { Framing } from "./answer-body.ts";
import { collectAnswer, collectWhole, type Collected } from "./collect-answer.ts";
import { isPlain, maxPaidTries, type LimitedCalls } from "./limited-fetch.ts";
import { thoughtKeeper, ThoughtManners } from "./open-thoughts.ts";
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
  const opened = await openerOf(options, key);
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
      const asked = { request, origin, name, key, fetch: call.fetch, ...opened };
      const mayAskAgain = (): boolean => call.paidAnswers() < maxPaidTries;
      const collected = await askTwice(asked, mayAskAgain, signal).catch((error: unknown) => {
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

interface Asked extends Opened {
  readonly request: ModelRequest;
  readonly origin: string;
  readonly name: string;
  readonly key: string;
  readonly fetch: Fetch;
  /** Nothing of what earlier answers carry is sent back. */
  readonly isBare?: boolean;
}

interface Opened {
  /** A model around one call's fetch. */
  readonly open: (fetch: Fetch) => LanguageModelV3;
  /** Where the server decides itself what it wants to see again of a model's thoughts. */
  readonly manners?: ThoughtManners;
}

/**
 * A refusal over what is sent back of earlier answers costs nothing and is mended: the same without
 * it, or as the server wants it. An answer that ended oddly is asked for once more, as a cut one is.
 */
async function askTwice(
  asked: Asked,
  mayAskAgain: () => boolean,
  signal: AbortSignal,
): Promise<Collected> {
  try {
    return await ask(asked, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ModelError)) throw error;
    if (error.code === "AUTOSD-MODEL-REFUSED") {
      const mended = mendedFor(error.message, asked);
      if (mended !== undefined) return ask(mended, signal);
    }
    if (!(error instanceof OddAnswerError) || !mayAskAgain()) throw error;
    return ask(asked, signal);
  }
}

/** How providers say that they do not know thoughts or a signature of their own again. */
const unknownMark =
  /thought[_ ]?signature|`?signature`? in `?thinking|encrypted[_ ]content|item with id|`?thinking`? or `?redacted_thinking/i;

function mendedFor(refusal: string, asked: Asked): Asked | undefined {
  if (asked.manners?.learn(refusal) === true) return asked;
  const isCarried = asked.request.messages.some(
    (message) => message.role === "assistant" && message.carried?.origin === asked.origin,
  );
  return isCarried && unknownMark.test(refusal) ? { ...asked, isBare: true } : undefined;
}

/** Paid for, and of no use; another one may be. */
class OddAnswerError extends ModelError {}

async function ask(asked: Asked, signal: AbortSignal): Promise<Collected> {
  try {
    return await readAnswer(asked, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ModelError) throw error;
    const reason = withoutKey(messageOf(error), asked.key);
    throw new OddAnswerError(
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
  const known = asked.isBare === true ? undefined : asked.origin;
  const options = callOptions(asked.request, known, signal);
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

/** Loads the provider's package. */
async function openerOf(options: ModelOptions, key: string): Promise<Opened> {
  const { model, baseUrl } = options;
  const address = baseUrl === undefined ? {} : { baseURL: baseUrl };
  switch (options.provider) {
    case "openai": {
      const { createOpenAI } = await import("@ai-sdk/openai");
      return {
        open: (fetch) => createOpenAI({ ...address, apiKey: key, fetch }).responses(model),
      };
    }
    case "anthropic": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return { open: (fetch) => createAnthropic({ ...address, apiKey: key, fetch })(model) };
    }
    case "google": {
      const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
      return {
        open: (fetch) => createGoogleGenerativeAI({ ...address, apiKey: key, fetch })(model),
      };
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
      const manners = new ThoughtManners();
      const settings = {
        ...{ name: "local", baseURL: baseUrl, ...credentials },
        ...{ includeUsage: true, supportsStructuredOutputs: true },
        metadataExtractor: thoughtKeeper,
        transformRequestBody: (body: Record<string, unknown>) => manners.apply(body),
      };
      return { open: (fetch) => createOpenAICompatible({ ...settings, fetch })(model), manners };
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
