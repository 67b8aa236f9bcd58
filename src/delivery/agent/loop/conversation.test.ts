import { describe, expect, test } from "vitest";
import { Conversation } from "./conversation.ts";

const long = "x".repeat(3_000);

/** `turns` files read, each result long. */
function afterReading(turns: number, shown = long): Conversation {
  const conversation = new Conversation({
    system: "You write code.",
    tools: [],
    maxOutputTokens: 100,
    first: `The story: ${long}`,
    circumstances: {},
  });
  for (let turn = 0; turn < turns; turn += 1) {
    const id = `call_${turn}`;
    const given = turn === 0 ? { path: "src/a.ts", content: long } : { path: `src/${turn}.ts` };
    const call = { id, name: turn === 0 ? "write" : "read", arguments: given };
    conversation.append({ role: "assistant", text: `turn ${turn}`, toolCalls: [call] });
    conversation.append({
      role: "tool",
      results: [{ id, name: call.name, text: `${turn}: ${shown}`, isError: false }],
    });
  }
  return conversation;
}

describe("a conversation that comes near the end of the context", () => {
  test("is shortened where it is old; the story, its newest turns and every call's result stay", () => {
    const conversation = afterReading(20);
    const before = conversation.request.messages;
    const tokens = conversation.estimatedTokens;
    expect(conversation.compactTo(15_000)).toBe(true);
    const after = conversation.request.messages;
    expect(after).toHaveLength(before.length);
    expect(after[0]).toEqual(before[0]);
    expect(after.slice(-12)).toEqual(before.slice(-12));
    expect(conversation.estimatedTokens).toBeLessThan(tokens / 2);
    expect(conversation.bytes).toBeLessThan(40_000);
    expect(after[1]).toMatchObject({
      text: "turn 0",
      toolCalls: [
        {
          id: "call_0",
          arguments: {
            path: "src/a.ts",
            content: expect.stringMatching(/^\[3000 characters were here; .{150,200}$/) as string,
          },
        },
      ],
    });
    expect(after[4]).toMatchObject({
      results: [{ id: "call_1", text: expect.stringMatching(/ask again.*\] 1: xxx/) as string }],
    });
  });

  test("is another request then, and shortened once: what follows grows at its end again", () => {
    const conversation = afterReading(20);
    const { digest } = conversation;
    conversation.compactTo(15_000);
    const compacted = conversation.digest;
    expect(compacted).not.toBe(digest);
    expect(conversation.compactTo(15_000)).toBe(false);
    expect(conversation.digest).toBe(compacted);
    // The same history, shortened at the same place, is the same request: a resumed attempt finds its answers.
    const again = afterReading(20);
    again.compactTo(15_000);
    expect(again.digest).toBe(compacted);
  });

  test("forgets what the longer one was counted at", () => {
    const conversation = afterReading(20);
    const usage = { inputTokens: 14_500, outputTokens: 1, cachedInputTokens: undefined };
    conversation.learn(usage);
    expect(conversation.compactTo(15_000)).toBe(true);
    expect(conversation.estimatedTokens).toBeLessThan(10_000);
  });

  test("is cut between characters, never within one", () => {
    const conversation = afterReading(1, `${"x".repeat(116)}${"\u{1F600}".repeat(600)}`);
    for (let turn = 0; turn < 20; turn += 1)
      conversation.append({ role: "user", text: `go on ${turn}` });
    expect(() => conversation.compactTo(1_000)).not.toThrow();
    expect(JSON.stringify(conversation.request)).not.toMatch(/\\ud[89a-f]/i);
  });

  test("is left alone while there is room", () => {
    const conversation = afterReading(3);
    const { digest, request } = conversation;
    expect(conversation.compactTo(128_000)).toBe(false);
    expect(conversation.digest).toBe(digest);
    expect(conversation.request).toEqual(request);
  });
});

describe("a conversation that a provider finds too long", () => {
  test.each([undefined, 4_000, 1_000_000])(
    "becomes shorter, whatever was estimated (%s)",
    (stated) => {
      const conversation = afterReading(5);
      const { estimatedTokens } = conversation;
      expect(conversation.shrinkTo(stated)).toBe(true);
      expect(conversation.estimatedTokens).toBeLessThan(estimatedTokens * 0.8);
      expect(conversation.request.messages[0]).toEqual(afterReading(5).request.messages[0]);
    },
  );

  test("keeps its newest results as long as the older ones are enough", () => {
    const conversation = afterReading(20);
    conversation.shrinkTo(14_000);
    const { messages } = conversation.request;
    expect(messages.slice(-12)).toEqual(afterReading(20).request.messages.slice(-12));
    conversation.shrinkTo(3_000);
    expect(JSON.stringify(conversation.request.messages.slice(1)).length).toBeLessThan(9_000);
  });

  test("leaves its answer a quarter of the context, and knows the context from then on", () => {
    const conversation = new Conversation({
      ...{ system: "s", tools: [], maxOutputTokens: 8_192, first: "hello", circumstances: {} },
    });
    expect(conversation.shrinkTo(4_096)).toBe(true);
    expect(conversation.maxOutputTokens).toBe(1_024);
    expect(conversation.request.maxOutputTokens).toBe(1_024);
    for (let turn = 0; turn < 8; turn += 1)
      conversation.append({
        role: "tool",
        results: [{ id: String(turn), name: "read", text: long, isError: false }],
      });
    for (let turn = 0; turn < 12; turn += 1) conversation.append({ role: "user", text: "go on" });
    expect(conversation.compactTo(128_000)).toBe(true);
  });

  test("that cannot be shortened says so", () => {
    const conversation = afterReading(0);
    conversation.shrinkTo(1_024);
    expect(conversation.shrinkTo(1_024)).toBe(false);
  });
});
