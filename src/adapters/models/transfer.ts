import type { Wait } from "../../delivery/agent/limits/limiter.ts";

export type Fetch = typeof fetch;

/** What came of one request. */
export type Received =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Headers;
      readonly body: string;
    }
  /** Nothing of an answer came: it may be asked again without paying twice. */
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The answer had begun. */
  | { readonly kind: "broken"; readonly status: number; readonly reason: string };

export interface TransferOrder {
  readonly fetch: Fetch;
  readonly input: Parameters<Fetch>[0];
  readonly init: RequestInit;
  readonly signal: AbortSignal;
  readonly wait: Wait;
  readonly maxSilenceMs: number;
  /** Told of status and headers before the body is read. */
  readonly onHead: (headers: Headers, status: number) => Promise<void>;
}

/** An answer that is larger is no answer to a question of ours. */
const maxBodyBytes = 32 * 1024 * 1024;

/**
 * One request and its whole body, in memory. Never follows a redirect: the key is for the address
 * that was configured. Throws only what aborts it.
 */
export async function transfer(order: TransferOrder): Promise<Received> {
  const watch = new SilenceWatch(order);
  let response: Response;
  try {
    response = await order.fetch(order.input, {
      ...order.init,
      redirect: "manual",
      signal: watch.signal,
    });
  } catch (error) {
    watch.stop();
    order.signal.throwIfAborted();
    return { kind: "unreachable", reason: watch.silence ?? reasonOf(error) };
  }
  try {
    watch.heard();
    await order.onHead(response.headers, response.status);
    const body = await readBody(response, watch);
    return { kind: "answer", status: response.status, headers: response.headers, body };
  } catch (error) {
    order.signal.throwIfAborted();
    return { kind: "broken", status: response.status, reason: watch.silence ?? reasonOf(error) };
  } finally {
    watch.stop();
  }
}

async function readBody(response: Response, watch: SilenceWatch): Promise<string> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
  if (reader === undefined) return "";
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString("utf8");
    watch.heard();
    size += value.byteLength;
    if (size > maxBodyBytes) {
      watch.breakOff();
      throw new Error(`the answer is larger than ${maxBodyBytes} bytes`);
    }
    parts.push(value);
  }
}

/** Breaks a request off when nothing comes for too long. */
class SilenceWatch {
  silence: string | undefined;
  readonly signal: AbortSignal;
  readonly #broken = new AbortController();
  readonly #stopped = new AbortController();
  #heard = false;

  constructor(order: Pick<TransferOrder, "signal" | "wait" | "maxSilenceMs">) {
    this.signal = AbortSignal.any([order.signal, this.#broken.signal]);
    void this.#watch(order);
  }

  heard(): void {
    this.#heard = true;
  }

  breakOff(): void {
    this.#broken.abort();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Since it was last asked. */
  #wasHeard(): boolean {
    const heard = this.#heard;
    this.#heard = false;
    return heard;
  }

  async #watch(order: Pick<TransferOrder, "wait" | "maxSilenceMs">): Promise<void> {
    // Two silent halves in a row: one timer for the whole answer instead of one a piece.
    let silentHalves = 0;
    while (silentHalves < 2) {
      await order.wait(order.maxSilenceMs / 2, this.#stopped.signal);
      if (this.#stopped.signal.aborted) return;
      silentHalves = this.#wasHeard() ? 0 : silentHalves + 1;
    }
    this.silence = `nothing came for ${Math.round(order.maxSilenceMs / 1000)} s`;
    this.#broken.abort();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "the connection failed";
  const { cause } = error;
  if (cause instanceof Error && cause.message !== "") return `${error.message}: ${cause.message}`;
  return error.message;
}
