import fc from "fast-check";
import { expect, test } from "vitest";
import { displayWidth, fit, pad, printable, wrap } from "./text-width.ts";

const anyText = fc.string({ unit: "grapheme", maxLength: 30 });

test.each([
  ["abc", 3],
  ["タスク", 6],
  ["한국어", 6],
  ["é", 1],
  ["e\u0301", 1],
  ["👍🏽", 2],
  ["👩‍👩‍👧", 2],
  ["✓", 1],
  ["…", 1],
  ["ｆｕｌｌ", 8],
  ["", 0],
])("counts the cells of %j", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test("never takes more cells than there are, and cuts nothing that fits", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 30 }), (text, width) => {
      const fitted = fit(text, width);
      expect(displayWidth(fitted)).toBeLessThanOrEqual(width);
      if (displayWidth(text) <= width) expect(fitted).toBe(text);
      else if (width > 0) expect(fitted.endsWith("…")).toBe(true);
    }),
  );
});

test("pads to the width and leaves longer text alone", () => {
  expect(pad("タス", 6)).toBe("タス  ");
  expect(pad("long", 2)).toBe("long");
});

test("keeps every word when it wraps, and breaks lines at spaces only", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }),
      fc.integer({ min: 8, max: 20 }),
      (words, width) => {
        const lines = wrap(words.join(" "), width);
        expect(lines.join(" ")).toBe(words.join(" "));
        lines.forEach((line) => expect(displayWidth(line)).toBeLessThanOrEqual(width));
      },
    ),
  );
});

test("lets no text from outside command the terminal", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff })), (points) => {
      const text = String.fromCodePoint(...points);
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
  expect(printable("a\u001b[31mb\nc\u202ed")).toBe("a\ufffd[31mb c\ufffdd");
  expect(printable("👩‍👩‍👧 ok")).toBe("👩‍👩‍👧 ok");
});
