import { canonicalJson } from "../../../kernel/canonical-json.ts";
import { sha256 } from "../../../kernel/hash.ts";
import type { ModelMessage, ModelRequest, TokenUsage, ToolSpec } from "../model/model.port.ts";
import { headOf } from "./cut-text.ts";

/** What stays the same over a conversation. */
export interface ConversationStart {
  readonly system: string;
  readonly tools: readonly ToolSpec[];
  readonly maxOutputTokens: number;
  readonly first: string;
  /** What else an answer depends on: model, prompt version, base tree. */
  readonly circumstances: Readonly<Record<string, string>>;
}

/** Until a provider has reported usage: fewer than English text has, so that estimates are high. */
const charactersPerTokenAtFirst = 3;
const keptMessages = 12;
const keptWhenTooLong = [keptMessages, 4, 1, 0] as const;
const minContextTokens = 1_024;
const minAnswerTokens = 256;
const minCutCharacters = 400;

/**
 * A conversation that only grows at its end, so that providers can cache its beginning. Its digest
 * is a chain over what was added: equal digests are equal requests.
 */
export class Conversation {
  #start: ConversationStart;
  readonly #messages: ModelMessage[];
  #digest: string;
  #characters: number;
  #charactersPerToken = charactersPerTokenAtFirst;
  /** Tokens of everything up to the last answer, as reported; undefined: not known. */
  #reportedTokens: number | undefined;
  #charactersSinceReport = 0;
  #bytes = 0;
  #bytesSinceReport = 0;
  /** What a provider let know that it takes. */
  #learnedTokens = Number.POSITIVE_INFINITY;

  constructor(start: ConversationStart) {
    this.#start = start;
    this.#messages = [{ role: "user", text: start.first }];
    const text = canonicalJson({ ...start, messages: this.#messages });
    this.#digest = sha256(text);
    this.#characters = text.length;
    this.#charactersSinceReport = text.length;
    this.#bytes = this.#bytesSinceReport = Buffer.byteLength(text);
  }

  get digest(): string {
    return this.#digest;
  }

  get request(): ModelRequest {
    const { system, tools, maxOutputTokens } = this.#start;
    return {
      system,
      tools,
      maxOutputTokens,
      messages: [...this.#messages],
      answerSchema: undefined,
    };
  }

  get maxOutputTokens(): number {
    return this.#start.maxOutputTokens;
  }

  /** Of the request: what is sent is a little more, by the provider's own marks. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The best guess at the size of the next request. */
  get estimatedTokens(): number {
    return (
      (this.#reportedTokens ?? 0) +
      Math.ceil(this.#charactersSinceReport / this.#charactersPerToken)
    );
  }

  /** No request can be larger: a token is at least a byte, and what was counted was counted. */
  get worstInputTokens(): number {
    return (this.#reportedTokens ?? 0) + this.#bytesSinceReport;
  }

  append(message: ModelMessage): void {
    const text = canonicalJson(message);
    this.#messages.push(message);
    this.#digest = sha256(`${this.#digest}\0${text}`);
    this.#characters += text.length;
    this.#charactersSinceReport += text.length;
    const bytes = Buffer.byteLength(text);
    this.#bytes += bytes;
    this.#bytesSinceReport += bytes;
  }

  /** Call it before the answer is appended: the figures are those of the request it answered. */
  learn(usage: TokenUsage): void {
    const { inputTokens } = usage;
    if (inputTokens === undefined || inputTokens <= 0) return;
    const ratio = this.#characters / inputTokens;
    if (ratio > 0.5 && ratio < 20) this.#charactersPerToken = ratio;
    this.#reportedTokens = inputTokens;
    this.#charactersSinceReport = 0;
    this.#bytesSinceReport = 0;
  }

  /**
   * Shortens what tools said long ago when the next request comes near the limit of the context. The
   * only change of a beginning there is; afterwards the conversation grows at its end again.
   */
  compactTo(contextTokens: number): boolean {
    if (this.estimatedTokens <= this.#room(contextTokens)) return false;
    const changed = this.#shorten(keptMessages);
    if (changed) this.#recount();
    return changed;
  }

  /**
   * For a request that a provider finds too long, whatever was estimated: leaves an answer a quarter
   * of the context, then shortens what tools said, the newest last. By a quarter at least when the
   * provider does not say what it takes, and when it says more than was sent. False: nothing could
   * be shortened.
   */
  shrinkTo(stated: number | undefined): boolean {
    const { digest } = this;
    const { maxOutputTokens } = this.#start;
    const tried = this.estimatedTokens + maxOutputTokens;
    const context = Math.max(minContextTokens, Math.min(stated ?? tried, Math.floor(tried * 0.75)));
    this.#learnedTokens = Math.min(this.#learnedTokens, context);
    const longest = Math.max(minAnswerTokens, Math.floor(context / 4));
    this.#start = { ...this.#start, maxOutputTokens: Math.min(maxOutputTokens, longest) };
    this.#recount();
    for (const kept of keptWhenTooLong) {
      if (this.estimatedTokens <= this.#room(context)) break;
      if (this.#shorten(kept)) this.#recount();
    }
    return this.digest !== digest;
  }

  #room(contextTokens: number): number {
    const context = Math.min(contextTokens, this.#learnedTokens);
    return Math.floor(context * 0.8) - this.#start.maxOutputTokens;
  }

  /** All but the newest messages. */
  #shorten(kept: number): boolean {
    const last = Math.max(1, this.#messages.length - kept);
    const newest = this.#messages.findLastIndex(({ role }) => role === "assistant");
    let changed = false;
    for (let index = 1; index < last; index += 1) {
      const message = this.#messages[index];
      if (message === undefined) continue;
      const shorter = shortened(message, index === newest);
      if (shorter === message) continue;
      this.#messages[index] = shorter;
      changed = true;
    }
    return changed;
  }

  #recount(): void {
    const text = canonicalJson({ ...this.#start, messages: this.#messages });
    this.#digest = sha256(text);
    this.#characters = text.length;
    this.#charactersSinceReport = text.length;
    this.#bytes = this.#bytesSinceReport = Buffer.byteLength(text);
    this.#reportedTokens = undefined;
  }
}

/**
 * Thoughts and signatures of a turn go whole, and with its long arguments: no part of a turn is sent
 * without the rest of it. Those of the newest turn stay: its results are the next question.
 */
function shortened(message: ModelMessage, isNewest: boolean): ModelMessage {
  if (message.role === "tool") {
    if (message.results.every((one) => one.text.length <= minCutCharacters)) return message;
    return {
      role: "tool",
      results: message.results.map((one) => ({ ...one, text: noteFor(one.text) })),
    };
  }
  if (message.role === "user") return message;
  const calls = message.toolCalls.map((call) => {
    const size = JSON.stringify(call.arguments ?? null).length;
    return size <= minCutCharacters ? call : { ...call, arguments: shortArguments(call.arguments) };
  });
  const isSame = calls.every((call, index) => call === message.toolCalls[index]);
  const { carried, ...said } = message;
  if (carried === undefined || isNewest) return isSame ? message : { ...message, toolCalls: calls };
  return { ...said, toolCalls: calls };
}

function noteFor(text: string): string {
  if (text.length <= minCutCharacters) return text;
  return `[${text.length} characters were here; ask again if they are needed] ${headOf(text, 120)}`;
}

/** Paths stay: which file was written matters, what was written can be read again. */
function shortArguments(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return noteFor(String(given));
  return Object.fromEntries(
    Object.entries(given).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "string" ? noteFor(value) : value,
    ]),
  );
}
