import { expect, test } from "vitest";
import { createMemoryAuditLog } from "../../adapters/governance/memory-audit-log.ts";
import { recordWeakened } from "./record-weakened.ts";

test("records once a run that generated code runs without a sandbox", async () => {
  const log = createMemoryAuditLog({ clock: { now: () => 0, monotonicMs: () => 0 } });
  for (const run of ["run_1", "run_1", "run_2", "run_1"]) await recordWeakened(log, run);
  const runs: (string | undefined)[] = [];
  for await (const entry of log.entries({ kind: "config.weakened" })) runs.push(entry.actor.run);
  expect(runs).toEqual(["run_1", "run_2"]);
});

test("throws what keeps it from being recorded, so that the run does not go on", async () => {
  const log = createMemoryAuditLog({ clock: { now: () => 0, monotonicMs: () => 0 } });
  const full = { ...log, transact: () => Promise.reject(new Error("no room")) };
  await expect(recordWeakened(full, "run_1")).rejects.toThrow("no room");
});
