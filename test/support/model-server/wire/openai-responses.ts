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
import { event, type FullAnswer, joinTurns, type Wire } from "./wire.ts";

const pieceLength = 24;

/** `POST /v1/responses`. */
export const openaiResponses: Wire = {
  read(body) {
    const input = records(body["input"]);
    const format = text(record(record(body["text"])["format"])["type"]);
    return {
      dialect: "openai-responses",
      model: text(body["model"]),
      streaming: body["stream"] === true,
      system: [
        text(body["instructions"]),
        ...input
          .filter(({ role }) => role === "system" || role === "developer")
          .map((item) => content(item["content"])),
      ]
        .filter((one) => one !== "")
        .join("\n"),
      turns: joinTurns(input.flatMap(turnOf)),
      tools: records(body["tools"]).map((tool) => text(tool["name"])),
      maxOutputTokens: optionalNumber(body["max_output_tokens"]),
      wantsJson: format.startsWith("json"),
    };
  },
  whole: (answer) => response(answer, statusOf(answer)),
  frames(answer) {
    const items = itemsOf(answer);
    const status = statusOf(answer);
    const started = { ...response(answer, "in_progress"), output: [], usage: null };
    return [
      named({ type: "response.created", response: started }),
      ...items.flatMap((item, index) => [
        named({
          type: "response.output_item.added",
          output_index: index,
          item: { ...item, status: "in_progress", ...emptied(item) },
        }),
        ...deltas(item, index),
        named({ type: "response.output_item.done", output_index: index, item }),
      ]),
      named({ type: `response.${status}`, response: response(answer, status) }),
    ];
  },
};

function turnOf(item: Json): readonly ScriptTurn[] {
  const none: readonly string[] = [];
  if (item["type"] === "function_call")
    return [{ role: "assistant", text: "", toolCalls: [text(item["name"])] }];
  if (item["type"] === "function_call_output")
    return [{ role: "tool", text: content(item["output"]), toolCalls: none }];
  const role = item["role"];
  return role === "user" || role === "assistant"
    ? [{ role, text: content(item["content"]), toolCalls: none }]
    : [];
}

function itemsOf(answer: FullAnswer): readonly Json[] {
  const message = {
    type: "message",
    id: `msg_${answer.id}`,
    status: "completed",
    role: "assistant",
    content: [{ type: "output_text", text: answer.text, annotations: [] }],
  };
  const calls = answer.toolCalls.map((one) => ({
    type: "function_call",
    id: `fc_${one.id}`,
    call_id: one.id,
    name: one.name,
    arguments: argumentText(one.arguments),
    status: "completed",
  }));
  const thoughts = answer.thoughts.map((one, index) => ({
    type: "reasoning",
    id: `rs_${answer.id}_${index}`,
    summary: one.text === "" ? [] : [{ type: "summary_text", text: one.text }],
    ...(one.seal === "" ? {} : { encrypted_content: one.seal }),
  }));
  return [...thoughts, ...(answer.text === "" ? [] : [message]), ...calls];
}

function emptied(item: Json): Json {
  // What is thought is encrypted when it is whole.
  if (item["type"] === "reasoning") return { summary: [], encrypted_content: "" };
  return item["type"] === "message" ? { content: [] } : { arguments: "" };
}

function deltas(item: Json, index: number): readonly string[] {
  const common = { item_id: item["id"], output_index: index };
  if (item["type"] === "message")
    return pieces(content(item["content"]), pieceLength).map((delta) =>
      named({ type: "response.output_text.delta", ...common, content_index: 0, delta }),
    );
  if (item["type"] === "reasoning") return summaryDeltas(item, common);
  const args = text(item["arguments"]);
  return [
    ...pieces(args, pieceLength).map((delta) =>
      named({ type: "response.function_call_arguments.delta", ...common, delta }),
    ),
    named({ type: "response.function_call_arguments.done", ...common, arguments: args }),
  ];
}

function summaryDeltas(item: Json, common: Json): readonly string[] {
  return records(item["summary"]).flatMap((part, index) => {
    const at = { ...common, summary_index: index };
    return [
      named({ type: "response.reasoning_summary_part.added", ...at, part: { ...part, text: "" } }),
      ...pieces(text(part["text"]), pieceLength).map((delta) =>
        named({ type: "response.reasoning_summary_text.delta", ...at, delta }),
      ),
      named({ type: "response.reasoning_summary_part.done", ...at, part }),
    ];
  });
}

function statusOf({ finish }: FullAnswer): "incomplete" | "completed" {
  return finish === "stop" || finish === "tool-calls" ? "completed" : "incomplete";
}

function reasonOf({ finish }: FullAnswer): string {
  if (typeof finish !== "string") return finish.raw;
  return finish === "filtered" ? "content_filter" : "max_output_tokens";
}

function named(data: Json): string {
  return event(data, text(data["type"]));
}

function response(answer: FullAnswer, status: string): Json {
  return {
    id: answer.id,
    object: "response",
    created_at: 1_700_000_000,
    model: answer.model,
    status,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: reasonOf(answer) } : null,
    output: itemsOf(answer),
    usage: {
      input_tokens: answer.usage.input,
      input_tokens_details: { cached_tokens: answer.usage.cached },
      output_tokens: answer.usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: answer.usage.input + answer.usage.output,
    },
  };
}
