import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { entryKinds } from "./entry.ts";
import { saysNothing } from "./silent-lines.ts";

const lineOf = (entry: object) => Buffer.from(canonicalJson(entry), "utf8");

test("a line is silent when it is of a kind that changes nothing, and no other is", () => {
  for (const kind of entryKinds)
    expect(saysNothing(lineOf({ kind, seq: 1 })), kind).toBe(kind === "intent" || kind === "deny");
});

test("a line that might be of another kind is never silent, whatever else stands in it", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...entryKinds),
      fc.dictionary(fc.constantFrom("kind", "a", "z"), fc.constantFrom("intent", "deny", "halt")),
      (kind, details) => {
        const isPlain = kind === "intent" || kind === "deny";
        if (!isPlain) expect(saysNothing(lineOf({ details, kind }))).toBe(false);
      },
    ),
  );
  expect(saysNothing(lineOf({ details: { kind: "halt" }, kind: "deny" }))).toBe(false);
  expect(saysNothing(lineOf({ kind: "intentions" }))).toBe(false);
  for (const cut of ['{"kind":"', '{"kind":"den', "", "{}"])
    expect(saysNothing(Buffer.from(cut)), cut).toBe(false);
});
