/** The four shapes in which a request can come. */
export type Dialect = "openai-chat" | "openai-responses" | "anthropic" | "gemini";

export interface ScriptTurn {
  readonly role: "user" | "assistant" | "tool";
  /** Text of the turn; for `tool` the texts of its results, one a line. */
  readonly text: string;
  /** Names of the tools that an assistant turn called. */
  readonly toolCalls: readonly string[];
}

/** A request as a script sees it, the same for every dialect. */
export interface ModelCall {
  /** 0-based, in the order in which the server accepted them; refused ones by the limit count too. */
  readonly number: number;
  readonly dialect: Dialect;
  readonly model: string;
  readonly streaming: boolean;
  readonly system: string;
  readonly turns: readonly ScriptTurn[];
  /** Names of the tools that are offered. */
  readonly tools: readonly string[];
  readonly maxOutputTokens: number | undefined;
  /** Whether an answer in JSON was asked for. */
  readonly wantsJson: boolean;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The request as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ScriptedToolCall {
  /** Default: one of its own for each call. */
  readonly id?: string;
  readonly name: string;
  /** Sent as it is when it is a text: so that it can be no JSON. */
  readonly arguments: unknown;
  /** What Gemini wants back with the call. Others seal their thoughts. */
  readonly seal?: string;
}

/** What a model thought before it answered. */
export interface ScriptedThought {
  /** As far as it is shown. */
  readonly text: string;
  /** What the provider wants back with it: encrypted content, signature. Empty: it left that out. */
  readonly seal: string;
}

export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/** `filtered`: the provider's filter stopped the answer; `raw`: in the provider's own word. */
export type Finish = "stop" | "tool-calls" | "length" | "filtered" | { readonly raw: string };

/** What the server does with a request. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly toolCalls: readonly ScriptedToolCall[];
      /** Before the text. Default: none. */
      readonly thoughts?: readonly ScriptedThought[];
      /** The name under which a server that speaks OpenAI's language sends them. Default: the first. */
      readonly thoughtsAs?: "reasoning_content" | "reasoning" | "reasoning_details";
      /** What Gemini wants back with the text. */
      readonly textSeal?: string;
      /** Default: `tool-calls` when there are any, else `stop`. */
      readonly finish?: Finish;
      /**
       * `plain`: one JSON although a stream was asked for; `array`: the JSON of each event in an
       * array, as Gemini does for who does not ask for events. Default: as it was asked for.
       */
      readonly form?: "plain" | "array";
      /** Default: the type that fits. */
      readonly contentType?: string;
      /** Default: four characters a token. */
      readonly usage?: Usage;
      /** Wait before the first byte. */
      readonly delayMs?: number;
      /** Wait between two pieces of the body. */
      readonly chunkDelayMs?: number;
      /**
       * `cut`: the connection breaks halfway; `eof`: the body ends cleanly halfway; `malformed`: the
       * body is no JSON. Default: `whole`.
       */
      readonly delivery?: "whole" | "cut" | "eof" | "malformed";
    }
  | {
      readonly kind: "refusal";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** A text goes as it is, all else as JSON. */
      readonly body: unknown;
    }
  /** Accepts the request and never answers. */
  | { readonly kind: "hang" };

export type ModelScript = (call: ModelCall) => Reply | Promise<Reply>;

type AnswerReply = Extract<Reply, { readonly kind: "answer" }>;

/** Answers with a text. */
export function say(text: string, more: Partial<AnswerReply> = {}): AnswerReply {
  return { kind: "answer", text, toolCalls: [], ...more };
}

/** Calls one tool. */
export function callTool(
  name: string,
  args: unknown,
  more: Partial<AnswerReply> = {},
): AnswerReply {
  return { kind: "answer", text: "", toolCalls: [{ name, arguments: args }], ...more };
}

/** Refuses with a status, headers, and an error of the provider's usual shape. */
export function refuse(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  error: { readonly code: string; readonly message: string } = {
    code: status === 429 ? "rate_limit_exceeded" : "server_error",
    message: `scripted refusal ${status}`,
  },
): Reply {
  const { code, message } = error;
  return {
    kind: "refusal",
    status,
    headers,
    body: { type: "error", error: { message, type: code, code, status: code } },
  };
}

/** The replies one after the other; the last one for ever. */
export function inOrder(...replies: readonly [Reply, ...Reply[]]): ModelScript {
  let next = 0;
  return () => {
    const reply = replies[Math.min(next, replies.length - 1)] ?? replies[0];
    next += 1;
    return reply;
  };
}
