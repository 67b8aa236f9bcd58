import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { secretQuestion, type SecretStreams } from "./ask-secret.ts";

/** A terminal on which a test types. */
class Keyboard extends EventEmitter {
  isTTY = true;
  raw = false;
  setRawMode(mode: boolean): this {
    this.raw = mode;
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    return this;
  }
  type(text: string | Uint8Array): void {
    this.emit("data", Buffer.from(text));
  }
}

function dialogue(isTerminal = true) {
  const keyboard = new Keyboard();
  keyboard.isTTY = isTerminal;
  let shown = "";
  const write = (text: string) => {
    shown += text;
    return true;
  };
  const controller = new AbortController();
  const streams = { stdin: keyboard, stderr: { isTTY: true, write } } as unknown as SecretStreams;
  const ask = secretQuestion(streams, controller.signal, () => controller.abort());
  return { keyboard, controller, ask, shown: () => shown };
}

test.each([
  ["secret\r", "secret"],
  ["secret\n", "secret"],
  ["sex\u007fcret\r", "secret"],
  ["wrong\u0015secret\r", "secret"],
  ["\u007fse\u001bcret\u0004", "secret"],
  ["pässwörd\r", "pässwörd"],
  ["one\rtwo\r", "one"],
  ["\r", ""],
])("takes %j as %j and shows none of it", async (typed, secret) => {
  const { keyboard, ask, shown } = dialogue();
  const answer = ask?.("Passphrase: ");
  expect(keyboard.raw).toBe(true);
  for (const byte of Buffer.from(typed)) keyboard.type(Buffer.from([byte]));
  expect(await answer).toBe(secret);
  expect(shown()).toBe("Passphrase: \n");
  expect(keyboard.raw).toBe(false);
  expect(keyboard.listenerCount("data")).toBe(0);
});

test("Ctrl-C interrupts and gives the terminal back", async () => {
  const { keyboard, ask, controller } = dialogue();
  const answer = ask?.("Passphrase: ");
  keyboard.type("sec\u0003");
  await expect(answer).rejects.toThrow("interrupted");
  expect(controller.signal.aborted).toBe(true);
  expect(keyboard.raw).toBe(false);
  await expect(ask?.("Again: ")).rejects.toThrow("interrupted");
});

test("asks nobody where there is no terminal", () => {
  expect(dialogue(false).ask).toBeUndefined();
});
