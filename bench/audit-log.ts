// Measures the audit log in this process; told what to do in one argument, answers in one JSON line.
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { createAuditLog } from "../src/adapters/governance/create-audit-log.ts";
import { auditPlaces } from "../src/adapters/governance/audit-places.ts";
import { writeGenesis } from "../src/adapters/governance/audit-keys.ts";
import { signLog } from "../src/adapters/governance/audit-commit.ts";
import { readEpochKey } from "../src/adapters/governance/audit-keys.ts";
import { LogTail } from "../src/governance/audit/log-tail.ts";
import { planLines } from "../src/governance/audit/plan-lines.ts";
import type { EntryDraft } from "../src/governance/audit/entry.ts";
import { systemClock } from "../src/adapters/process/system-clock.ts";

interface Orders {
  readonly task: "append" | "fill" | "verify" | "rebuild";
  readonly home: string;
  readonly entries: number;
}

const orders = JSON.parse(process.argv[2] ?? "") as Orders;
const { home, entries, task } = orders;
const logFile = join(home, "audit.log.jsonl");
const entropy = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
const log = createAuditLog({ home, logFile, clock: systemClock, entropy, lockTimeoutMs: 60_000 });

function draftOf(index: number): EntryDraft {
  return {
    kind: index % 2 === 0 ? "reserve" : "settle",
    actor: { type: "agent", id: "agent:bench", run: "run_01" },
    project: "bookmarks",
    action: "deploy",
    env: "staging",
    target: "docker",
    decision: "allow",
    idem: `sha256:${String(index).padStart(64, "0")}`,
    commit: "3f2a1c9e0011223344556677889900aabbccddee",
    cost: 10,
  };
}

/** As many entries as a log of years has, in the form in which appending leaves them. */
async function fill(): Promise<void> {
  const places = auditPlaces(home, logFile);
  await mkdir(places.folder, { recursive: true, mode: 0o700 });
  const epochs = await writeGenesis(places, entropy, systemClock.now());
  const out = createWriteStream(logFile, { mode: 0o600 });
  const tail = LogTail.empty();
  for (let index = 0; index < entries; index += 1) {
    for (const planned of planLines([draftOf(index)], tail, systemClock.now())) {
      tail.append(planned);
      if (!out.write(Buffer.concat([planned.line, Buffer.from("\n")]))) await once(out, "drain");
    }
  }
  out.end();
  await once(out, "close");
  await writeFile(places.hashes, tail.unstored.bytes, { mode: 0o600 });
  await signLog(places, { epochs, key: await readEpochKey(places, epochs) }, tail, undefined);
}

const startedAt = performance.now();
const cpu = process.cpuUsage();
let failures = 0;
if (task === "fill") await fill();
else if (task === "verify") {
  const outside = { genesis: undefined, pins: [], checkpoints: [] };
  const verification = await log.verify(outside);
  failures = verification.failures.length + (verification.size === entries ? 0 : 1);
} else if (task === "rebuild") {
  // Without the kept state the next writer reads every line, under the lock.
  const { snapshot } = auditPlaces(home, logFile);
  for (const path of [snapshot, `${snapshot}.old`]) await rm(path, { force: true });
  failures = (await log.facts()).size === entries ? 0 : 1;
} else {
  for (let index = 0; index < entries; index += 1)
    await log.transact(async () => ({ append: [draftOf(index)], value: undefined }));
  await log.close();
}
const { user, system } = process.cpuUsage(cpu);
const result = {
  ms: performance.now() - startedAt,
  cpuMs: (user + system) / 1_000,
  peakBytes: process.resourceUsage().maxRSS * 1_024,
  failures,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
