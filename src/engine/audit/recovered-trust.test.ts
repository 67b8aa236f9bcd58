import { expect, test } from "vitest";
import { createMemoryAuditLog } from "../../adapters/governance/memory-audit-log.ts";
import type { LogVerification } from "../../governance/audit/log-verification.ts";
import { withRecoveries } from "./recovered-trust.ts";

test("a trust list that nobody of the one before signed is named as not established", async () => {
  const log = createMemoryAuditLog({ clock: { now: () => 5_000, monotonicMs: () => 0 } });
  const change = (action: string) => ({
    kind: "trust.change" as const,
    actor: { type: "operator" as const, id: "owner" },
    action,
  });
  const append = ["init", "recover", "rotate", "recover"].map(change);
  await log.transact(async () => ({ append, value: undefined }));
  const verified = { size: 3, notEstablished: ["other"] } as unknown as LogVerification;
  const { notEstablished } = await withRecoveries(verified, log);
  expect(notEstablished).toEqual(["other", expect.stringMatching(/entry 1 .* recovered without/)]);
});
