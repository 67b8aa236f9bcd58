// One of several processes that append to one audit log; told when to die half way through a write.
import { randomBytes } from "node:crypto";
import { appendFileSync, openSync, writeSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";
import { createAuditLog } from "../../src/adapters/governance/create-audit-log.ts";
import { GovernanceError } from "../../src/governance/errors.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import type { AuditOrders } from "./audit-writers.test.ts";

const orders = JSON.parse(process.argv[2] ?? "") as AuditOrders;
const logFile = join(orders.home, "audit.log.jsonl");
const log = createAuditLog({
  home: orders.home,
  logFile,
  clock: systemClock,
  entropy: { bytes: (count) => randomBytes(count) },
  lockTimeoutMs: 60_000,
});

writeSync(1, "READY\n");
await once(process.stdin, "data");
for (let index = 0; index < orders.writes; index += 1) {
  const kind = index % 3 === 0 ? "intent" : "halt";
  const reason = `${orders.writer}-${index}`;
  const { entries } = await log
    .transact(async () => ({
      append: [{ kind, actor: { type: "agent", id: "chaos" }, project: "p", reason }],
      value: undefined,
    }))
    .catch((error: unknown) => {
      if (error instanceof GovernanceError) writeSync(1, `FAILED ${error.code} ${error.message}\n`);
      throw error;
    });
  writeSync(1, `ACK ${entries[0]?.seq ?? -1} ${reason}\n`);
}
if (orders.end === "torn") {
  // A write that the machine cut off: under the lock, without a newline, and then nothing.
  const lock = openSync(join(orders.home, "audit", "lock"), "r+");
  while (!tryLock(lock, 0, 0, { shared: false })) await pause(1);
  appendFileSync(logFile, '{"actor":{"id":"torn"');
  process.kill(process.pid, "SIGKILL");
}
if (orders.end === "endless") for (;;) await append();
await log.close();
writeSync(1, "DONE\n");
process.exit(0);

async function append(): Promise<void> {
  const reason = "endless";
  const { entries } = await log.transact(async () => ({
    append: [{ kind: "halt", actor: { type: "agent", id: "chaos" }, project: "p", reason }],
    value: undefined,
  }));
  writeSync(1, `ACK ${entries[0]?.seq ?? -1} ${reason}\n`);
}
