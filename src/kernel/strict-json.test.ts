import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { parseStrictJson, parseStrictJsonBytes } from "./strict-json.ts";

test("gives what JSON.parse gives", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseStrictJson(text)).toEqual({ kind: "value", value: JSON.parse(text) as unknown });
    }),
  );
});

test("takes whatever canonical JSON writes, spaced out or not", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(parseStrictJson(canonicalJson(plain)).kind).toBe("value");
      expect(parseStrictJson(JSON.stringify(plain, null, indent)).kind).toBe("value");
    }),
  );
});

test.each([
  ["the same name twice", '{"a":1,"a":1}'],
  ["with space before the colon", '{"a" \n:1, "b":2 , "a"\t:1}'],
  ["another spelling of the name", String.raw`{"a":1,"\u0061":2}`],
  ["deep inside", '[{"b":[{"a":1,"c":{},"a":2}]}]'],
  ["after a value that is an object", '{"a":{"a":1},"a":2}'],
  ["the empty name", '{"":1,"":2}'],
  ["__proto__", '{"__proto__":1,"__proto__":2}'],
])("refuses a member named twice: %s", (_name, text) => {
  expect(parseStrictJson(text)).toEqual({ kind: "refused", message: "a member is named twice" });
});

test.each([
  ['{"a":["a","a"],"b":"a","c":{"a":":"}}'],
  [String.raw`{"a":"\"b\":1","b":"\\","c":"\\\""}`],
  ['[{"a":1},{"a":1}]'],
])("tells names from values in %s", (text) => {
  expect(parseStrictJson(text)).toEqual({ kind: "value", value: JSON.parse(text) as unknown });
});

test.each([
  ["\uFEFF{}", "it starts with a byte order mark"],
  [String.raw`"\ud800"`, "it holds a lone surrogate"],
  [String.raw`{"\udc00":1}`, "it holds a lone surrogate"],
  ['"\ud800"', "it holds a lone surrogate"],
  ["1e400", "it holds a number that is too large"],
  ['{"a":[-1e999]}', "it holds a number that is too large"],
  ["", "it is not JSON"],
  ["{}{}", "it is not JSON"],
  ["01", "it is not JSON"],
  ["NaN", "it is not JSON"],
  ["{'a':1}", "it is not JSON"],
  ['{"a":1,}', "it is not JSON"],
  ["[1 /* one */]", "it is not JSON"],
])("refuses %j", (text, message) => {
  expect(parseStrictJson(text)).toEqual({ kind: "refused", message });
});

test("keeps a member named __proto__ from becoming a prototype", () => {
  const parsed = parseStrictJson('{"__proto__":{"admin":true}}');
  if (parsed.kind === "refused") throw new Error(parsed.message);
  expect(Object.keys(parsed.value as object)).toEqual(["__proto__"]);
  expect((parsed.value as Record<string, unknown>)["admin"]).toBeUndefined();
});

test("takes 512 levels and refuses one more, in linear time", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(parseStrictJson(nested(512)).kind).toBe("value");
  expect(parseStrictJson(nested(513))).toEqual({
    kind: "refused",
    message: "it is nested too deeply",
  });
  expect(parseStrictJson(nested(100_000)).kind).toBe("refused");
  const many = `[${Array.from({ length: 50_000 }, (_, at) => `{"a${at}":"${"x".repeat(10)}"}`).join()}]`;
  expect(parseStrictJson(many).kind).toBe("value");
});

test.each([
  ["a stray byte", [0x22, 0xff, 0x22]],
  ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22]],
  ["an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
])("refuses UTF-8 with %s", (_name, bytes) => {
  expect(parseStrictJsonBytes(new Uint8Array(bytes))).toEqual({
    kind: "refused",
    message: "it is not UTF-8",
  });
});

test("sees a byte order mark in bytes", () => {
  expect(parseStrictJsonBytes(new Uint8Array([0xef, 0xbb, 0xbf, 0x31])).kind).toBe("refused");
});
