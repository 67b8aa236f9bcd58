import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  SharedV3ProviderOptions,
} from "@ai-sdk/provider";
import { z } from "zod";
import { fits } from "../../delivery/agent/model/carried-turn.ts";
import type {
  ModelMessage,
  ModelRequest,
  ToolCall,
} from "../../delivery/agent/model/model.port.ts";

type AssistantMessage = Extract<ModelMessage, { readonly role: "assistant" }>;
type AssistantContent = Extract<LanguageModelV3Message, { role: "assistant" }>["content"];
type AssistantPart = AssistantContent[number];

/** Anthropic caches what is marked; the others cache equal beginnings by themselves. */
const cacheMark: SharedV3ProviderOptions = {
  anthropic: { cacheControl: { type: "ephemeral" } },
};

/** What bears it stands in the message, not in a part of it. */
const turnMark = "openaiCompatible";

interface GivenTurn {
  readonly content: AssistantContent;
  readonly providerOptions?: SharedV3ProviderOptions;
}

const markSchema = z.record(z.string(), z.record(z.string(), z.json()));

/**
 * The request as the providers' packages take it. Equal requests give equal options. What answers of
 * another origin carry is left out; without an origin, what all carry.
 */
export function callOptions(
  request: ModelRequest,
  origin: string | undefined,
  signal: AbortSignal,
): LanguageModelV3CallOptions {
  const { answerSchema, tools } = request;
  return {
    prompt: promptOf(request, origin),
    maxOutputTokens: request.maxOutputTokens,
    abortSignal: signal,
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            type: "function" as const,
            name,
            description,
            inputSchema: parameters,
          })),
          toolChoice: { type: "auto" as const },
        }),
    ...(answerSchema === undefined
      ? {}
      : {
          responseFormat: {
            type: "json" as const,
            name: answerSchema.name,
            schema: answerSchema.schema,
          },
        }),
    providerOptions: {
      // Nothing is kept at the provider, and schemas with optional members are allowed.
      openai: { store: false, strictJsonSchema: false },
    },
  };
}

function promptOf(request: ModelRequest, origin: string | undefined): LanguageModelV3Prompt {
  const messages = request.messages.map((message) => messageOf(message, origin));
  const last = messages.at(-1);
  const marked =
    last === undefined
      ? []
      : [
          ...messages.slice(0, -1),
          { ...last, providerOptions: { ...last.providerOptions, ...cacheMark } },
        ];
  return [{ role: "system", content: request.system, providerOptions: cacheMark }, ...marked];
}

function messageOf(message: ModelMessage, origin: string | undefined): LanguageModelV3Message {
  switch (message.role) {
    case "user":
      return { role: "user", content: [{ type: "text", text: message.text }] };
    case "assistant":
      return { role: "assistant", ...(asGiven(message, origin) ?? { content: plainly(message) }) };
    case "tool":
      return {
        role: "tool",
        content: message.results.map(({ id, name, text, isError }) => ({
          type: "tool-result" as const,
          toolCallId: id,
          toolName: name,
          output: { type: isError ? ("error-text" as const) : ("text" as const), value: text },
        })),
      };
  }
}

function plainly({ text, toolCalls }: AssistantMessage): AssistantContent {
  return [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...toolCalls.map((call) => toolCallOf(call)),
  ];
}

/** The turn as the provider gave it, in its order. Undefined: it is not this provider's, or damaged. */
function asGiven(message: AssistantMessage, origin: string | undefined): GivenTurn | undefined {
  const { carried, text, toolCalls } = message;
  if (carried === undefined || carried.origin !== origin || !fits(carried, message))
    return undefined;
  const content: AssistantPart[] = [];
  let ofTurn = {};
  const calls = toolCalls.values();
  let at = 0;
  for (const part of carried.parts) {
    const marked = part.mark === undefined ? {} : markedBy(part.mark);
    if (marked === undefined) return undefined;
    if (marked.providerOptions?.[turnMark] !== undefined) ofTurn = marked;
    else if (part.kind === "reasoning")
      content.push({ type: "reasoning", text: part.text, ...marked });
    else if (part.kind === "text") {
      content.push({ type: "text", text: text.slice(at, at + part.characters), ...marked });
      at += part.characters;
    } else {
      const { value: call } = calls.next();
      if (call !== undefined) content.push({ ...toolCallOf(call), ...marked });
    }
  }
  return { content, ...ofTurn };
}

/** Undefined: nobody here wrote that. */
function markedBy(
  mark: string,
): { readonly providerOptions?: SharedV3ProviderOptions } | undefined {
  try {
    const parsed = markSchema.safeParse(JSON.parse(mark));
    return parsed.success ? { providerOptions: parsed.data } : undefined;
  } catch {
    return undefined;
  }
}

function toolCallOf(call: ToolCall): Extract<AssistantPart, { type: "tool-call" }> {
  return {
    type: "tool-call",
    toolCallId: call.id,
    toolName: call.name,
    input: argumentsOf(call.arguments),
  };
}

/** Providers refuse a history in which arguments are no object. */
function argumentsOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value
    : { unreadable: typeof value === "string" ? value : JSON.stringify(value) };
}
