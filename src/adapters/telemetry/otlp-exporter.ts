import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { exportBody, type Span } from "./otlp-json.ts";
import type { OtlpSettings } from "./otlp-settings.ts";

export interface OtlpExporterOptions {
  readonly settings: OtlpSettings;
  readonly scope: { readonly name: string; readonly version: string };
  readonly clock: Clock;
  readonly log: Log;
  /** Ends early, without an error, when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly fetch: typeof fetch;
}

export interface SpanExporter {
  /** Returns at once and never throws; a collector that does not keep up loses the oldest spans. */
  record(span: Span): void;
  /** Sends what is left, for a moment; none when the collector failed the last time. */
  close(): Promise<void>;
}

const maxPending = 512;
const maxBatch = 128;
const requestTimeoutMs = 10_000;
/** After a failure the collector is left alone for so long. */
const pauseMs = 10_000;
/** How long a collector may take at the end of a command; what hangs for longer is not waited for. */
const closeGraceMs = 2_000;

type Sent = "taken" | "refused" | "unreachable";

/** Sends spans one request after the other, beside the work: what becomes of them decides nothing. */
export function createOtlpExporter(options: OtlpExporterOptions): SpanExporter {
  const exporter = new Exporter(options);
  return { record: (span) => exporter.record(span), close: () => exporter.close() };
}

class Exporter {
  readonly #options: OtlpExporterOptions;
  readonly #end = new AbortController();
  #pending: Span[] = [];
  #sending: Promise<void> | undefined;
  #restUntilMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #hasFailed = false;

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
  }

  record(span: Span): void {
    this.#keep([...this.#pending, span]);
    this.#begin();
  }

  async close(): Promise<void> {
    this.#begin();
    const { wait } = this.#options;
    const sending = this.#sending;
    const graceMs = closeGraceMs - (this.#options.clock.monotonicMs() - this.#askedAtMs);
    if (sending !== undefined && graceMs > 0) {
      const done = new AbortController();
      await Promise.race([sending.finally(() => done.abort()), wait(graceMs, done.signal)]);
    }
    this.#end.abort();
    this.#lost += this.#pending.length;
    this.#pending = [];
    if (this.#lost > 0) this.#options.log.warn("spans were lost", { spans: this.#lost });
  }

  #begin(): void {
    if (this.#sending !== undefined || this.#pending.length === 0) return;
    if (this.#end.signal.aborted || this.#options.clock.monotonicMs() < this.#restUntilMs) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Bounded by what is pending: each round takes a batch away, or is the last one. */
  async #sendAll(): Promise<void> {
    while (this.#pending.length > 0 && !this.#end.signal.aborted) {
      const batch = this.#pending.slice(0, maxBatch);
      this.#pending = this.#pending.slice(batch.length);
      const sent = await this.#send(batch);
      if (sent === "refused") this.#lost += batch.length;
      if (sent !== "unreachable") continue;
      this.#keep([...batch, ...this.#pending]);
      this.#restUntilMs = this.#options.clock.monotonicMs() + pauseMs;
      return;
    }
  }

  async #send(batch: readonly Span[]): Promise<Sent> {
    const { settings, scope, fetch, log, wait } = this.#options;
    this.#askedAtMs = this.#options.clock.monotonicMs();
    const over = new AbortController();
    void wait(requestTimeoutMs, over.signal).then(() => over.abort());
    try {
      const response = await fetch(settings.endpoint, {
        method: "POST",
        headers: { ...settings.headers, "content-type": "application/json" },
        body: exportBody(settings.resource, scope, batch),
        // The headers are for the address that was named.
        redirect: "error",
        signal: AbortSignal.any([over.signal, this.#end.signal]),
      });
      await response.body?.cancel();
      if (response.ok) return "taken";
      this.#say(log, `HTTP ${response.status}`);
      return [429, 502, 503, 504].includes(response.status) ? "unreachable" : "refused";
    } catch (error) {
      this.#say(log, error instanceof Error ? error.name : "no connection");
      return "unreachable";
    } finally {
      over.abort();
    }
  }

  /** Once: a run asks often. */
  #say(log: Log, reason: string): void {
    if (!this.#hasFailed) log.warn("the collector takes no spans", { reason });
    this.#hasFailed = true;
  }

  #keep(spans: readonly Span[]): void {
    this.#lost += Math.max(0, spans.length - maxPending);
    this.#pending = spans.slice(-maxPending);
  }
}
