import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEntry } from "./entry-check.ts";
import { entryDraftSchema, entryKinds, entrySchema } from "./entry.ts";

const text = fc.string({ maxLength: 5 });
const count = fc.nat();
/** What stands in each member of some entry. */
const whole = fc.record({
  v: fc.constant(1),
  seq: count,
  prev: fc.constant(`sha256:${"0a".repeat(32)}`),
  ts: fc.constant("2026-01-31T10:00:00.000Z"),
  kind: fc.constantFrom(...entryKinds),
  actor: fc.record(
    { type: fc.constantFrom("operator", "agent", "system"), id: text, run: text },
    { requiredKeys: ["type", "id"] },
  ),
});
const rest = fc.record(
  {
    ...{ action: text, project: text, env: text, target: text, code: text, reason: text },
    ...{ commit: text, tag: text, artifact: text, idem: text, ref: count, cost: count },
    decision: fc.constantFrom("allow", "deny"),
    policy: fc.record({ digest: text, rules: fc.array(text) }),
    grant: fc.record({ jti: text, chain: fc.array(text), kids: fc.array(text) }),
    gates: fc.array(fc.record({ name: text, ok: fc.boolean(), evidence: text })),
    break_glass: fc.boolean(),
    result: fc.jsonValue(),
    details: fc.dictionary(text, fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const entries = fc.tuple(whole, rest).map(([one, other]) => ({ ...one, ...other }));
/** What somebody could put in a member's place. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(-1, 1.5, 2 ** 53, "x".repeat(101), "x".repeat(201), "sha256:", [[]]),
  fc.constantFrom<unknown>({ type: "agent", id: "a", more: 1 }, [{ name: "n", ok: 1 }], {}, null),
);

function expectSameVerdict(value: unknown): boolean {
  const json: unknown = JSON.parse(JSON.stringify(value));
  const { success } = entrySchema.safeParse(json);
  expect(isEntry(json), JSON.stringify(json)).toBe(success);
  return success;
}

/** Every path to a member, at any depth. */
function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    [name],
    ...pathsOf(member).map((path) => [name, ...path]),
  ]);
}

function changedAt(value: unknown, path: readonly string[], change: "drop" | { to: unknown }) {
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = path.at(-1) ?? "";
  if (change === "drop") Reflect.deleteProperty(at, last);
  else at[last] = change.to;
  return copy;
}

describe("the quick check of an entry", () => {
  it("takes every entry that can be written", () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(expectSameVerdict(entry)).toBe(true);
      }),
    );
  });

  it("knows each member that the schema knows", () => {
    const names = Object.keys(entryDraftSchema.shape);
    const fullest = { v: 1, seq: 0, prev: `sha256:${"0".repeat(64)}`, ts: "", kind: "halt" };
    for (const name of names)
      for (const value of ["x", 1, true, [], {}, "allow"])
        expectSameVerdict({ actor: { type: "system", id: "" }, ...fullest, [name]: value });
  });

  it("has the verdict of the schema on whatever somebody made of one", () => {
    let refused = 0;
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), odd, text, (entry, which, at, value, name) => {
        const paths = pathsOf(entry);
        const path = paths[at % paths.length] ?? ["kind"];
        const changed = [
          () => changedAt(entry, path, "drop"),
          () => changedAt(entry, path, { to: value }),
          () => changedAt(entry, [...path.slice(0, -1), name], { to: value }),
          () => value,
        ][which % 4];
        if (!expectSameVerdict(changed?.())) refused += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});
