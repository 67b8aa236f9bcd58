import { withoutDepths } from "./shallow-body.ts";

/** How a provider frames its answers. */
export type Framing = "openai-chat" | "openai-responses" | "anthropic" | "gemini";

/** What came over the connection, judged before anybody reads it. */
export type BodyJudgement =
  /** `events`: server-sent events; `json`: one answer, although a stream was asked for. */
  | { readonly kind: "whole"; readonly form: "events" | "json"; readonly body: string }
  /** It ends before the provider said that it ends, or is no answer. */
  | { readonly kind: "cut"; readonly reason: string }
  /** The provider broke off with an error of its own; `begun`: something of an answer was there. */
  | { readonly kind: "failed"; readonly reason: string; readonly begun: boolean };

type Data = Readonly<Record<string, unknown>>;

const cut: BodyJudgement = { kind: "cut", reason: "the answer ended in the middle" };

/**
 * Whether an answer came to its end. A clean end of the connection proves nothing: only the
 * provider's own last word does. What it is, is seen in the body: content types of servers that
 * imitate a provider are often wrong.
 */
export function judgeBody(framing: Framing, received: string): BodyJudgement {
  const body = received.startsWith("\uFEFF") ? received.slice(1) : received;
  const [first] = body.trimStart();
  if (first === "{") return judgeJson(framing, body);
  if (first === "[") return judgeArray(framing, body);
  return judgeEvents(framing, body);
}

function judgeEvents(framing: Framing, body: string): BodyJudgement {
  const whole: BodyJudgement = { kind: "whole", form: "events", body };
  let ended = false;
  let any = false;
  let begun = false;
  for (const payload of payloads(body)) {
    any = true;
    if (payload === "[DONE]") return whole;
    const data = parsed(payload);
    if (data === undefined) return cut;
    const failure = failureIn(data);
    if (failure !== undefined) return { kind: "failed", reason: failure, begun };
    begun ||= !isOpening(data);
    ended ||= isLast(framing, data);
  }
  if (ended) return whole;
  return any || body.trim() === "" ? cut : { kind: "cut", reason: "it is no answer of a model" };
}

function judgeJson(framing: Framing, body: string): BodyJudgement {
  const data = parsed(body);
  if (data === undefined) return cut;
  const failure = failureIn(data);
  if (failure !== undefined) return { kind: "failed", reason: failure, begun: false };
  return isWholeAnswer(framing, data) ? { kind: "whole", form: "json", body } : cut;
}

/** The events of a stream as one array: what Gemini sends to who does not ask for events. */
function judgeArray(framing: Framing, body: string): BodyJudgement {
  let events: unknown;
  try {
    events = JSON.parse(withoutDepths(body, "json"));
  } catch {
    return cut;
  }
  const lines = list(events).map((one) => `data: ${JSON.stringify(one)}\n\n`);
  return judgeEvents(framing, lines.join(""));
}

function payloads(body: string): readonly string[] {
  return body
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .filter((payload) => payload !== "");
}

/** What is sent before the first word of an answer. */
const openings: ReadonlySet<unknown> = new Set([
  ...["message_start", "ping"],
  ...["response.created", "response.queued", "response.in_progress"],
]);

function isOpening({ type }: Data): boolean {
  return openings.has(type);
}

function isLast(framing: Framing, data: Data): boolean {
  const { type } = data;
  switch (framing) {
    case "openai-chat":
      return list(data["choices"]).some((choice) => typeof choice["finish_reason"] === "string");
    case "openai-responses":
      return type === "response.completed" || type === "response.incomplete";
    case "anthropic":
      return type === "message_stop";
    case "gemini":
      return (
        // Feedback without a reason is about a prompt that is answered.
        typeof object(data["promptFeedback"])["blockReason"] === "string" ||
        list(data["candidates"]).some((one) => typeof one["finishReason"] === "string")
      );
  }
}

function isWholeAnswer(framing: Framing, data: Data): boolean {
  switch (framing) {
    case "openai-chat":
    case "gemini":
      return isLast(framing, data);
    case "openai-responses":
      return data["status"] === "completed" || data["status"] === "incomplete";
    case "anthropic":
      return typeof data["stop_reason"] === "string";
  }
}

function failureIn(data: Data): string | undefined {
  const { type: event } = data;
  const hasFailed = event === "response.failed";
  const failed = hasFailed ? (object(data["response"])["error"] ?? "it failed") : undefined;
  // OpenAI's event of this name is the error itself, Anthropic's holds it.
  const error = failed ?? data["error"] ?? (event === "error" ? data : undefined);
  if (error === undefined) return undefined;
  if (typeof error === "string") return error;
  const { message, type, status, code } = object(error);
  const words = [message, type === "error" ? undefined : type, status, code].filter(
    (one) => typeof one === "string" || typeof one === "number",
  );
  return words.length === 0 ? "unknown error" : words.join(", ");
}

/** Members that the providers' packages refuse a whole answer for. */
const refusedNames: ReadonlySet<string> = new Set(["__proto__", "constructor"]);

/**
 * The body with other names for members that a package would refuse the answer for, though it is
 * paid: only the arguments of a tool can have them, and those are checked by the tool. The names
 * stand outside of texts, where a quote would be escaped.
 */
export function withReadableNames(body: string): string {
  // Escaped, each of their letters takes six.
  return body.replaceAll(/"([^"]{9,66})"(?=\s*:)/g, (member, name: string) =>
    refusedNames.has(unescaped(name)) ? `"not ${unescaped(name)}"` : member,
  );
}

function unescaped(name: string): string {
  return name.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** The object in a text; undefined when there is none. */
export function parsed(text: string): Data | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Empty when it is no object. */
export function object(value: unknown): Data {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly Data[] {
  return Array.isArray(value) ? value.map(object) : [];
}
