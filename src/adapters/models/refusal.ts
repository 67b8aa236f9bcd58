import type { ModelErrorCode } from "../../delivery/agent/model/errors.ts";
import { headOf } from "../../delivery/agent/loop/cut-text.ts";
import { parseDuration } from "../../kernel/duration.ts";
import { redactText } from "../../kernel/redaction.ts";
import { object, parsed } from "./answer-body.ts";

/** What a status other than 2xx means for the call. */
export type Refusal =
  | {
      readonly kind: "rate-limited" | "unavailable";
      readonly reason: string;
      /** How long the body says to wait; absent: it does not. */
      readonly retryAfterMs?: number;
    }
  | {
      readonly kind: "fatal";
      readonly code: ModelErrorCode;
      readonly reason: string;
      /** What the model takes, where the request is longer and the provider says so. */
      readonly contextTokens?: number | undefined;
    };

const maxReasonLength = 300;
/** How providers say that the account is empty or at its own limit, whatever status they say it with. */
const noCredit =
  /insufficient_quota|billing_hard_limit|billing_not_active|billing_error|credit_balance_exhausted|(?:organization|project)_(?:spend|usage)_limit_exceeded|enforced_spend_limit_reached|reached your specified (?:workspace )?API usage limits|credit balance is too low|insufficient[_ ](?:balance|credits)/i;
/** OpenAI says it of an empty account, Gemini of every limit: of those that are 0 waiting does not help. */
const noQuota = /exceeded your current quota, please check your plan/i;
const badKey = /api[_ ]key (?:not valid|invalid|expired)|invalid[_ ]api[_ ]key|API_KEY_INVALID/i;
/** Forbidden for another reason than the key. */
const notServed = /unsupported_country_region_territory|location is not supported|flagged/i;

/** Reads a refusal. `reason` is one redacted line without the key. */
export function readRefusal(status: number, body: string, key: string): Refusal {
  const reason = `HTTP ${status}: ${reasonIn(body, key)}`;
  const fatal = (code: ModelErrorCode): Refusal => ({ kind: "fatal", code, reason });
  if (isOutOfCredit(status, body)) return fatal("AUTOSD-MODEL-QUOTA");
  const tooLong = mayBeTooLong.has(status) ? readTooLong(body) : undefined;
  if (tooLong !== undefined) return { ...fatal("AUTOSD-MODEL-CONTEXT"), ...tooLong };
  if (status === 413) return fatal("AUTOSD-MODEL-CONTEXT");
  const told = toldWait(body);
  const retryAfter = told === undefined ? {} : { retryAfterMs: told };
  if (status === 429) return { kind: "rate-limited", reason, ...retryAfter };
  if ((status === 401 || status === 403) && !notServed.test(body))
    return fatal("AUTOSD-MODEL-AUTH");
  if (status === 400 && badKey.test(body)) return fatal("AUTOSD-MODEL-AUTH");
  // 409: another request is under way that this one gets in the way of.
  if (status >= 500 || status === 408 || status === 409 || status === 425)
    return { kind: "unavailable", reason, ...retryAfter };
  return fatal("AUTOSD-MODEL-REFUSED");
}

function isOutOfCredit(status: number, body: string): boolean {
  if (status === 402) return true;
  if (status !== 429 && status !== 400 && status !== 403) return false;
  if (noCredit.test(body)) return true;
  if (!noQuota.test(body)) return false;
  return !body.includes("RESOURCE_EXHAUSTED") || /\blimit: 0\b/.test(body);
}

/** What a provider says of an answer in its middle that went wrong, as far as its words tell. */
export function readFailure(
  reason: string,
):
  | { readonly kind: "fatal"; readonly code: ModelErrorCode; readonly contextTokens?: number }
  | { readonly kind: "passing" }
  | { readonly kind: "unknown" } {
  const tooLong = readTooLong(reason);
  if (tooLong !== undefined) {
    const { contextTokens } = tooLong;
    const stated = contextTokens === undefined ? {} : { contextTokens };
    return { kind: "fatal", code: "AUTOSD-MODEL-CONTEXT", ...stated };
  }
  if (noCredit.test(reason)) return { kind: "fatal", code: "AUTOSD-MODEL-QUOTA" };
  return passing.test(reason) ? { kind: "passing" } : { kind: "unknown" };
}

/** Too much is going on there; it has nothing to do with the request. */
const passing =
  /overloaded|rate_limit|too many requests|resource_exhausted|\bunavailable\b|server_busy|(?:^|\s)(?:429|502|503|529)$/i;

/** The longest that a body is believed. */
const maxToldMs = 31 * 86_400_000;

/** How long to wait, where the body says it and no header does: Gemini's RetryInfo, or the sentence. */
function toldWait(body: string): number | undefined {
  const words =
    /"retryDelay": ?"([\d.]{1,20}s)"/.exec(body)?.[1] ??
    /(?:try again|retry) in (\d[\dhms.]{0,40}s)\b/i.exec(body)?.[1];
  if (words === undefined) return undefined;
  const toldMs = parseDuration(words.replace(/(\.\d{3})\d+/, "$1"));
  return toldMs === undefined || toldMs === 0 || toldMs > maxToldMs ? undefined : toldMs;
}

/** Also 429: a request above what is allowed a minute is never let through, however long one waits. */
const mayBeTooLong: ReadonlySet<number> = new Set([400, 403, 413, 422, 429]);

/** How providers say that a request is longer than the model takes. */
const tooLongWords =
  /context_length_exceeded|exceed_context_size|(?:maximum|available) context (?:length|size|window)|exceeds? (?:the )?context (?:limit|window|length|size)|prompt is too long|input is too long|token count[^"]{0,40} exceeds the maximum|context length of only|Request too large for|inputs tokens \+ max_new_tokens must be/i;
/** Where in it stands what the model takes. */
const statedTokens = [
  /maximum context length (?:is|of) (\d{3,8})/i,
  /\d+ tokens > (\d{3,8}) maximum/i,
  /context limit: \d+ \+ \d+ > (\d{3,8})/i,
  /maximum number of tokens allowed \(?(\d{3,8})/i,
  /context length of only (\d{3,8})/i,
  /\((?:TPM|ITPM)\): Limit (\d{3,8}), Requested/i,
  /"n_ctx": ?(\d{3,8})/,
];

/** Undefined: the error says something else. */
export function readTooLong(
  body: string,
): { readonly contextTokens: number | undefined } | undefined {
  if (!tooLongWords.test(body)) return undefined;
  const found = statedTokens.flatMap((pattern) => pattern.exec(body)?.[1] ?? []);
  const [first] = found;
  return { contextTokens: first === undefined ? undefined : Number(first) };
}

/** The provider's own sentence where there is one, else the beginning of what it sent. */
function reasonIn(body: string, key: string): string {
  const data = parsed(body) ?? firstOf(body);
  const error = data?.["error"];
  const message =
    typeof error === "string"
      ? error
      : (object(error)["message"] ?? data?.["message"] ?? data?.["detail"]);
  const said = typeof message === "string" ? message : body;
  return withoutKey(said, key);
}

/** Gemini's errors come in an array to who speaks OpenAI's language. */
function firstOf(body: string): Readonly<Record<string, unknown>> | undefined {
  if (!body.trimStart().startsWith("[")) return undefined;
  const { all } = object(parsed(`{"all":${body}}`));
  return Array.isArray(all) ? object(all[0]) : undefined;
}

/** One line of at most 300 characters, without the key and without anything that looks secret. */
export function withoutKey(text: string, key: string): string {
  const hidden = key === "" ? text : text.replaceAll(key, "[redacted:key]");
  // Cut after redaction: half a secret is no longer found.
  const line = redactText(hidden.slice(0, maxReasonLength * 10))
    // Half of a surrogate pair is no text; cutting makes some, too.
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    // What a terminal could act on goes.
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim();
  return line.length > maxReasonLength ? `${headOf(line, maxReasonLength)}...` : line;
}
