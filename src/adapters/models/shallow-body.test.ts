import fc from "fast-check";
import { expect, test } from "vitest";
import { maxBodyDepth, withoutDepths } from "./shallow-body.ts";

function nested(levels: number, inner: string): string {
  return `${'{"a":['.repeat(levels)}${inner}${"]}".repeat(levels)}`;
}

test("what is nested too deeply becomes null, and what stands beside it stays", () => {
  const deep = nested(20_000, '"}"');
  const half = maxBodyDepth / 2;
  // The object around it is one level, each pair is two.
  const kept = `${'{"a":['.repeat(half - 1)}{"a":null}${"]}".repeat(half - 1)}`;
  for (const form of ["events", "json"] as const)
    expect(withoutDepths(`{"x":${deep},"y":["]\\"[",1]}`, form)).toBe(
      `{"x":${kept},"y":["]\\"[",1]}`,
    );
});

test("a quote outside of JSON does not reach into the next event", () => {
  const event = `data: {"x":${nested(1_000, "1")}}`;
  const body = `: it's 5" wide\n${event}\n\nevent: "odd\n${event}\n\n`;
  const shallow = withoutDepths(body, "events");
  expect(shallow.length).toBeLessThan(body.length / 2);
  for (const line of shallow.split("\n").filter((one) => one.startsWith("data: ")))
    expect(JSON.parse(line.slice("data: ".length))).toHaveProperty("x");
});

test.each(["[".repeat(1_000), `{"a":${"[".repeat(400)}\n{}`, '"'.repeat(3), "\\"])(
  "what is no JSON comes back unchanged: %.20s",
  (body) => {
    expect(withoutDepths(body, "events")).toBe(body);
    expect(withoutDepths(body, "json")).toBe(body);
  },
);

test("any JSON is what it was, down to the depth that is kept", () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom(0, 3, 126, 127, 128, 140),
      fc.constantFrom(undefined, 2),
      (inner, levels, indent) => {
        const given: unknown = JSON.parse(nested(levels, inner));
        const text = JSON.stringify(given, undefined, indent);
        const read: unknown = JSON.parse(withoutDepths(text, "json"));
        expect(JSON.stringify(read)).toBe(JSON.stringify(cut(given, 1)));
      },
    ),
    { numRuns: 40 },
  );
});

/** The same by recursion over the value. */
function cut(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxBodyDepth) return null;
  if (Array.isArray(value)) return value.map((one) => cut(one, depth + 1));
  // JSON.parse makes an own member of "__proto__", and so must this.
  return JSON.parse(
    `{${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(cut(one, depth + 1))}`)
      .join(",")}}`,
  );
}
