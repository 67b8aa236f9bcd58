import { expect, test } from "vitest";
import {
  bench,
  Killed,
  runAttempt,
  type AttemptScript,
} from "../../../../test/support/scripted-attempt.ts";
import type { CarriedTurn } from "../model/carried-turn.ts";
import type { ModelMessage, ModelRequest } from "../model/model.port.ts";
import { Conversation } from "./conversation.ts";

function carriedBy(turn: number): CarriedTurn {
  const mark = JSON.stringify({ openai: { itemId: `rs_${turn}`, reasoningEncryptedContent: "x" } });
  return { origin: "one", parts: [{ kind: "reasoning", text: "hm", mark }, { kind: "call" }] };
}

const script: AttemptScript = ({ messages }) => {
  const turn = messages.filter(({ role }) => role === "assistant").length;
  const carried = carriedBy(turn);
  if (turn === 0) return { calls: [["write", { path: "a.ts", content: "a" }]], carried };
  if (turn === 1) return { calls: [["run", { command: "npm test" }]], carried };
  return { calls: [["done", { summary: "x", acceptanceTests: ["a.ts"] }]], carried };
};

function carriedIn(messages: readonly ModelMessage[]): readonly (CarriedTurn | undefined)[] {
  return messages.flatMap((one) => (one.role === "assistant" ? [one.carried] : []));
}

function whole(requests: readonly ModelRequest[]): readonly string[] {
  return [...new Set(requests.map((one) => JSON.stringify(one)))];
}

test("killed after any record, an attempt goes on with every thought that its provider wants back", async () => {
  const on = bench({ "b.ts": "b" });
  await runAttempt(on, { script });
  expect(carriedIn(on.requests.at(-1)?.messages ?? [])).toEqual([carriedBy(0), carriedBy(1)]);
  for (let dieAfter = 0; dieAfter < on.records.length; dieAfter += 1) {
    const again = bench({ "b.ts": "b" });
    await expect(runAttempt(again, { script, dieAfter })).rejects.toThrow(Killed);
    await runAttempt(again, { script });
    expect(whole(again.requests), `after ${dieAfter}`).toEqual(whole(on.requests));
  }
});

test("calls of an answer that was cut are not made, and its thoughts are not sent back without them", async () => {
  const on = bench({ "b.ts": "b" });
  await runAttempt(on, {
    script: (request, number) =>
      number === 0
        ? { text: "I", finish: "length", carried: carriedBy(0) }
        : script(request, number),
  });
  expect(carriedIn(on.requests[1]?.messages ?? [])).toEqual([undefined]);
});

test("a turn that is shortened loses them whole; later ones, and always the newest, keep theirs", () => {
  const start = { system: "s", tools: [], maxOutputTokens: 100, first: "f", circumstances: {} };
  const conversation = new Conversation(start);
  const long = "x".repeat(3_000);
  for (let turn = 0; turn < 10; turn += 1) {
    const call = { id: `c${turn}`, name: "write", arguments: { path: "a", content: long } };
    const carried = carriedBy(turn);
    conversation.append({ role: "assistant", text: "", toolCalls: [call], carried });
    const result = { id: call.id, name: "write", text: long, isError: false };
    conversation.append({ role: "tool", results: [result] });
  }
  expect(conversation.compactTo(20_000)).toBe(true);
  const compacted = carriedIn(conversation.request.messages);
  expect(compacted).toEqual(
    Array.from({ length: 10 }, (_, turn) => (turn < 4 ? undefined : carriedBy(turn))),
  );
  for (let round = 0; round < 10; round += 1) conversation.shrinkTo(undefined);
  const shrunk = carriedIn(conversation.request.messages);
  expect(shrunk).toEqual([...Array.from({ length: 9 }, () => undefined), carriedBy(9)]);
});
