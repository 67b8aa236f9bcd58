import {
  argumentText,
  content,
  optionalNumber,
  pieces,
  records,
  record,
  text,
  type Json,
} from "../json.ts";
import type { ScriptTurn } from "../script.ts";
import { event, finishWord, type FullAnswer, type Wire } from "./wire.ts";

const pieceLength = 24;
const finishes = {
  ...{ stop: "end_turn", "tool-calls": "tool_use", length: "max_tokens", filtered: "refusal" },
} as const;

/** The tool through which a model that knows no formats is made to answer in JSON. */
export const jsonTool = "json";

/** `POST /v1/messages`. */
export const anthropic: Wire = {
  read(body) {
    const format = text(
      record(body["output_format"] ?? record(body["output_config"])["format"])["type"],
    );
    const tools = records(body["tools"]).map((tool) => text(tool["name"]));
    return {
      dialect: "anthropic",
      model: text(body["model"]),
      streaming: body["stream"] === true,
      system: content(body["system"]),
      turns: records(body["messages"]).flatMap(turnsOf),
      tools: tools.filter((name) => name !== jsonTool),
      maxOutputTokens: optionalNumber(body["max_tokens"]),
      wantsJson: format.startsWith("json") || tools.includes(jsonTool),
    };
  },
  whole: (answer) =>
    message(answer, blocksOf(answer).map(withObject), finishWord(answer.finish, finishes)),
  frames(answer) {
    return [
      named({ type: "message_start", message: message(answer, [], null) }),
      ...blocksOf(answer).flatMap(blockFrames),
      named({
        type: "message_delta",
        delta: { stop_reason: finishWord(answer.finish, finishes), stop_sequence: null },
        usage: { output_tokens: answer.usage.output },
      }),
      named({ type: "message_stop" }),
    ];
  },
};

function turnsOf(one: Json): readonly ScriptTurn[] {
  const parts = records(one["content"]);
  const results = parts.filter(({ type }) => type === "tool_result");
  const said = typeof one["content"] === "string" ? one["content"] : content(parts);
  const toolCalls = parts.filter(({ type }) => type === "tool_use").map(({ name }) => text(name));
  const turns: ScriptTurn[] = [];
  if (results.length > 0)
    turns.push({
      role: "tool",
      text: results.map((result) => content(result["content"])).join("\n"),
      toolCalls: [],
    });
  if (said !== "" || toolCalls.length > 0)
    turns.push({ role: one["role"] === "assistant" ? "assistant" : "user", text: said, toolCalls });
  return turns;
}

function blocksOf(answer: FullAnswer): readonly Json[] {
  const calls = answer.toolCalls.map((one) => ({
    type: "tool_use",
    id: one.id,
    name: one.name,
    input: one.arguments,
  }));
  const thoughts = answer.thoughts.map((one) => ({
    ...{ type: "thinking", thinking: one.text, signature: one.seal },
  }));
  const said = answer.text === "" ? [] : [{ type: "text", text: answer.text }];
  return [...thoughts, ...said, ...calls];
}

/** Outside a stream the input of a call is no text. */
function withObject(block: Json): Json {
  const { input } = block;
  if (typeof input !== "string") return block;
  try {
    return { ...block, input: JSON.parse(input) as unknown };
  } catch {
    return block;
  }
}

function blockFrames(block: Json, index: number): readonly string[] {
  if (block["type"] === "thinking") return thinkingFrames(block, index);
  const isText = block["type"] === "text";
  const whole = isText ? text(block["text"]) : argumentText(block["input"]);
  return [
    named({
      type: "content_block_start",
      index,
      content_block: isText ? { type: "text", text: "" } : { ...block, input: {} },
    }),
    ...pieces(whole, pieceLength).map((piece) =>
      named({
        type: "content_block_delta",
        index,
        delta: isText
          ? { type: "text_delta", text: piece }
          : { type: "input_json_delta", partial_json: piece },
      }),
    ),
    named({ type: "content_block_stop", index }),
  ];
}

function thinkingFrames(block: Json, index: number): readonly string[] {
  const delta = (one: Json): string => named({ type: "content_block_delta", index, delta: one });
  const empty = { type: "thinking", thinking: "", signature: "" };
  return [
    named({ type: "content_block_start", index, content_block: empty }),
    ...pieces(text(block["thinking"]), pieceLength).map((piece) =>
      delta({ type: "thinking_delta", thinking: piece }),
    ),
    delta({ type: "signature_delta", signature: block["signature"] }),
    named({ type: "content_block_stop", index }),
  ];
}

function named(data: Json): string {
  return event(data, text(data["type"]));
}

function message(answer: FullAnswer, blocks: readonly Json[], finish: string | null): Json {
  return {
    id: answer.id,
    type: "message",
    role: "assistant",
    model: answer.model,
    content: blocks,
    stop_reason: finish,
    stop_sequence: null,
    usage: {
      input_tokens: answer.usage.input - answer.usage.cached,
      cache_read_input_tokens: answer.usage.cached,
      cache_creation_input_tokens: 0,
      output_tokens: finish === null ? 1 : answer.usage.output,
    },
  };
}
