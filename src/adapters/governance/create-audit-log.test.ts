import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeAuditLog } from "../../governance/audit/audit-log.contract.ts";
import { createAuditLog } from "./create-audit-log.ts";

describeAuditLog("audit log in files", async () => {
  const home = await mkdtemp(join(tmpdir(), "autosd-audit-"));
  let nowMs = 0;
  const log = createAuditLog({
    home,
    logFile: join(home, "audit.log.jsonl"),
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    entropy: { bytes: (count) => randomBytes(count) },
  });
  return {
    log,
    setClock: (ms) => {
      nowMs = ms;
    },
    close: async () => {
      await log.close();
      await rm(home, { recursive: true });
    },
  };
});
