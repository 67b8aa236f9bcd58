import { describe, expect, it } from "vitest";
import { leftOut } from "./part-runs.ts";
import type { CommandGate, GatePart } from "./toolchain.ts";

const gate: CommandGate = {
  name: "tests",
  command: ["sh", "-c", "true"],
  env: {},
  timeoutMs: 1_000,
  after: [],
};
const part = (folder: string, refusal?: string): GatePart => ({
  ...{ folder, command: gate.command, env: {}, uses: [] },
  ...(refusal === undefined ? {} : { refusal }),
});

describe("what a finding says of packages that were not checked", () => {
  it("is nothing where all were", () => {
    expect(leftOut(gate)).toBe("");
    expect(leftOut({ ...gate, parts: [part("a"), part("b")] })).toBe("");
  });

  it("is their names with the reasons, as many as a person reads", () => {
    expect(leftOut({ ...gate, parts: [part("a"), part("b", "it runs nothing")] })).toBe(
      "; not checked: b (it runs nothing)",
    );
    const many = ["c", "d", "e", "f", "g", "h"].map((name) => part(name, "empty"));
    expect(leftOut({ ...gate, parts: many })).toMatch(/: c \(empty\), .*g \(empty\) and 1 more$/);
  });
});
