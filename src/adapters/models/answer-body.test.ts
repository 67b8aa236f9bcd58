import fc from "fast-check";
import { expect, test } from "vitest";
import { withReadableNames } from "./answer-body.ts";

test.each([
  ['{"__proto__": 1}', '{"not __proto__": 1}'],
  ['{"a":"b","\\u005f_proto_\\u005F"\n:1}', '{"a":"b","not __proto__"\n:1}'],
  ['{"a":{"constructor":{"prototype":1}}}', '{"a":{"not constructor":{"prototype":1}}}'],
  ['{"a":"__proto__"}', '{"a":"__proto__"}'],
  ['{"a":"{\\"__proto__\\": 1}"}', '{"a":"{\\"__proto__\\": 1}"}'],
  ['["a",         "__proto__", {"__proto__x":1}]', '["a",         "__proto__", {"__proto__x":1}]'],
])("%s is read as %s", (body, expected) => {
  expect(withReadableNames(body)).toBe(expected);
});

test("whatever JSON says besides those names, it says afterwards", () => {
  const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", ',  "a":', "\\"));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, name, fc.integer(), fc.array(tie("value")), tie("object")),
    object: fc
      .array(fc.tuple(name, tie("value")), { maxLength: 4 })
      .map((entries): unknown => Object.fromEntries(entries)),
  }));
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1), (given, indent) => {
      const read: unknown = JSON.parse(withReadableNames(JSON.stringify(given, undefined, indent)));
      expect(read).toEqual(renamed(given));
    }),
  );
});

function renamed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(renamed);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name === "__proto__" || name === "constructor" ? `not ${name}` : name,
      renamed(one),
    ]),
  );
}
