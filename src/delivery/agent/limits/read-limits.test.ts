import { expect, test } from "vitest";
import { readLimits } from "./read-limits.ts";

const nowMs = Date.parse("2026-03-01T10:00:00Z");

function read(headers: Readonly<Record<string, string>>): ReturnType<typeof readLimits> {
  return readLimits((name) => headers[name] ?? null, nowMs);
}

test.each([
  ["90", 90_000],
  ["0", 0],
  ["1.5", 1_500],
  ["Sun, 01 Mar 2026 10:01:30 GMT", 90_000],
  ["Sun, 01 Mar 2026 09:00:00 GMT", 0],
  ["2026-03-01T10:00:10Z", 10_000],
  [String(nowMs / 1000 + 30), 30_000],
  [String(nowMs + 30_000), 30_000],
  ["2m", 120_000],
])("retry-after: %s is %d ms", (text, expectedMs) => {
  expect(read({ "retry-after": text }).retryAfterMs).toBe(expectedMs);
});

test.each(["-1", "", "soon", "1 minute", "99999999999999999999", "1e9", "Infinity", "4000000"])(
  "retry-after: %j is no time",
  (text) => {
    expect(read({ "retry-after": text }).retryAfterMs).toBeUndefined();
  },
);

test.each([
  ["6m0s", 360_000],
  ["250ms", 250],
  ["7.66s", 7_660],
  ["1h2m3s", 3_723_000],
])("a reset of %s is %d ms", (text, resetMs) => {
  expect(read({ "x-ratelimit-reset-tokens": text }).limits).toEqual([
    { of: "tokens", limit: undefined, remaining: undefined, resetMs },
  ]);
});

test("Anthropic's limits are read for requests, input and output", () => {
  const of = (kind: string): Record<string, string> => ({
    [`anthropic-ratelimit-${kind}-limit`]: "50",
    [`anthropic-ratelimit-${kind}-remaining`]: "0",
    [`anthropic-ratelimit-${kind}-reset`]: "2026-03-01T10:01:00Z",
  });
  const news = read({ ...of("requests"), ...of("input-tokens"), ...of("output-tokens") });
  expect(news.limits.map((limit) => limit.of)).toEqual([
    "requests",
    "input-tokens",
    "output-tokens",
  ]);
  expect(news.limits[0]).toMatchObject({ limit: 50, remaining: 0, resetMs: 60_000 });
});

test("a moment counts from the server's clock when this machine's is wrong", () => {
  const news = read({
    date: "Sun, 01 Mar 2026 12:00:00 GMT",
    "retry-after": "Sun, 01 Mar 2026 12:00:20 GMT",
  });
  expect(news.retryAfterMs).toBe(20_000);
});
