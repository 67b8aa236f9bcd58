import type { ModelErrorCode } from "../../delivery/agent/model/errors.ts";
import { headOf } from "../../delivery/agent/loop/cut-text.ts";
import { redactText } from "../../kernel/redaction.ts";
import { object, parsed } from "./answer-body.ts";

/** What a status other than 2xx means for the call. */
export type Refusal =
  | { readonly kind: "rate-limited"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "fatal";
      readonly code: ModelErrorCode;
      readonly reason: string;
      /** What the model takes, where the request is longer and the provider says so. */
      readonly contextTokens?: number | undefined;
    };

const maxReasonLength = 300;
/** How providers say that the account is empty, whatever status they say it with. */
const noCredit =
  /insufficient_quota|billing_hard_limit|billing_not_active|credit balance is too low|exceeded your current quota, please check your plan|insufficient (?:balance|credits)/i;
const badKey = /api[_ ]key (?:not valid|invalid)|invalid[_ ]api[_ ]key|API_KEY_INVALID/i;

/** Reads a refusal. `reason` is one redacted line without the key. */
export function readRefusal(status: number, body: string, key: string): Refusal {
  const reason = `HTTP ${status}: ${reasonIn(body, key)}`;
  const fatal = (code: ModelErrorCode): Refusal => ({ kind: "fatal", code, reason });
  const mayBeEmpty = status === 429 || status === 402 || status === 400 || status === 403;
  if (status === 402 || (mayBeEmpty && noCredit.test(body))) return fatal("AUTOSD-MODEL-QUOTA");
  if (status === 429) return { kind: "rate-limited", reason };
  if (status === 401 || status === 403) return fatal("AUTOSD-MODEL-AUTH");
  if (status === 400 && badKey.test(body)) return fatal("AUTOSD-MODEL-AUTH");
  if (status >= 500 || status === 408 || status === 425) return { kind: "unavailable", reason };
  const tooLong =
    status === 400 || status === 413 || status === 422 ? readTooLong(body) : undefined;
  if (tooLong !== undefined) return { ...fatal("AUTOSD-MODEL-CONTEXT"), ...tooLong };
  return fatal("AUTOSD-MODEL-REFUSED");
}

/** How providers say that a request is longer than the model takes. */
const tooLongWords =
  /context_length_exceeded|exceed_context_size|(?:maximum|available) context (?:length|size|window)|exceeds? (?:the )?context (?:limit|window|length|size)|prompt is too long|input is too long|token count[^"]{0,40} exceeds the maximum|context length of only/i;
/** Where in it stands what the model takes. */
const statedTokens = [
  /maximum context length (?:is|of) (\d{3,8})/i,
  /\d+ tokens > (\d{3,8}) maximum/i,
  /context limit: \d+ \+ \d+ > (\d{3,8})/i,
  /maximum number of tokens allowed \(?(\d{3,8})/i,
  /context length of only (\d{3,8})/i,
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
  const data = parsed(body);
  const error = data?.["error"];
  const message =
    typeof error === "string" ? error : (object(error)["message"] ?? data?.["message"]);
  const said = typeof message === "string" ? message : body;
  return withoutKey(said, key);
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
