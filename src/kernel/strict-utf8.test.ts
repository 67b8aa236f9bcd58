import fc from "fast-check";
import { expect, test } from "vitest";
import { strictUtf8 } from "./strict-utf8.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("well-formed text is read as it was written, mark included", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(strictUtf8(bytesOf(text), "kept")).toBe(text);
    }),
  );
});

test("a byte order mark is dropped only where that is asked, and only at the beginning", () => {
  expect(strictUtf8(bytesOf("\uFEFFa\uFEFF"), "dropped")).toBe("a\uFEFF");
  expect(strictUtf8(bytesOf("\uFEFFa"), "kept")).toBe("\uFEFFa");
});

test.each([
  ["a lone continuation byte", [0x61, 0x80]],
  ["a character that is cut short", [0xe2, 0x82]],
  ["an overlong form", [0xc0, 0xaf]],
  ["half of a surrogate pair", [0xed, 0xa0, 0x80]],
  ["UTF-16", [0xff, 0xfe, 0x61, 0x00]],
])("%s is no text", (_, bytes) => {
  expect(strictUtf8(Uint8Array.from(bytes), "kept")).toBeUndefined();
  expect(strictUtf8(Uint8Array.from(bytes), "dropped")).toBeUndefined();
});

test("no bytes are an empty text, not a refusal", () => {
  expect(strictUtf8(new Uint8Array(), "dropped")).toBe("");
});
