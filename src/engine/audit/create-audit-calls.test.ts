import { expect, test } from "vitest";
import { createMemoryAuditLog } from "../../adapters/governance/memory-audit-log.ts";
import { type AuditServices, createAuditCalls } from "./create-audit-calls.ts";

test("a misspelt kind is refused with the kinds that there are, and does not look like none", async () => {
  const audit = createMemoryAuditLog({ clock: { now: () => 5_000, monotonicMs: () => 0 } });
  await audit.transact(async () => ({
    append: [{ kind: "halt", actor: { type: "operator", id: "owner" } }],
    value: undefined,
  }));
  const calls = createAuditCalls({ audit } as unknown as AuditServices);
  expect(() => calls.entries({ kind: "hlat" })).toThrow(
    expect.objectContaining({
      code: "AUTOSD-AUDIT-QUERY",
      message: expect.stringContaining("halt, resume") as string,
    }),
  );
  const found = [];
  for await (const entry of calls.entries({ kind: "halt" })) found.push(entry.kind);
  expect(found).toEqual(["halt"]);
});
