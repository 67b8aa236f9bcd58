import type { Witnesses } from "../../governance/audit/witnesses.port.ts";

/** From the request to the end of the answer. */
const defaultTimeoutMs = 10_000;
/** A cosignature has less than 200 bytes; one answer may have those of several keys. */
const maxAnswerBytes = 64 * 1024;

/** Witnesses over HTTP, one request and one whole answer at a time. */
export function createWitnessClient(options: { readonly timeoutMs?: number } = {}): Witnesses {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return {
    async addCheckpoint(url, body, signal) {
      signal.throwIfAborted();
      const timeout = AbortSignal.timeout(timeoutMs);
      const broken = new AbortController();
      try {
        const response = await fetch(`${url}/add-checkpoint`, {
          method: "POST",
          body,
          headers: { "content-type": "text/plain; charset=utf-8", "accept-encoding": "identity" },
          // The policy names the witness; it cannot name another one.
          redirect: "manual",
          signal: AbortSignal.any([signal, timeout, broken.signal]),
        });
        const text = await readAnswer(response, broken);
        return text === undefined
          ? unreachable(`answered with more than ${maxAnswerBytes} bytes`)
          : { kind: "answered", answer: { status: response.status, body: text } };
      } catch (error) {
        signal.throwIfAborted();
        if (timeout.aborted) return unreachable(`did not answer within ${timeoutMs / 1_000} s`);
        return unreachable(`cannot be reached: ${reasonOf(error)}`);
      }
    },
  };
}

function unreachable(message: string): { readonly kind: "unreachable"; readonly message: string } {
  return { kind: "unreachable", message };
}

/** Undefined for too much; then the connection is broken off. */
async function readAnswer(
  response: Response,
  broken: AbortController,
): Promise<string | undefined> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (reader === undefined) return "";
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString("utf8");
    size += value.byteLength;
    if (size > maxAnswerBytes) {
      broken.abort();
      return undefined;
    }
    parts.push(value);
  }
}

/** What the network says is in the cause of what `fetch` throws. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error)
    return cause.errors[0].message;
  return cause instanceof Error ? cause.message : error.message;
}
