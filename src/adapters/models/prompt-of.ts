import type {
  LanguageModelV3CallOptions,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  SharedV3ProviderMetadata,
  SharedV3ProviderOptions,
} from "@ai-sdk/provider";
import type {
  ModelMessage,
  ModelRequest,
  ToolCall,
} from "../../delivery/agent/model/model.port.ts";

/** What a provider wants back with a tool call that it made, by the call's id. */
export type CallMarks = ReadonlyMap<string, SharedV3ProviderMetadata>;

/** Anthropic caches what is marked; the others cache equal beginnings by themselves. */
const cacheMark: SharedV3ProviderOptions = {
  anthropic: { cacheControl: { type: "ephemeral" } },
};

/** The request as the providers' packages take it. Equal requests give equal options. */
export function callOptions(
  request: ModelRequest,
  marks: CallMarks,
  signal: AbortSignal,
): LanguageModelV3CallOptions {
  const { answerSchema, tools } = request;
  return {
    prompt: promptOf(request, marks),
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

function promptOf(request: ModelRequest, marks: CallMarks): LanguageModelV3Prompt {
  const messages = request.messages.map((message) => messageOf(message, marks));
  const last = messages.at(-1);
  const marked =
    last === undefined ? [] : [...messages.slice(0, -1), { ...last, providerOptions: cacheMark }];
  return [{ role: "system", content: request.system, providerOptions: cacheMark }, ...marked];
}

function messageOf(message: ModelMessage, marks: CallMarks): LanguageModelV3Message {
  switch (message.role) {
    case "user":
      return { role: "user", content: [{ type: "text", text: message.text }] };
    case "assistant":
      return {
        role: "assistant",
        content: [
          ...(message.text === "" ? [] : [{ type: "text" as const, text: message.text }]),
          ...message.toolCalls.map((call) => toolCallOf(call, marks)),
        ],
      };
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

function toolCallOf(
  call: ToolCall,
  marks: CallMarks,
): Extract<
  Extract<LanguageModelV3Message, { role: "assistant" }>["content"][number],
  { type: "tool-call" }
> {
  const mark = marks.get(call.id);
  return {
    type: "tool-call",
    toolCallId: call.id,
    toolName: call.name,
    input: argumentsOf(call.arguments),
    ...(mark === undefined ? {} : { providerOptions: mark }),
  };
}

/** Providers refuse a history in which arguments are no object. */
function argumentsOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value
    : { unreadable: typeof value === "string" ? value : JSON.stringify(value) };
}
