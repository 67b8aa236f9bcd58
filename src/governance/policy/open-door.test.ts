import { describe, expect, it } from "vitest";
import {
  createGovernedPlace,
  type GovernedPlace,
  policyOf,
} from "../../../test/support/governed-place.ts";
import { createMemoryPolicyArchive } from "../../adapters/governance/memory-policy.ts";
import type { Entry } from "../audit/entry.ts";
import { GovernanceError } from "../errors.ts";
import type { PrivilegedAction } from "../grants/action.ts";
import { Authorization } from "./authorization.ts";
import { openDoor } from "./open-door.ts";

const commit = "a".repeat(40);
const done = { ok: true, result: { commit }, costMicrousd: 0 } as const;

function push(run = "run_1"): PrivilegedAction {
  return {
    action: "push",
    project: "sample",
    environment: null,
    target: null,
    commit,
    artifact: null,
    run,
  };
}

async function entriesOf(place: GovernedPlace): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of place.log.entries({})) entries.push(entry);
  return entries;
}

async function refusalOf(asked: Promise<unknown>): Promise<GovernanceError> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GovernanceError)) throw new Error("the door did not refuse");
  return error;
}

describe("the door", () => {
  it("gives leave for one act on a grant, recorded before it is given", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const leave = await place.door.authorize(place.request(push(), grant));
    const last = (await entriesOf(place)).at(-1);
    expect(last).toMatchObject({ kind: "reserve", decision: "allow", action: "push", commit });
    expect(last?.grant).toMatchObject({ jti: grant, chain: [grant] });
    expect(last?.policy?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(last?.details?.["input"]).toMatchObject({ action: push(), sandbox: "isolated" });
    const expected = { kind: "privileged", action: push() } as const;
    expect(Authorization.spend(leave, { ...expected, action: push("run_2") })).toBe("other-action");
    expect(Authorization.spend(leave, expected)).toBeUndefined();
    expect(Authorization.spend(leave, expected)).toBe("used");
  });

  it("asks for a grant when none is named, with the least command that makes one", async () => {
    const place = createGovernedPlace();
    const error = await refusalOf(place.door.authorize(place.request(push(), undefined)));
    expect(error.code).toBe("AUTOSD-PREAUTH-REQUIRED");
    expect(error.exitCode).toBe(3);
    expect(error.remedy).toBe(
      "autosd preauth create-grant --project-ids sample --auto-push --max-uses 1 --expires-in-hours 1",
    );
    expect((await entriesOf(place)).at(-1)).toMatchObject({
      kind: "deny",
      decision: "deny",
      code: "AUTOSD-PREAUTH-REQUIRED",
    });
  });

  it.each(["../../etc/passwd", "grt_../x", "", "grt_\0", "x".repeat(10_000)])(
    "refuses what is no grant id, without touching a path: %j",
    async (grant) => {
      const place = createGovernedPlace();
      const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
      expect(error.code).toBe("AUTOSD-PREAUTH-INVALID");
    },
  );

  it("says each thing that is wrong with a grant, and where it is recorded", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    place.clock.ms += 3_601_000;
    const other = { ...push(), project: "elsewhere" };
    const error = await refusalOf(place.door.authorize(place.request(other, grant)));
    expect(error.code).toBe("AUTOSD-PREAUTH-INVALID");
    const failures = error.details["failures"] as readonly { readonly reason: string }[];
    expect(failures.map((one) => one.reason)).toEqual(["expired", "scope_project"]);
    expect(error.details["reason"]).toBe("expired");
    const last = (await entriesOf(place)).at(-1);
    expect(last).toMatchObject({ kind: "deny", reason: "expired", project: "elsewhere" });
    expect(error.details["audit_seq"]).toBe(last?.seq);
  });

  it("obeys a halt, whether the switch says so or only the log", async () => {
    const switched = createGovernedPlace();
    const halt = { project: "sample", reason: "bad day", by: "owner", atMs: switched.clock.ms };
    const grant = await switched.issue();
    await switched.halts.halt(halt);
    const error = await refusalOf(switched.door.authorize(switched.request(push(), grant)));
    expect([error.code, error.remedy]).toEqual(["AUTOSD-HALTED", "autosd resume --project sample"]);

    const logged = createGovernedPlace();
    const second = await logged.issue();
    await logged.log.transact(async () => ({
      append: [
        { kind: "halt", actor: { type: "operator", id: "owner" }, project: "*", reason: "all" },
      ],
      value: undefined,
    }));
    const denied = await refusalOf(logged.door.authorize(logged.request(push(), second)));
    expect(denied.code).toBe("AUTOSD-HALTED");
  });

  it("never acts on more uses than a grant has, however many ask at once", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const asked = Array.from({ length: 25 }, (_, index) =>
      place.door.authorize(place.request(push(`run_${index}`), grant)),
    );
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(10);
    const error = await refusalOf(place.door.authorize(place.request(push("late"), grant)));
    expect(error.details["reason"]).toBe("budget_uses");
  });

  it("refuses a revoked grant, by the file or by the log alone", async () => {
    const place = createGovernedPlace();
    const byFile = await place.issue();
    await place.grants.revoke({ jti: byFile, atMs: place.clock.ms, reason: "" });
    const byLog = await place.issue();
    await place.log.transact(async () => ({
      append: [
        {
          kind: "grant.revoke",
          actor: { type: "operator", id: "owner" },
          grant: { jti: byLog, chain: [byLog], kids: [] },
        },
      ],
      value: undefined,
    }));
    for (const grant of [byFile, byLog]) {
      const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
      expect(error.code).toBe("AUTOSD-PREAUTH-INVALID");
      expect(String(error.details["reason"])).toMatch(/^revo/);
    }
  });

  it("permits nothing that cannot be recorded", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const full = new GovernanceError("AUTOSD-AUDIT-UNWRITABLE", "no room");
    const door = openDoor({
      ...place,
      log: { ...place.log, transact: async () => Promise.reject(full) },
      trust: async () => undefined,
      policy: async () => policyOf(),
      archive: createMemoryPolicyArchive(),
      sandbox: "isolated",
    });
    await expect(door.authorize(place.request(push(), grant))).rejects.toBe(full);
  });

  it("needs trusted keys", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const door = openDoor({
      ...place,
      trust: async () => undefined,
      policy: async () => policyOf(),
      archive: createMemoryPolicyArchive(),
      sandbox: "isolated",
    });
    const error = await refusalOf(door.authorize(place.request(push(), grant)));
    expect([error.code, error.remedy]).toEqual([
      "AUTOSD-PREAUTH-INVALID",
      "autosd preauth init-keys",
    ]);
  });
});

describe("policy at the door", () => {
  const rule = (limits: object): string =>
    JSON.stringify({ schema: "autosd/policy@1", rules: [limits] });

  it("refuses what the project's policy does not allow, and says where it says so", async () => {
    const place = createGovernedPlace(policyOf(rule({ allowedActions: ["deploy"] })));
    const grant = await place.issue();
    const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
    expect(error.code).toBe("AUTOSD-POLICY-DENIED");
    expect(error.message).toContain("policy.json rules[0].allowedActions");
    expect(error.remedy).toBe(
      `autosd policy explain --project sample --action push --commit ${"a".repeat(40)} --preauth-grant ${grant}`,
    );
    const last = (await entriesOf(place)).at(-1);
    expect(last).toMatchObject({ kind: "deny", code: "AUTOSD-POLICY-DENIED", reason: "action" });
  });

  it("denies what needs facts that nobody has", async () => {
    const place = createGovernedPlace(policyOf(rule({ refuseWhenBurning: ["*"] })));
    const grant = await place.issue();
    const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
    expect(error.code).toBe("AUTOSD-POLICY-ERROR");
  });

  it("asks for the gates and the operators that policy demands, besides the grant's", async () => {
    const place = createGovernedPlace(policyOf(rule({ requiredGates: ["tests"], quorum: 2 })));
    const grant = await place.issue();
    const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
    expect([error.code, error.details["reason"]]).toEqual([
      "AUTOSD-PREAUTH-INVALID",
      "quorum_short",
    ]);
  });

  it.each(["{", '{"unknown": 1}', rule({ quorum: 0 })])(
    "allows nothing under a policy that is not sound: %s",
    async (text) => {
      const place = createGovernedPlace(policyOf(text));
      const grant = await place.issue();
      const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
      expect(error.code).toBe("AUTOSD-POLICY-ERROR");
    },
  );
});

describe("the same function without the act", () => {
  it("says what the door would say and writes nothing", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const { size } = await place.log.facts();
    const allowed = await place.door.evaluate(place.request(push(), grant));
    expect(allowed).toMatchObject({ kind: "allowed", grant });
    const refused = await place.door.evaluate(place.request(push(), undefined));
    expect(refused).toMatchObject({
      kind: "refused",
      refusal: { code: "AUTOSD-PREAUTH-REQUIRED" },
    });
    expect((await place.log.facts()).size).toBe(size);
  });
});

describe("an action that was reserved", () => {
  it("gives back its recorded result, and is not done again", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const leave = await place.door.authorize(place.request(push(), grant));
    expect(await place.door.recorded(push())).toBeUndefined();
    await place.door.settle(leave, done);
    expect(await place.door.recorded(push())).toEqual({ result: { commit } });
    const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
    expect(error.details["reason"]).toBe("replay");
  });

  it("is refused while it is open, and stays spent", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    await place.door.authorize(place.request(push(), grant));
    const error = await refusalOf(place.door.authorize(place.request(push(), grant)));
    expect(error.details["reason"]).toBe("replay");
    expect((await place.log.facts()).usageOf(grant).uses).toBe(1);
  });

  it("may be tried again after it is known that it did not happen, at the price of a use", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    await place.door.authorize(place.request(push(), grant));
    await place.door.reconcile(push(), { ok: false, code: "not-done", message: "it was cut" });
    const leave = await place.door.authorize(place.request(push(), grant));
    expect((await place.log.facts()).usageOf(grant).uses).toBe(2);
    await place.door.settle(leave, done);
    expect(await place.door.recorded(push())).toEqual({ result: { commit } });
  });

  it("is settled by what the target says after a crash, once", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    await place.door.authorize(place.request(push(), grant));
    await place.door.reconcile(push(), done);
    await place.door.reconcile(push(), done);
    const settled = (await entriesOf(place)).filter((entry) => entry.kind === "settle");
    expect(settled).toHaveLength(1);
    expect(await place.door.recorded(push())).toEqual({ result: { commit } });
  });

  it("is settled by nothing but its own authorization", async () => {
    const place = createGovernedPlace();
    const grant = await place.issue();
    const leave = await place.door.authorize(place.request(push(), grant));
    const forged = Object.assign({}, leave);
    await expect(place.door.settle(forged, done)).rejects.toThrow(TypeError);
    const local = Authorization.forLocalAction({
      kind: "workspace.commit",
      project: "sample",
      runId: "run_1",
      key: "k",
    });
    await expect(place.door.settle(local, done)).rejects.toThrow(TypeError);
  });
});
