import { content, optionalNumber, pieces, record, records, text, type Json } from "../json.ts";
import type { ScriptTurn } from "../script.ts";
import { event, type FullAnswer, type Wire } from "./wire.ts";

const pieceLength = 24;

/** `POST /v1beta/models/<model>:generateContent` and `:streamGenerateContent`. */
export const gemini: Wire = {
  read(body, path) {
    const config = record(body["generationConfig"]);
    return {
      dialect: "gemini",
      model: /models\/([^:/?]+)/.exec(path)?.[1] ?? "",
      streaming: path.includes(":streamGenerateContent"),
      system: content(record(body["systemInstruction"])["parts"]),
      turns: records(body["contents"]).flatMap(turnsOf),
      tools: records(body["tools"]).flatMap((tool) =>
        records(tool["functionDeclarations"]).map(({ name }) => text(name)),
      ),
      maxOutputTokens: optionalNumber(config["maxOutputTokens"]),
      wantsJson: config["responseMimeType"] === "application/json",
    };
  },
  whole: (answer) => chunk(answer, partsOf(answer), finishOf(answer)),
  frames(answer) {
    const said = answer.text === "" ? [] : pieces(answer.text, pieceLength);
    // The seal of a streamed text comes behind it, with an empty text.
    const sealed = answer.textSeal === undefined ? [] : [sealedText("", answer.textSeal)];
    const rest = partsOf({ ...answer, text: "", thoughts: [] });
    return [
      ...partsOf({ ...answer, text: "", toolCalls: [] }).map((part) =>
        event(chunk(answer, [part], undefined)),
      ),
      ...said.map((piece) => event(chunk(answer, [{ text: piece }], undefined))),
      event(chunk(answer, [...sealed, ...rest], finishOf(answer))),
    ];
  },
};

function turnsOf(one: Json): readonly ScriptTurn[] {
  const parts = records(one["parts"]);
  const results = parts
    .filter((part) => part["functionResponse"] !== undefined)
    .map((part) => JSON.stringify(record(part["functionResponse"])["response"]));
  if (results.length > 0) return [{ role: "tool", text: results.join("\n"), toolCalls: [] }];
  return [
    {
      role: one["role"] === "model" ? "assistant" : "user",
      text: content(parts),
      toolCalls: parts
        .filter((part) => part["functionCall"] !== undefined)
        .map((part) => text(record(part["functionCall"])["name"])),
    },
  ];
}

function partsOf(answer: FullAnswer): readonly Json[] {
  const calls = answer.toolCalls.map((one) => ({
    functionCall: { id: one.id, name: one.name, args: one.arguments },
    ...(one.seal === undefined ? {} : { thoughtSignature: one.seal }),
  }));
  const thoughts = answer.thoughts.map((one) => ({
    ...{ text: one.text, thought: true, thoughtSignature: one.seal },
  }));
  const said = answer.text === "" ? [] : [sealedText(answer.text, answer.textSeal)];
  return [...thoughts, ...said, ...calls];
}

function sealedText(said: string, seal: string | undefined): Json {
  return { text: said, ...(seal === undefined ? {} : { thoughtSignature: seal }) };
}

function finishOf(answer: FullAnswer): string {
  if (typeof answer.finish !== "string") return answer.finish.raw;
  if (answer.finish === "filtered") return "SAFETY";
  return answer.finish === "length" ? "MAX_TOKENS" : "STOP";
}

function chunk(answer: FullAnswer, parts: readonly Json[], finish: string | undefined): Json {
  return {
    responseId: answer.id,
    modelVersion: answer.model,
    candidates: [
      {
        index: 0,
        content: { role: "model", parts },
        ...(finish === undefined ? {} : { finishReason: finish }),
      },
    ],
    usageMetadata: {
      promptTokenCount: answer.usage.input,
      cachedContentTokenCount: answer.usage.cached,
      candidatesTokenCount: answer.usage.output,
      totalTokenCount: answer.usage.input + answer.usage.output,
    },
  };
}
