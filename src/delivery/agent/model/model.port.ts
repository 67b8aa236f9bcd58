import type { CarriedTurn } from "./carried-turn.ts";

/** A JSON Schema object, as providers take it for tools and structured answers. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a model may call. */
export interface ToolSpec {
  /** `^[a-z][a-z_]{0,30}$` */
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonSchema;
}

export interface ToolCall {
  /** The provider's id of this call; results name it. */
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: parsed JSON, not yet checked; text when it is no JSON. */
  readonly arguments: unknown;
}

/** One turn of a conversation. Conversations only grow at the end, so that providers can cache them. */
export type ModelMessage =
  | { readonly role: "user"; readonly text: string }
  | {
      readonly role: "assistant";
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      /** As the answer had it; absent: the provider wanted nothing back, or the turn was shortened. */
      readonly carried?: CarriedTurn | undefined;
    }
  | {
      readonly role: "tool";
      readonly results: readonly {
        readonly id: string;
        readonly name: string;
        readonly text: string;
        readonly isError: boolean;
      }[];
    };

export interface ModelRequest {
  /** Stable over a conversation. */
  readonly system: string;
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolSpec[];
  readonly maxOutputTokens: number;
  /** The answer must be JSON of this schema; the caller still checks it. */
  readonly answerSchema: { readonly name: string; readonly schema: JsonSchema } | undefined;
}

/** Undefined: the provider did not say. */
export interface TokenUsage {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Of the input, read from the provider's cache. */
  readonly cachedInputTokens: number | undefined;
}

/** What is known of how an answer was got; for the journal. */
export interface CallFacts {
  readonly latencyMs: number;
  /** Requests that were sent besides the one that was answered. */
  readonly retries: number;
  /** Of those, requests whose answers broke off: paid for, though nothing came of them. Absent: none. */
  readonly cuts?: number | undefined;
  /** Time spent waiting for the limiter and between tries. */
  readonly waitedMs: number;
  /** The provider's id of the answer. */
  readonly responseId: string | undefined;
}

/** A whole answer: the stream reached its terminal event. Nothing less is ever returned. */
export interface ModelAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** What the provider wants back when this turn is sent again; absent: nothing. Shown to nobody. */
  readonly carried?: CarriedTurn | undefined;
  readonly finish: "stop" | "tool-calls" | "length";
  readonly usage: TokenUsage;
  readonly facts: CallFacts;
}

export interface Model {
  /** `openai`, `anthropic`, `google`, `openai-compatible`. */
  readonly provider: string;
  /** As the provider names it. */
  readonly name: string;
  /**
   * Asks once; retries and limits are below. Throws ModelError, whose code says whether trying again
   * can help, and whose `paidAnswers` how many answers may have been paid for all the same; aborting
   * throws the signal's reason.
   */
  answer(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>;
}
