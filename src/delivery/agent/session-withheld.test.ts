import { describe, expect, test } from "vitest";
import {
  emptySession,
  exchangeOf,
  fileContentOf,
  parseSession,
  renderSession,
  type AnswerTo,
  type Session,
} from "./session-recording.ts";
import { withBoundedExchange, withItsFiles, withoutSecrets } from "./session-withheld.ts";

const secret = ["ghp", "abcdefghijklmnopqrstuvwxyz0123456789"].join("_");

function answerWith(path: string, bytes: Uint8Array): AnswerTo<"implement"> {
  return {
    events: [
      { kind: "progress", message: "writes" },
      { kind: "proposal", proposal: { summary: "ok", acceptanceTests: [], changedTests: [] } },
    ],
    changes: [
      { kind: "remove", path: "old.txt" },
      { kind: "write", path, content: fileContentOf(bytes) },
    ],
  };
}

function textAnswer(text: string, path = "a.txt"): AnswerTo<"implement"> {
  return answerWith(path, Buffer.from(text));
}

describe("a recording keeps of an attempt", () => {
  test("everything, when there is no secret in it", () => {
    const answer = textAnswer("const a = 1;\n");
    expect(withoutSecrets(answer)).toEqual(answer);
  });

  test.each([
    ["a text", textAnswer(`const key = "${secret}";`)],
    [
      "a file that is no text",
      answerWith("a.bin", Buffer.from(`\u0000\u0001 ${secret} `, "latin1")),
    ],
    ["a path", textAnswer("1", `${secret}.txt`)],
    [
      "bytes that no UTF-8 has",
      answerWith(
        "b.bin",
        Buffer.concat([Buffer.from([0xff, 0xfe, 10]), Buffer.from(`${secret}\n`)]),
      ),
    ],
  ])("no file, when %s holds a secret; and says why", (_, answer) => {
    const kept = withoutSecrets(answer);
    expect(kept.changes).toEqual([]);
    expect(kept.withheld).toContain("held a secret");
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  test("its words without the secrets in them", () => {
    const events: AnswerTo<"implement">["events"] = [
      { kind: "progress", message: `runs ${secret}` },
      { kind: "proposal", proposal: { summary: secret, acceptanceTests: [], changedTests: [] } },
      { kind: "unimplemented", reason: secret, sentences: [] },
      { kind: "failed", reason: secret, retryable: true },
    ];
    const kept = withoutSecrets({ events, changes: [] });
    expect(JSON.stringify(kept)).not.toContain(secret);
    expect(kept.events.map(({ kind }) => kind)).toEqual(events.map(({ kind }) => kind));
  });

  test("no files that are larger than any story's", () => {
    const kept = withoutSecrets(textAnswer("x\n".repeat(5 * 1024 * 1024)));
    expect(kept).toMatchObject({ changes: [], withheld: "its files have 10485760 bytes" });
  });
});

test("a session never grows over what a repository takes; what no longer fits is said to be left out", () => {
  let session: Session = emptySession();
  for (let attempt = 1; attempt <= 6; attempt += 1)
    session = withBoundedExchange(
      session,
      exchangeOf("implement", { attempt }, textAnswer("x\n".repeat(5_000))),
      40_000,
    );
  const text = renderSession(session);
  expect(Buffer.byteLength(text)).toBeLessThan(40_000);
  const held = parseSession(text, "session.json").exchanges.map(({ answer }) => answer);
  expect(held).toHaveLength(6);
  expect(held[0]).not.toHaveProperty("withheld");
  expect(held.at(-1)).toMatchObject({ changes: [], withheld: "the session was full" });
});

test("a replay of what was left out stops and says what is missing, and does nothing in its place", () => {
  const kept = withoutSecrets(textAnswer(secret));
  expect(() => withItsFiles(kept, "story ST-1, attempt 1")).toThrow(
    "does not hold the files of story ST-1, attempt 1: a.txt held a secret",
  );
  const whole = textAnswer("1");
  expect(withItsFiles(whole, "story ST-1, attempt 1")).toBe(whole);
});
