import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RunResult } from "../../src/engine/autosd.ts";
import { Place } from "../support/cli.ts";
import { type Collector, startCollector } from "../support/collector.ts";
import { refuse } from "../support/model-server/script.ts";
import { startModelServer, type ModelServer } from "../support/model-server/server.ts";
import { oneSumRun } from "../support/model-world/place.ts";
import { oneSumCalls, oneSumModel } from "../support/model-world/scripted-sums.ts";

const key = ["nine", "green", "doors", "behind", "sand"].join("-");
const token = ["token", "of", "the", "collector", "4711"].join("-");
const knowing = oneSumModel(() => undefined);
let place: Place;
let server: ModelServer | undefined;
let collector: Collector | undefined;

beforeEach(async () => {
  place = await Place.create();
});
afterEach(async () => {
  await server?.close();
  await collector?.close();
  server = undefined;
  collector = undefined;
  await place.dispose();
});

it("every call of a model is a span at the collector that is named, without a word of what was said", async () => {
  collector = await startCollector();
  server = await startModelServer(knowing, { key });
  const args = await oneSumRun(place, "openai", `${server.url}/v1`, ["--verbose"]);
  const ran = await place.autosd(args, {
    env: {
      OPENAI_API_KEY: key,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${token}`,
    },
  });
  expect(ran.code, ran.stderr).toBe(0);
  const { runId } = JSON.parse(ran.stdout) as RunResult;
  const spans = collector.received.flatMap((one) => one.spans);
  expect(spans).toHaveLength(oneSumCalls);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(oneSumCalls);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const paid = server.ledger.paid;
  for (const [at, span] of spans.entries()) {
    expect(span.name).toBe("chat scripted");
    expect(span.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "scripted",
      "gen_ai.usage.input_tokens": String(paid[at]?.inputTokens),
      "gen_ai.usage.output_tokens": String(paid[at]?.outputTokens),
      "server.address": "127.0.0.1",
      "autosd.run.id": runId,
    });
    expect(Number(span.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(span.startTimeUnixNano));
  }
  expect(spans.map(({ attributes }) => attributes["autosd.story.id"])).toEqual([
    "plan",
    "plan",
    "plan",
    "ST-1",
    "ST-1",
    "ST-1",
  ]);
  expect(collector.received[0]?.headers.authorization).toBe(`Bearer ${token}`);
  const sent = collector.received.map(({ text }) => text).join("\n");
  for (const secret of [key, token, "Two numbers", "npm test", "add.test.js", "fingers"])
    expect(sent).not.toContain(secret);
  const log = await readFile(place.path("home", "autosd.log"), "utf8");
  expect(ran.stdout + ran.stderr + log).not.toContain(token);
});

it("a call that fails is a span with its code, and the error's text stays here", async () => {
  collector = await startCollector();
  server = await startModelServer(
    () => refuse(429, {}, { code: "insufficient_quota", message: "no credit for anybody" }),
    { key },
  );
  const ran = await place.autosd(await oneSumRun(place, "openai", `${server.url}/v1`), {
    env: { OPENAI_API_KEY: key, AUTOSD_OTLP_ENDPOINT: collector.url },
  });
  expect(ran.code).toBe(5);
  const [span, ...more] = collector.received.flatMap((one) => one.spans);
  expect(more).toEqual([]);
  expect(span).toMatchObject({
    status: { code: 2 },
    attributes: { "error.type": "AUTOSD-MODEL-QUOTA" },
  });
  expect(collector.received[0]?.text).not.toContain("no credit");
});

it("a collector that hangs fails nothing and is not waited for", async () => {
  collector = await startCollector(() => undefined);
  server = await startModelServer(knowing, { key });
  const ran = await place.autosd(await oneSumRun(place, "openai", `${server.url}/v1`), {
    env: { OPENAI_API_KEY: key, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).not.toContain("collector");
  expect(server.ledger.paid).toHaveLength(oneSumCalls);
  expect(collector.received).toHaveLength(1);
  const log = await readFile(place.path("home", "autosd.log"), "utf8");
  expect(log).toContain("spans were lost");
});

it("nobody is told of anything when it is switched off", async () => {
  collector = await startCollector();
  server = await startModelServer(() => refuse(402), { key });
  const ran = await place.autosd(await oneSumRun(place, "openai", `${server.url}/v1`), {
    env: {
      OPENAI_API_KEY: key,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SDK_DISABLED: "true",
    },
  });
  expect(ran.code, ran.stderr).toBe(5);
  expect(server.ledger.entries).toHaveLength(1);
  expect(collector.received).toEqual([]);
});
