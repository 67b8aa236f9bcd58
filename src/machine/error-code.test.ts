import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codeOf, hasCode, isOutOfRoom } from "./error-code.ts";

const named = (code: unknown): Error => Object.assign(new Error("x"), { code });

describe("the name of an error", () => {
  it("is what the system says", () => {
    let thrown: unknown;
    try {
      readFileSync("/there/is/no/such/file");
    } catch (error) {
      thrown = error;
    }
    expect(codeOf(thrown)).toBe("ENOENT");
    expect(hasCode(thrown, "EACCES", "ENOENT")).toBe(true);
    expect(hasCode(thrown, "EACCES")).toBe(false);
  });

  it.each([new Error("x"), named(7), { code: "ENOENT" }, "ENOENT", undefined, null])(
    "is none for %s",
    (error) => {
      expect(codeOf(error)).toBeUndefined();
      expect(hasCode(error, "ENOENT")).toBe(false);
    },
  );

  it.each(["ENOSPC", "EDQUOT", "EFBIG"])("says with %s that there was no room", (code) => {
    expect(isOutOfRoom(named(code))).toBe(true);
  });

  it("says nothing about room otherwise", () => {
    expect(isOutOfRoom(named("EACCES"))).toBe(false);
  });
});
