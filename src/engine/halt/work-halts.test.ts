import { beforeEach, describe, expect, it } from "vitest";
import { createGovernedPlace, type GovernedPlace } from "../../../test/support/governed-place.ts";
import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { createMemoryHaltSwitch } from "../../adapters/governance/memory-halt-switch.ts";
import { createHaltCalls, type HaltCalls } from "./halt-calls.ts";
import { haltable, type Halts, refuseHalted } from "./refuse-halted.ts";
import { createWorkHalts } from "./work-halts.ts";
import { silentLog } from "../../kernel/log.ts";

let place: GovernedPlace;
let halts: Halts;
let calls: HaltCalls;
let reads: number;
let trustReads: number;

/** The log, counting how often it is read. */
function counted(log: AuditLog): Pick<AuditLog, "facts" | "entry"> {
  return {
    facts: () => {
      reads += 1;
      return log.facts();
    },
    entry: (seq) => log.entry(seq),
  };
}

const mark = async () => {
  const { size } = await place.log.facts();
  return size === 0 ? undefined : String(size);
};

beforeEach(() => {
  place = createGovernedPlace();
  reads = 0;
  trustReads = 0;
  halts = createWorkHalts({
    halts: place.halts,
    logMark: mark,
    audit: async () => counted(place.log),
    trust: async () => {
      trustReads += 1;
      return place.trust;
    },
  });
  calls = createHaltCalls({
    halts: place.halts,
    audit: async () => place.log,
    keys: async () => ({ trust: async () => place.trust, signer: async () => place.signer }),
    clock: place.clock,
    log: silentLog,
    projects: async () => ["sample"],
    operator: "ana",
  });
});

describe("work on a project", () => {
  it("is refused when somebody took the halt's file away, with the command that lifts it", async () => {
    await calls.halt({ project: "sample", reason: "wrong prices" });
    expect(await place.halts.lift("sample")).toBe(true);
    await expect(refuseHalted(halts, "sample")).rejects.toMatchObject({
      code: "AUTOSD-HALTED",
      message:
        "Project sample is halted by ana: wrong prices (entry 0 of the audit log; its file was taken away, which lifts nothing). Nothing was done.",
      remedy: "autosd resume --project sample",
      details: { halt: { project: "sample", by: "ana", atMs: place.clock.ms, entry: 0 } },
    });
    await expect(refuseHalted(halts, "other")).resolves.toBeUndefined();
    await calls.resume({ project: "sample", signer: undefined });
    await expect(refuseHalted(halts, "sample")).resolves.toBeUndefined();
  });

  it("is refused when the halt of everything lost its file, born or not", async () => {
    await calls.halt({ project: "*", reason: "" });
    await place.halts.lift("*");
    for (const project of ["sample", undefined])
      await expect(refuseHalted(halts, project)).rejects.toMatchObject({
        message: expect.stringContaining("Every project is halted by ana (entry 0 of") as string,
        remedy: "autosd resume --all",
      });
  });

  it("is refused when the entry that lifts it is nobody's word", async () => {
    await calls.halt({ project: "sample", reason: "" });
    await place.halts.lift("sample");
    await place.log.transact(async () => ({
      append: [
        { kind: "resume", actor: { type: "operator", id: "ana" }, project: "sample", ref: 0 },
      ],
      value: undefined,
    }));
    await expect(refuseHalted(halts, "sample")).rejects.toMatchObject({
      message: expect.stringContaining(
        ": entry 1 lifts nothing: it carries no statement of an operator",
      ) as string,
    });
  });

  it("stops at the next step when the log tells of a halt that came in between", async () => {
    const ctx = { runId: "run_1", now: async () => 1 } as unknown as Parameters<typeof haltable>[0];
    const stoppable = haltable(ctx, halts, "sample");
    expect(await stoppable.now()).toBe(1);
    await calls.halt({ project: "sample", reason: "" });
    await place.halts.lift("sample");
    await expect(stoppable.now()).rejects.toMatchObject({ code: "AUTOSD-HALTED-RUN" });
  });

  it("does not wait for a log that did not change, nor for keys that nobody needs", async () => {
    for (let count = 0; count < 5; count += 1) await halts.haltOf("sample");
    expect(reads).toBe(0);
    await calls.halt({ project: "other", reason: "" });
    for (let count = 0; count < 5; count += 1) await halts.haltOf("sample");
    expect([reads, trustReads]).toEqual([1, 0]);
    await calls.resume({ project: "other", signer: undefined });
    for (let count = 0; count < 5; count += 1) await halts.haltOf("sample");
    expect([reads, trustReads]).toEqual([2, 0]);
  });

  it("is refused with what is wrong when the log cannot be read: it may hold a halt", async () => {
    const damaged = new GovernanceError("AUTOSD-AUDIT-TAMPERED", "It was changed.");
    const blind = createWorkHalts({
      halts: createMemoryHaltSwitch(),
      logMark: async () => "1",
      audit: async () => ({
        facts: () => Promise.reject(damaged),
        entry: async () => undefined,
      }),
      trust: async () => undefined,
    });
    for (let count = 0; count < 2; count += 1)
      await expect(refuseHalted(blind, "sample")).rejects.toBe(damaged);
  });
});
