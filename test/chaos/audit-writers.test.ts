import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuditLog } from "../../src/adapters/governance/create-audit-log.ts";
import { systemClock } from "../../src/adapters/process/system-clock.ts";
import { bundleWorker } from "./bundle.ts";

/** What one writer is told. */
export interface AuditOrders {
  readonly home: string;
  readonly writer: number;
  readonly writes: number;
  readonly end: "close" | "torn" | "endless";
}

const writers = 8;
const writes = 12;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "autosd-audit-writers-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Writer {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** Entries that were acknowledged: number and what they say. */
  readonly acknowledged: Map<number, string>;
  readonly said: () => string;
  /** Fulfilled with the last of `writes` acknowledgements. */
  readonly hasWritten: Promise<void>;
}

function start(program: string, orders: AuditOrders): Writer {
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 120_000,
  });
  const acknowledged = new Map<number, string>();
  let text = "";
  child.stdout.setEncoding("utf8");
  const hasWritten = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (more: string) => {
      text += more;
      for (const [, seq = "", reason = ""] of text.matchAll(/^ACK (\d+) (\S+)$/gm))
        acknowledged.set(Number(seq), reason);
      if (acknowledged.size >= orders.writes) resolve();
    });
    child.once("close", () => {
      reject(new Error(`writer ${orders.writer} ended with ${acknowledged.size} entries: ${text}`));
    });
  });
  return { child, acknowledged, said: () => text, hasWritten };
}

it("loses no acknowledged entry of eight processes, some killed in the middle of a write", async () => {
  const home = join(folder, "home");
  const program = await bundleWorker("audit-worker", folder);
  const ends = ["close", "torn", "endless"] as const;
  const all = Array.from({ length: writers }, (_, writer) =>
    start(program, { home, writer, writes, end: ends[writer % ends.length] ?? "close" }),
  );
  await Promise.all(all.map(({ child }) => once(child.stdout, "data")));
  const exits = all.map(({ child }) => once(child, "close"));
  for (const { child } of all) child.stdin.write("go\n");
  const finite = exits.filter((_, writer) => ends[writer % ends.length] !== "endless");
  // The lock promises no fairness: whoever never ends may be far behind those that do.
  await Promise.all([...finite, ...all.map(({ hasWritten }) => hasWritten)]);
  // Whoever never ends is killed wherever it happens to be.
  for (const { child } of all) child.kill("SIGKILL");
  await Promise.all(exits);

  const log = createAuditLog({
    home,
    logFile: join(home, "audit.log.jsonl"),
    clock: systemClock,
    entropy: { bytes: (count) => randomBytes(count) },
  });
  await log.transact(async () => ({
    append: [{ kind: "resume", actor: { type: "operator", id: "owner" }, project: "p" }],
    value: undefined,
  }));
  const outside = { genesis: undefined, pins: [], checkpoints: [] };
  expect((await log.verify(outside)).failures).toEqual([]);
  const found = new Map<number, string | undefined>();
  for await (const entry of log.entries({})) found.set(entry.seq, entry.reason);
  let count = 0;
  for (const { acknowledged, said } of all) {
    expect(said()).not.toContain("FAILED");
    expect(acknowledged.size).toBeGreaterThanOrEqual(writes);
    for (const [seq, reason] of acknowledged) {
      expect(found.get(seq)).toBe(reason);
      count += 1;
    }
  }
  expect(count).toBeGreaterThanOrEqual(writers * writes);
  // Two writers tore a line; nobody can say how many of those a later one of the two put aside.
  const torn = await readdir(join(home, "audit", "quarantine"));
  expect(torn.length).toBeGreaterThan(0);
});
