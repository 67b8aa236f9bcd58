import { describeAuditLog } from "../../governance/audit/audit-log.contract.ts";
import { createMemoryAuditLog } from "./memory-audit-log.ts";

describeAuditLog("memory audit log", async () => {
  let nowMs = 0;
  const clock = { now: () => nowMs, monotonicMs: () => nowMs };
  return {
    log: createMemoryAuditLog({ clock }),
    setClock: (ms) => {
      nowMs = ms;
    },
    close: async () => undefined,
  };
});
