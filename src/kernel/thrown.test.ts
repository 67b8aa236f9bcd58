import { expect, test } from "vitest";
import { errorOf, messageOf } from "./thrown.ts";

test("an error says its message, not its name", () => {
  expect(messageOf(new TypeError("it is too long"))).toBe("it is too long");
});

test("what was thrown instead of an error is told as text", () => {
  expect(messageOf("gone")).toBe("gone");
  expect(messageOf(undefined)).toBe("undefined");
});

test("an error stays the same object; anything else becomes the message of one", () => {
  const error = new RangeError("no");
  expect(errorOf(error)).toBe(error);
  expect(errorOf("gone")).toStrictEqual(new Error("gone"));
});
