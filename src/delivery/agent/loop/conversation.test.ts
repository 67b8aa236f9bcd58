import { describe, expect, test } from "vitest";
import { Conversation } from "./conversation.ts";

const long = "x".repeat(3_000);

/** `turns` files read, each result long. */
function afterReading(turns: number): Conversation {
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
      results: [{ id, name: call.name, text: `${turn}: ${long}`, isError: false }],
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

  test("is left alone while there is room", () => {
    const conversation = afterReading(3);
    const { digest, request } = conversation;
    expect(conversation.compactTo(128_000)).toBe(false);
    expect(conversation.digest).toBe(digest);
    expect(conversation.request).toEqual(request);
  });
});
