import type { Costs } from "../../delivery/agent/limits/limit-records.ts";

/** What one request may use up. About four bytes a token; what may be answered is counted whole, as servers do. */
export function costsOf(body: unknown, maxOutputTokens: number): Costs {
  const input = Math.ceil((typeof body === "string" ? Buffer.byteLength(body) : 0) / 4);
  return {
    requests: 1,
    tokens: input + maxOutputTokens,
    "input-tokens": input,
    // Counted as they are written, not as they are allowed.
    "output-tokens": Math.min(maxOutputTokens, 1_024),
  };
}
