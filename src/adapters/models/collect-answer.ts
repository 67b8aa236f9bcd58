import type {
  LanguageModelV3FinishReason,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
  LanguageModelV3Usage,
  SharedV3ProviderMetadata,
} from "@ai-sdk/provider";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { ModelAnswer, TokenUsage, ToolCall } from "../../delivery/agent/model/model.port.ts";

export interface Collected {
  readonly answer: Omit<ModelAnswer, "facts">;
  readonly responseId: string | undefined;
  /** What the provider wants to see again with its tool calls. */
  readonly marks: readonly (readonly [string, SharedV3ProviderMetadata])[];
}

/**
 * Reads a stream to its end. Only an answer whose last part says that it is finished is one; an
 * error part, a missing end, or an end of unknown kind throws what says so, unredacted.
 */
export async function collectAnswer(
  stream: ReadableStream<LanguageModelV3StreamPart>,
  name: string,
): Promise<Collected> {
  let text = "";
  let responseId: string | undefined;
  let finish: LanguageModelV3FinishReason | undefined;
  let usage: LanguageModelV3Usage | undefined;
  const toolCalls: ToolCall[] = [];
  const marks: (readonly [string, SharedV3ProviderMetadata])[] = [];
  for await (const part of parts(stream)) {
    if (part.type === "text-delta") text += part.delta;
    else if (part.type === "response-metadata") responseId = part.id ?? responseId;
    else if (part.type === "error") throw broken(part.error);
    else if (part.type === "finish") {
      finish = part.finishReason;
      usage = part.usage;
    } else if (part.type === "tool-call") {
      toolCalls.push({ id: part.toolCallId, name: part.toolName, arguments: json(part.input) });
      if (part.providerMetadata !== undefined) marks.push([part.toolCallId, part.providerMetadata]);
    }
  }
  if (finish === undefined) throw new Error("it has no end");
  return {
    answer: { text, toolCalls, finish: finishOf(finish, toolCalls, name), usage: usageOf(usage) },
    responseId,
    marks,
  };
}

/** The same of an answer that came as one JSON. */
export function collectWhole(result: LanguageModelV3GenerateResult, name: string): Collected {
  const texts = result.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const calls = result.content.flatMap((part) => (part.type === "tool-call" ? [part] : []));
  const toolCalls = calls.map((part) => ({
    id: part.toolCallId,
    name: part.toolName,
    arguments: json(part.input),
  }));
  return {
    answer: {
      text: texts.join(""),
      toolCalls,
      finish: finishOf(result.finishReason, toolCalls, name),
      usage: usageOf(result.usage),
    },
    responseId: result.response?.id,
    marks: calls.flatMap(({ toolCallId, providerMetadata: mark }) =>
      mark === undefined ? [] : [[toolCallId, mark] as const],
    ),
  };
}

async function* parts<T>(stream: ReadableStream<T>): AsyncIterable<T> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

function finishOf(
  finish: LanguageModelV3FinishReason,
  toolCalls: readonly ToolCall[],
  name: string,
): ModelAnswer["finish"] {
  const { unified, raw } = finish;
  if (unified === "length") return "length";
  // Some servers say "stop" after tool calls, or "tool-calls" after none.
  if (unified === "stop" || unified === "tool-calls")
    return toolCalls.length > 0 ? "tool-calls" : "stop";
  if (unified === "content-filter")
    throw new ModelError(
      "AUTOSD-MODEL-REFUSED",
      `${name}: the provider's filter stopped the answer`,
    );
  throw new Error(`it ended with ${raw ?? unified}`);
}

function usageOf(usage: LanguageModelV3Usage | undefined): TokenUsage {
  return {
    inputTokens: usage?.inputTokens.total,
    outputTokens: usage?.outputTokens.total,
    cachedInputTokens: usage?.inputTokens.cacheRead,
  };
}

function json(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function broken(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
