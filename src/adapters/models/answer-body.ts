/** How a provider frames its answers. */
export type Framing = "openai-chat" | "openai-responses" | "anthropic" | "gemini";

/** What came over the connection, judged before anybody reads it. */
export type BodyJudgement =
  | { readonly kind: "whole" }
  /** It ends before the provider said that it ends, or is no JSON. */
  | { readonly kind: "cut" }
  /** The provider broke off with an error of its own. */
  | { readonly kind: "failed"; readonly reason: string };

type Data = Readonly<Record<string, unknown>>;

const whole: BodyJudgement = { kind: "whole" };
const cut: BodyJudgement = { kind: "cut" };

/**
 * Whether an answer came to its end. A clean end of the connection proves nothing: only the
 * provider's own last word does.
 */
export function judgeBody(framing: Framing, contentType: string, body: string): BodyJudgement {
  if (!contentType.includes("event-stream")) return parsed(body) === undefined ? cut : whole;
  let ended = false;
  for (const payload of payloads(body)) {
    if (payload === "[DONE]") return whole;
    const data = parsed(payload);
    if (data === undefined) return cut;
    const failure = failureIn(data);
    if (failure !== undefined) return { kind: "failed", reason: failure };
    ended ||= isLast(framing, data);
  }
  return ended ? whole : cut;
}

function payloads(body: string): readonly string[] {
  return body
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .filter((payload) => payload !== "");
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
        data["promptFeedback"] !== undefined ||
        list(data["candidates"]).some((one) => typeof one["finishReason"] === "string")
      );
  }
}

function failureIn(data: Data): string | undefined {
  const failed = data["type"] === "response.failed" ? object(data["response"])["error"] : undefined;
  const error = failed ?? data["error"];
  if (error === undefined || error === null) return undefined;
  const { message, type } = object(error);
  return typeof message === "string" ? message : typeof type === "string" ? type : "unknown error";
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
