import type {
  LanguageModelV3FinishReason,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
  LanguageModelV3ToolCall,
  LanguageModelV3Usage,
} from "@ai-sdk/provider";
import { ModelError } from "../../delivery/agent/model/errors.ts";
import type { ModelAnswer, TokenUsage, ToolCall } from "../../delivery/agent/model/model.port.ts";
import { errorOf } from "../../kernel/thrown.ts";
import { thoughtsIn } from "./open-thoughts.ts";
import { TurnBlocks } from "./turn-blocks.ts";

export interface Collected {
  readonly answer: Omit<ModelAnswer, "facts">;
  readonly responseId: string | undefined;
}

/** Whose answer it is. */
export interface Answerer {
  /** For people. */
  readonly name: string;
  /** Who gets back what it wants to see again. */
  readonly origin: string;
}

/**
 * Reads a stream to its end. Only an answer whose last part says that it is finished is one; an
 * error part, a missing end, or an end of unknown kind throws what says so, unredacted.
 */
export async function collectAnswer(
  stream: ReadableStream<LanguageModelV3StreamPart>,
  answerer: Answerer,
): Promise<Collected> {
  let responseId: string | undefined;
  let finish: LanguageModelV3FinishReason | undefined;
  let usage: LanguageModelV3Usage | undefined;
  const blocks = new TurnBlocks();
  for await (const part of parts(stream)) {
    if (part.type === "response-metadata") responseId = part.id ?? responseId;
    else if (part.type === "error") throw errorOf(part.error);
    else if (part.type === "finish") {
      finish = part.finishReason;
      usage = part.usage;
      blocks.think(thoughtsIn(part.providerMetadata));
    } else addPart(blocks, part);
  }
  if (finish === undefined) throw new Error("it has no end");
  return { answer: answerOf(blocks, finish, usage, answerer), responseId };
}

function addPart(blocks: TurnBlocks, part: LanguageModelV3StreamPart): void {
  switch (part.type) {
    case "text-start":
    case "text-end":
      blocks.say("text", part.id, "", part.providerMetadata);
      break;
    case "text-delta":
      blocks.say("text", part.id, part.delta, part.providerMetadata);
      break;
    case "reasoning-start":
    case "reasoning-end":
      blocks.say("reasoning", part.id, "", part.providerMetadata);
      break;
    case "reasoning-delta":
      blocks.say("reasoning", part.id, part.delta, part.providerMetadata);
      break;
    case "tool-call":
      blocks.call(callOf(part), part.providerMetadata);
      break;
    default:
      return;
  }
  if (part.type === "text-end") blocks.close("text", part.id);
  if (part.type === "reasoning-end") blocks.close("reasoning", part.id);
}

/** The same of an answer that came as one JSON. */
export function collectWhole(result: LanguageModelV3GenerateResult, answerer: Answerer): Collected {
  const blocks = new TurnBlocks();
  for (const [index, part] of result.content.entries()) {
    if (part.type === "text" || part.type === "reasoning")
      blocks.say(part.type, String(index), part.text, part.providerMetadata);
    else if (part.type === "tool-call") blocks.call(callOf(part), part.providerMetadata);
  }
  blocks.think(thoughtsIn(result.providerMetadata));
  return {
    answer: answerOf(blocks, result.finishReason, result.usage, answerer),
    responseId: result.response?.id,
  };
}

function callOf(part: LanguageModelV3ToolCall): ToolCall {
  return { id: part.toolCallId, name: part.toolName, arguments: json(part.input) };
}

function answerOf(
  blocks: TurnBlocks,
  finish: LanguageModelV3FinishReason,
  usage: LanguageModelV3Usage | undefined,
  { name, origin }: Answerer,
): Omit<ModelAnswer, "facts"> {
  const { text, toolCalls } = blocks;
  const carried = blocks.carriedBy(origin);
  return {
    text,
    toolCalls,
    ...(carried === undefined ? {} : { carried }),
    finish: finishOf(finish, toolCalls, name),
    usage: usageOf(usage),
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
  // Less room would be left to whoever goes on: only a shorter conversation helps.
  if (raw === "model_context_window_exceeded")
    throw new ModelError(
      "AUTOSD-MODEL-CONTEXT",
      `${name}: the answer reached the end of what the model takes`,
    );
  if (unified === "length") return "length";
  // Some servers say "stop" after tool calls, or "tool-calls" after none.
  if (unified === "stop" || unified === "tool-calls")
    return toolCalls.length > 0 ? "tool-calls" : "stop";
  if (unified === "content-filter")
    throw new ModelError(
      "AUTOSD-MODEL-REFUSED",
      `${name}: the provider's filter stopped the answer (${raw ?? unified})`,
      {
        remedy:
          "Reword what the requirements ask for, or choose another model with --model, and give the command again; to ask the same once more: autosd runs resume",
      },
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
