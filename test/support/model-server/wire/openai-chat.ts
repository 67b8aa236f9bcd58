import {
  argumentText,
  content,
  optionalNumber,
  pieces,
  record,
  records,
  text,
  type Json,
} from "../json.ts";
import type { ScriptTurn } from "../script.ts";
import { event, finishWord, type FullAnswer, joinTurns, type Wire } from "./wire.ts";

const pieceLength = 24;
const finishes = {
  ...{ stop: "stop", "tool-calls": "tool_calls", length: "length", filtered: "content_filter" },
} as const;

/** `POST /v1/chat/completions`. */
export const openaiChat: Wire = {
  read(body) {
    const messages = records(body["messages"]);
    const format = text(record(body["response_format"])["type"]);
    return {
      dialect: "openai-chat",
      model: text(body["model"]),
      streaming: body["stream"] === true,
      system: messages
        .filter(({ role }) => role === "system" || role === "developer")
        .map((message) => content(message["content"]))
        .join("\n"),
      turns: joinTurns(messages.flatMap(turnOf)),
      tools: records(body["tools"]).map((tool) => text(record(tool["function"])["name"])),
      maxOutputTokens: optionalNumber(body["max_completion_tokens"] ?? body["max_tokens"]),
      wantsJson: format.startsWith("json"),
    };
  },
  whole(answer) {
    return {
      ...head(answer, "chat.completion"),
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: answer.text === "" ? null : answer.text,
            ...thoughtsOf(answer).reduce(joined, {}),
            ...(answer.toolCalls.length === 0 ? {} : { tool_calls: answer.toolCalls.map(call) }),
          },
          finish_reason: finishWord(answer.finish, finishes),
        },
      ],
      usage: usageOf(answer),
    };
  },
  frames(answer) {
    const chunk = (delta: Json, finish: string | null = null): string =>
      event({
        ...head(answer, "chat.completion.chunk"),
        choices: [{ index: 0, delta, finish_reason: finish }],
      });
    return [
      chunk({ role: "assistant", content: "" }),
      ...thoughtsOf(answer).map((thought) => chunk(thought)),
      ...pieces(answer.text, pieceLength).map((piece) => chunk({ content: piece })),
      ...answer.toolCalls.flatMap((one, index) => [
        chunk({ tool_calls: [{ index, ...call({ ...one, arguments: "" }) }] }),
        ...pieces(argumentText(one.arguments), pieceLength).map((piece) =>
          chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
        ),
      ]),
      chunk({}, finishWord(answer.finish, finishes)),
      event({ ...head(answer, "chat.completion.chunk"), choices: [], usage: usageOf(answer) }),
      "data: [DONE]\n\n",
    ];
  },
};

function turnOf(message: Json): readonly ScriptTurn[] {
  const role = message["role"];
  if (role !== "user" && role !== "assistant" && role !== "tool") return [];
  const toolCalls = records(message["tool_calls"]).map((one) =>
    text(record(one["function"])["name"]),
  );
  return [{ role, text: content(message["content"]), toolCalls }];
}

function head(answer: FullAnswer, object: string): Json {
  return { id: answer.id, object, created: 1_700_000_000, model: answer.model };
}

function call(one: FullAnswer["toolCalls"][number]): Json {
  return {
    id: one.id,
    type: "function",
    function: { name: one.name, arguments: argumentText(one.arguments) },
    // As Gemini says it through this interface.
    ...(one.seal === undefined
      ? {}
      : { extra_content: { google: { thought_signature: one.seal } } }),
  };
}

/** As they are streamed. */
function thoughtsOf({ thoughts, thoughtsAs }: FullAnswer): readonly Json[] {
  if (thoughtsAs !== "reasoning_details")
    return thoughts.flatMap((one) =>
      pieces(one.text, pieceLength).map((piece) => ({ [thoughtsAs]: piece })),
    );
  return thoughts.flatMap((one, index) => {
    const common = { format: "scripted-v1", index };
    const sealed = { type: "reasoning.encrypted", data: one.seal, ...common };
    const signed = { type: "reasoning.text", signature: one.seal, ...common };
    const details =
      one.text === ""
        ? [sealed]
        : [
            ...pieces(one.text, pieceLength).map((text) => ({ ...signed, signature: null, text })),
            signed,
          ];
    return details.map((detail) => ({ reasoning_details: [detail] }));
  });
}

function joined(one: Json, other: Json): Json {
  const texts = Object.entries(other).map(([name, value]) => {
    const before = one[name];
    return [
      name,
      Array.isArray(value) ? [...records(before), ...records(value)] : text(before) + text(value),
    ];
  });
  return { ...one, ...(Object.fromEntries(texts) as Json) };
}

function usageOf({ usage }: FullAnswer): Json {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
  };
}
