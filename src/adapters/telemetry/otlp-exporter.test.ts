import { afterEach, describe, expect, it, vi } from "vitest";
import { type Collector, startCollector } from "../../../test/support/collector.ts";
import { systemTimer } from "../engine/system-timer.ts";
import { systemClock } from "../process/system-clock.ts";
import { createOtlpExporter, type SpanExporter } from "./otlp-exporter.ts";
import type { Span } from "./otlp-json.ts";

let collector: Collector | undefined;

afterEach(async () => {
  await collector?.close();
  collector = undefined;
});

const span = (number: number): Span => ({
  traceId: "0".repeat(31) + "1",
  spanId: number.toString(16).padStart(16, "0"),
  name: `chat ${number}`,
  startMs: 1_000,
  endMs: 2_500.4,
  attributes: {
    number,
    half: 0.5,
    list: ["a", "b"],
    text: `\ud800${"x".repeat(5_000)}`,
    none: undefined,
  },
  failed: number === 1,
});

function exporterTo(url: string): {
  readonly exporter: SpanExporter;
  readonly warn: ReturnType<typeof vi.fn>;
} {
  const warn = vi.fn();
  const log = { debug: () => undefined, info: () => undefined, warn, error: () => undefined };
  const exporter = createOtlpExporter({
    settings: {
      endpoint: new URL(`${url}/v1/traces`),
      headers: { "x-key": "k" },
      resource: { "service.name": "autosd" },
    },
    scope: { name: "autosd", version: "1.2.3" },
    clock: systemClock,
    log,
    wait: (ms, signal) => systemTimer.wait(ms, signal),
    fetch,
  });
  return { exporter, warn };
}

describe("a collector", () => {
  it("gets every span once, in order, as the protocol writes them", async () => {
    collector = await startCollector();
    const { exporter, warn } = exporterTo(collector.url);
    for (let number = 0; number < 300; number += 1) exporter.record(span(number));
    const { received } = collector;
    await expect
      .poll(() => received.flatMap((one) => one.spans).length, { timeout: 20_000 })
      .toBe(300);
    await exporter.close();
    const spans = received.flatMap((one) => one.spans);
    expect(spans.map(({ name }) => name)).toEqual(
      Array.from({ length: 300 }, (_, number) => `chat ${number}`),
    );
    expect(spans[1]).toMatchObject({
      kind: 3,
      startTimeUnixNano: "1000000000",
      endTimeUnixNano: "2500000000",
      status: { code: 2 },
      attributes: { number: "1", half: 0.5 },
    });
    expect(spans[0]?.status).toEqual({});
    expect(spans[0]?.attributes).not.toHaveProperty("none");
    expect(String(spans[0]?.attributes["text"])).toHaveLength(1_024);
    expect(collector.received[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "x-key": "k", "content-type": "application/json" },
      resource: { "service.name": "autosd" },
    });
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    ["refuses them", () => 400],
    ["sends them elsewhere", () => 307],
    ["is overloaded", () => 503],
  ])("that %s is told of once in the log, and nothing is thrown", async (_, answer) => {
    collector = await startCollector(answer);
    const { exporter, warn } = exporterTo(collector.url);
    exporter.record(span(0));
    await expect.poll(() => warn.mock.calls.length, { timeout: 20_000 }).toBe(1);
    exporter.record(span(1));
    await exporter.close();
    exporter.record(span(2));
    const messages = warn.mock.calls.map(([message]: unknown[]) => message);
    expect(messages).toEqual(["the collector takes no spans", "spans were lost"]);
    for (const { path } of collector.received) expect(path).toBe("/v1/traces");
  });

  it("that never answers is not waited for at the end", async () => {
    collector = await startCollector(() => undefined);
    const { exporter, warn } = exporterTo(collector.url);
    for (let number = 0; number < 2_000; number += 1) exporter.record(span(number));
    // Without an end of its own this would never be done: nobody answers.
    await exporter.close();
    expect(collector.received.length).toBeLessThanOrEqual(1);
    expect(warn).toHaveBeenLastCalledWith("spans were lost", expect.anything());
  });

  it("that is not there is left alone after the first try", async () => {
    collector = await startCollector();
    const { url } = collector;
    await collector.close();
    collector = undefined;
    const { exporter, warn } = exporterTo(url);
    exporter.record(span(0));
    await expect.poll(() => warn.mock.calls.length, { timeout: 20_000 }).toBe(1);
    exporter.record(span(1));
    await exporter.close();
    expect(warn).toHaveBeenLastCalledWith("spans were lost", { spans: 2 });
  });
});
