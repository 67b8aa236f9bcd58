import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

function fromBits(hex: string): number {
  return Buffer.from(hex, "hex").readDoubleBE();
}

describe("RFC 8785", () => {
  test("writes the example of section 3.2.2", () => {
    const value: unknown = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test("sorts the member names of section 3.2.3 by UTF-16 code units", () => {
    const value = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    const order = [...canonicalJson(value).matchAll(/:"([^"]+)"/g)].map((match) => match[1]);
    expect(order).toEqual([
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("writes the number %s of appendix B as %s", (bits, text) => {
    expect(canonicalJson(fromBits(bits))).toBe(text);
  });

  test.each(["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])(
    "refuses the number %s, which JSON cannot say",
    (bits) => {
      expect(() => canonicalJson(fromBits(bits))).toThrow(TypeError);
    },
  );
});

describe("refusals", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = { again: cycle };
  const hole: unknown[] = [1];
  hole.length = 3;
  let deep: unknown = 1;
  for (let level = 0; level < 600; level += 1) deep = [deep];

  test.each<[string, unknown]>([
    ["undefined alone", undefined],
    ["undefined in an array", [1, undefined]],
    ["a hole in an array", hole],
    ["NaN inside", { a: [Number.NaN] }],
    ["a lone surrogate in a text", { a: "x\ud800y" }],
    ["a lone surrogate in a name", { "\udc00": 1 }],
    ["a bigint", { a: 1n }],
    ["a function", { a: () => 1 }],
    ["a symbol", [Symbol("s")]],
    ["a member named by a symbol", { [Symbol("s")]: 1 }],
    ["a Date", { at: new Date(0) }],
    ["a Map", new Map()],
    ["a Buffer", Buffer.from("a")],
    ["an object that inherits members", Object.create({ hidden: 1 })],
    ["a cycle", cycle],
    ["nesting without end", deep],
  ])("refuses %s with a TypeError", (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  test("names the path of what it refuses", () => {
    expect(() => canonicalJson({ a: [{}, { b: 1n }] })).toThrow("$.a[1].b: bigint");
  });

  test("does not take the same object twice for a cycle", () => {
    const shared = { x: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]');
  });
});

test("leaves out members that are undefined and keeps a member named __proto__", () => {
  expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  expect(canonicalJson(JSON.parse('{"__proto__":{"x":1},"a":2}'))).toBe(
    '{"__proto__":{"x":1},"a":2}',
  );
});

/** What JSON does to a value: -0 becomes 0. */
function throughJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Members in reverse order, at every depth. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]: [string, unknown]) => [key, reversed(member)]),
  );
}

const json = fc.jsonValue({ stringUnit: "binary" });

test("means the same value as JSON.stringify", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(throughJson(value));
    }),
  );
});

test("does not depend on the order in which members were added", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    }),
  );
});

test("is a fixed point: canonical text read and written again is the same text", () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

test("agrees with another implementation, to the byte", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    }),
    { numRuns: 500 },
  );
});

test("agrees with another implementation about integers, names and every character of the first plane", () => {
  const integers = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -0, 2 ** 53, -(2 ** 53), 1e21));
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), integers), (value) => {
      expect(canonicalJson(value)).toBe(canonicalize(value));
    }),
    { numRuns: 500 },
  );
  const characters = Array.from({ length: 0x1_0000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCharCode(code));
  expect(canonicalJson(characters)).toBe(canonicalize(characters));
});
