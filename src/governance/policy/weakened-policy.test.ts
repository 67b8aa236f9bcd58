import { beforeEach, describe, expect, it } from "vitest";
import {
  createGovernedPlace,
  type GovernedPlace,
  policyOf,
  samplePush as push,
} from "../../../test/support/governed-place.ts";
import { createMemoryPolicyArchive } from "../../adapters/governance/memory-policy.ts";
import type { Entry } from "../audit/entry.ts";
import type { ProjectPolicy } from "./door-decision.ts";
import type { Door } from "./door.ts";
import { openDoor } from "./open-door.ts";
import type { PolicyArchive } from "./policy-archive.port.ts";
import { weakeningsOf } from "./weakenings.ts";

const textOf = (rules: readonly unknown[], freezes: readonly unknown[] = []) =>
  JSON.stringify({ schema: "autosd/policy@1", rules, freezes });
const freeze = {
  name: "holidays",
  from: "2020-12-20T00:00:00Z",
  until: "2021-01-05T00:00:00Z",
};

let place: GovernedPlace;
let archive: PolicyArchive;
let policy: ProjectPolicy;
let door: Door;
beforeEach(() => {
  place = createGovernedPlace();
  archive = createMemoryPolicyArchive();
  door = openDoor({
    ...place,
    trust: async () => place.trust,
    policy: async () => policy,
    archive,
    sandbox: "isolated",
  });
});

/** Asks without a grant, under a policy: what is refused goes by a policy, too. */
async function ask(text: string | undefined, action = push): Promise<void> {
  policy = policyOf(text);
  await expect(door.authorize(place.request(action, undefined))).rejects.toMatchObject({
    code: "AUTOSD-PREAUTH-REQUIRED",
  });
}

async function weakened(): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of place.log.entries({ kind: "config.weakened" })) entries.push(entry);
  return entries;
}

describe("a policy that is weaker than the one of the last decision", () => {
  it("is recorded when its file is gone, once, before the next decision", async () => {
    await ask(textOf([{ environments: ["prod"], quorum: 2, requiredGates: ["tests"] }], [freeze]));
    await ask(undefined);
    await ask(undefined);
    const [entry, ...others] = await weakened();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      seq: 1,
      project: "sample",
      ref: 0,
      actor: { type: "system", id: "autosd", run: "run_1" },
      reason: "the policy is weaker than the one of entry 0: requiredGates, quorum, freeze",
    });
    const weaker = entry?.details?.["weaker"] as ReturnType<typeof weakeningsOf>;
    const quorum = weaker.find(({ what }) => what === "quorum");
    expect(quorum).toMatchObject({ before: 2, after: 1 });
    expect(quorum?.where).toContain("deploy in prod");
    expect(quorum?.where).not.toContain("deploy in dev");
    expect((await place.log.entry(2))?.kind).toBe("deny");
  });

  it("is recorded with what it then allows", async () => {
    const grant = await place.issue();
    await ask(textOf([{ minIntervalSeconds: 60 }]));
    policy = policyOf();
    await door.authorize(place.request(push, grant));
    const kinds: string[] = [];
    for await (const entry of place.log.entries({})) kinds.push(entry.kind);
    expect(kinds).toEqual(["grant.issue", "deny", "config.weakened", "reserve"]);
  });

  it.each([
    ["stricter", textOf([{ quorum: 3 }])],
    ["written otherwise", `${textOf([{ quorum: 2 }])}\n`],
  ])("is not what is %s", async (_what, text) => {
    await ask(textOf([{ quorum: 2 }]));
    await ask(text);
    expect(await weakened()).toEqual([]);
  });

  it("is not one of another project, nor the first, nor one that nobody can use", async () => {
    await ask(textOf([{ quorum: 2 }]));
    await ask(undefined, { ...push, project: "other" });
    await ask("no policy at all");
    expect(await weakened()).toEqual([]);
    await ask(undefined);
    expect(await weakened()).toMatchObject([{ project: "sample", ref: 0 }]);
  });

  it("is recorded as unknown when nobody can read what it was", async () => {
    await ask(textOf([{ quorum: 2 }]));
    archive.read = async () => undefined;
    await ask(undefined);
    expect(await weakened()).toMatchObject([
      {
        reason: "the policy of entry 0 cannot be read any more, nor compared",
        details: { weaker: null },
      },
    ]);
  });
});

describe("what is weaker", () => {
  const resolved = (text: string | undefined, overlay?: string) => {
    const { state } = policyOf(text);
    if (state.kind === "unusable") throw new Error(JSON.stringify(state.findings));
    const said = overlay === undefined ? undefined : { text: overlay, source: "policy.cedar" };
    return { ...state.policy, overlay: said };
  };
  const found = (before: string | undefined, after: string | undefined) =>
    weakeningsOf(resolved(before), resolved(after)).map(({ what }) => what);

  it.each([
    ["allowedActions", { allowedActions: ["push"] }],
    ["allowedTargets", { allowedTargets: ["process"] }],
    ["requiredGates", { requiredGates: ["tests"] }],
    ["refuseWhenBurning", { refuseWhenBurning: ["*"] }],
    ["quorum", { quorum: 2 }],
    ["maxSpendUsd", { maxSpendUsd: 1 }],
    ["minIntervalSeconds", { minIntervalSeconds: 9 }],
    ["maxGrantLifetimeHours", { maxGrantLifetimeHours: 1 }],
    ["maxDelegationDepth", { maxDelegationDepth: 0 }],
    ["unprotectedKeys", { unprotectedKeys: "refuse" }],
    ["breakGlass", { breakGlass: "refuse" }],
    ["sandboxNone", { sandboxNone: "refuse" }],
  ])("in %s: what is not said any more, and never what is said anew", (name, rule) => {
    expect(found(textOf([rule]), undefined)).toEqual([name]);
    expect(found(undefined, textOf([rule]))).toEqual([]);
  });

  it("an overlay that is gone or another, and a freeze that is not as it was", () => {
    const overlaid = resolved(undefined, "permit");
    expect(weakeningsOf(overlaid, resolved(undefined))).toMatchObject([
      { what: "overlay", after: null },
    ]);
    expect(weakeningsOf(overlaid, resolved(undefined, "other"))).toMatchObject([
      { what: "overlay", after: "changed" },
    ]);
    expect(weakeningsOf(resolved(undefined), overlaid)).toEqual([]);
    const shorter = { ...freeze, until: "2020-12-21T00:00:00Z" };
    expect(found(textOf([], [freeze]), textOf([], [shorter]))).toEqual(["freeze"]);
    expect(found(textOf([], [freeze]), textOf([{ quorum: 2 }], [shorter, freeze]))).toEqual([]);
  });
});
