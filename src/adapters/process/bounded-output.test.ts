import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedOutput } from "./bounded-output.ts";

const note = /\n\[\.\.\. (\d+) bytes cut \.\.\.\]\n/;

test("keeps a beginning and an end of what was pushed, however it was cut into pieces", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 300 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 400 }),
      (text, sizes, maxBytes) => {
        fc.pre(!note.test(text));
        const bytes = Buffer.from(text);
        const output = new BoundedOutput(maxBytes);
        for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          output.push(bytes.subarray(at, at + size));
          at += size;
        }
        const kept = output.text();
        if (bytes.length <= maxBytes) {
          expect(kept).toBe(text);
          return;
        }
        const [head = "", cutBytes, tail = ""] = kept.split(note);
        expect(text.startsWith(head)).toBe(true);
        expect(text.endsWith(tail)).toBe(true);
        const keptBytes = Buffer.byteLength(head) + Buffer.byteLength(tail);
        expect(keptBytes).toBeLessThanOrEqual(maxBytes);
        // At each side of the cut up to three bytes of a character may be given up.
        expect(keptBytes).toBeGreaterThanOrEqual(maxBytes - 6);
        expect(keptBytes + Number(cutBytes)).toBe(bytes.length);
      },
    ),
  );
});

test("survives bytes that are no text", () => {
  const output = new BoundedOutput(10);
  output.push(Buffer.alloc(100, 0xbf));
  expect(output.text()).toMatch(note);
});
