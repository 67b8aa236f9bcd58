import { beforeEach, describe, expect, it } from "vitest";
import { testKey, type TestKey, trusted } from "../../../test/support/grants.ts";
import { createMemoryAuditLog } from "../../adapters/governance/memory-audit-log.ts";
import { createMemoryGrantStore } from "../../adapters/governance/memory-grant-store.ts";
import { createIds } from "../../adapters/process/system-ids.ts";
import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import { believedFacts } from "../../governance/policy/believed-facts.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { checkGrant } from "../../governance/grants/check-grant.ts";
import { renderGrantFile, tokenOf } from "../../governance/grants/grant-file.ts";
import { idemOf } from "../../governance/grants/idem.ts";
import type { PrivilegedAction } from "../../governance/grants/action.ts";
import type { GrantStore } from "../../governance/grants/grant-store.port.ts";
import type { GrantWishes, NarrowerWishes } from "../../governance/grants/grant-wishes.ts";
import { statementBytes } from "../../governance/grants/operator-statement.ts";
import { addSignature } from "../../governance/keys/jws.ts";
import { verifySignature } from "../../governance/keys/public-key.ts";
import type { TrustList } from "../../governance/keys/trust.ts";
import { fromBase64Url } from "../../kernel/base64url.ts";
import { silentLog } from "../../kernel/log.ts";
import { createGrantCalls } from "./create-grant-calls.ts";
import type { GrantCalls } from "./grant-calls.ts";
import type { GrantServices } from "./grant-services.ts";

const origin = "autosd/memory";
const startMs = 1_800_000_000_000;
const commit = "3f2a1c9e0011223344556677889900aabbccddee";
const noRights = {
  autoDeploy: [],
  autoRollback: false,
  autoHeal: false,
  rotateDeployments: false,
  autoPush: false,
  autoMergePr: false,
  createRepos: false,
  environments: undefined,
  targets: undefined,
  maxUses: undefined,
  maxSpendUsd: undefined,
  minIntervalSeconds: undefined,
  gates: undefined,
  waiveGates: undefined,
  bindCommit: undefined,
  bindArtifact: undefined,
  reason: undefined,
  agent: undefined,
  depth: undefined,
} as const;
const narrower: NarrowerWishes = { ...noRights, projectIds: undefined, expiresInHours: undefined };
const wishes: GrantWishes = {
  ...noRights,
  projectIds: ["my-project"],
  autoDeploy: ["staging"],
  gates: [],
  breakGlass: false,
  expiresInHours: 2,
  quorum: undefined,
};
const deploy: PrivilegedAction = {
  action: "deploy",
  project: "my-project",
  environment: "staging",
  target: "process",
  commit,
  artifact: null,
  run: "run_1",
};

let nowMs = startMs;
const clock = { now: () => nowMs, monotonicMs: () => nowMs };
let ana: TestKey;
let ben: TestKey;
let agent: TestKey;
let trust: TrustList;
let store: GrantStore;
let audit: AuditLog;
let files: Map<string, Uint8Array>;
let calls: GrantCalls;

function servicesWith(changes: Partial<GrantServices> = {}): GrantServices {
  const keys = [ana, ben];
  return {
    store,
    audit: async () => audit,
    keyring: async () => ({
      trust: async () => trust,
      trustFile: async () => undefined,
      signer: async ({ kid }) => {
        const key = keys.find((one) => one.signer.kid === (kid ?? ana.signer.kid));
        if (key === undefined) throw new GovernanceError("AUTOSD-PREAUTH-KEYS", "No such key.");
        return key.signer;
      },
      create: async () => ana.signer,
      held: async () => [],
      discard: async () => undefined,
      saveTrust: async () => true,
    }),
    delegationKeys: { create: async () => agent.signer.jwk, signer: async () => agent.signer },
    files: {
      read: async (path) => files.get(path) ?? new Uint8Array(),
      write: async (path, bytes) => void files.set(path, bytes),
    },
    clock,
    ids: createIds({ clock, random: (size) => new Uint8Array(size).fill(7) }),
    log: async () => silentLog,
    operator: "user",
    ...changes,
  };
}

beforeEach(() => {
  nowMs = startMs;
  ana = testKey();
  ben = testKey();
  agent = testKey();
  trust = {
    v: 1,
    origin,
    genesis: "g",
    version: 1,
    keys: [trusted(ana, "ana"), trusted(ben, "ben")],
  };
  store = createMemoryGrantStore();
  audit = createMemoryAuditLog({ clock, origin });
  files = new Map();
  calls = createGrantCalls(servicesWith());
});

async function issue(changes: Partial<GrantWishes> = {}): Promise<string> {
  const delegate = changes.depth === undefined ? undefined : { kind: "new" as const, file: "k" };
  const issued = await calls.create({
    wishes: { ...wishes, ...changes },
    signer: undefined,
    delegate,
  });
  return issued.grant.jti;
}

async function reasonsFor(jti: string, action = deploy): Promise<readonly string[]> {
  const checked = await checkGrant({
    jti,
    file: await store.read(jti),
    nowMs,
    subject: "agent:autosd",
    action,
    spendCeilingMicrousd: 0,
    trust,
    facts: await believedFacts(await audit.facts(), trust),
    revocationOf: (id) => store.revocationOf(id),
    requiredGates: [],
    minimumQuorum: 1,
  });
  return checked.kind === "verified" ? [] : checked.failures.map((one) => one.reason);
}

async function lastEntry() {
  for await (const entry of audit.entries({ last: 1 })) return entry;
  return undefined;
}

describe("creating", () => {
  it("makes a grant that can be used for what was asked and for nothing else", async () => {
    const jti = await issue();
    expect(await reasonsFor(jti)).toEqual([]);
    expect(await reasonsFor(jti, { ...deploy, environment: "prod" })).toEqual([
      "scope_environment",
    ]);
    expect(await lastEntry()).toMatchObject({
      kind: "grant.issue",
      actor: { type: "operator", id: "ana" },
      project: "my-project",
      grant: { jti, chain: [jti], kids: [ana.signer.kid] },
      details: { exp: startMs / 1_000 + 7_200, log: { origin, size: 0 } },
    });
  });

  it("leaves no usable grant when it cannot be recorded", async () => {
    const failure = new GovernanceError("AUTOSD-AUDIT-UNWRITABLE", "The disk is full.");
    const broken: AuditLog = {
      ...audit,
      transact: async (work) => {
        await work(await audit.facts());
        throw failure;
      },
    };
    const unlucky = createGrantCalls(servicesWith({ audit: async () => broken }));
    const input = { wishes, signer: undefined, delegate: undefined };
    await expect(unlucky.create(input)).rejects.toBe(failure);
    expect(await store.list()).toEqual([]);
  });

  it.each([
    ["retired", { lastValidSeq: 3 }],
    ["over", { notAfter: startMs / 1_000 }],
    ["an agent's", { roles: ["agent" as const] }],
  ])("refuses a key that is %s", async (_name, changes) => {
    trust = { ...trust, keys: [trusted(ana, "ana", changes)] };
    await expect(issue()).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-KEYS" });
    expect(await lastEntry()).toBeUndefined();
  });

  it("refuses three hours of break-glass and a depth without a key", async () => {
    const refusal = { code: "AUTOSD-PREAUTH-INPUT" };
    await expect(issue({ breakGlass: true, expiresInHours: 3 })).rejects.toMatchObject(refusal);
    const bare = { wishes: { ...wishes, depth: 1 }, signer: undefined, delegate: undefined };
    await expect(calls.create(bare)).rejects.toMatchObject(refusal);
    expect(await reasonsFor(await issue({ breakGlass: true, expiresInHours: 2 }))).toEqual([]);
  });
});

describe("listing and showing", () => {
  it("tells active, expired, revoked and unsigned grants apart, oldest first", async () => {
    const expired = await issue({ expiresInHours: 0.5 });
    nowMs += 1;
    const active = await issue({ expiresInHours: 5 });
    nowMs += 1;
    const revoked = await issue({ expiresInHours: 5 });
    nowMs += 1;
    const short = await issue({ expiresInHours: 5, quorum: 2 });
    await calls.revoke({ jti: revoked, reason: "" });
    await store.write("grt_01ZZZZZZZZZZZZZZZZZZZZZZZZ", new Uint8Array([1]));
    nowMs += 3_600_000;
    const listed = await calls.list({ activeOnly: false });
    expect(listed.map(({ jti, state }) => [jti, state])).toEqual([
      [expired, "expired"],
      [active, "active"],
      [revoked, "revoked"],
      [short, "unsigned"],
      ["grt_01ZZZZZZZZZZZZZZZZZZZZZZZZ", "unreadable"],
    ]);
    const only = await calls.list({ activeOnly: true });
    expect(only.map((one) => one.jti)).toEqual([active]);
  });

  it("shows what is left of a grant, and what stands against it", async () => {
    const jti = await issue({ maxUses: 1 });
    expect(await calls.show(jti)).toMatchObject({ state: "active", operators: ["ana"] });
    await reserve(jti);
    expect(await calls.show(jti)).toMatchObject({
      state: "spent",
      usage: { uses: 1 },
      failures: [{ reason: "budget_uses" }],
    });
    trust = { ...trust, keys: [trusted(ben, "ben")] };
    expect(await calls.show(jti)).toMatchObject({ state: "invalid" });
    await expect(calls.show("../x")).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
  });
});

async function reserve(jti: string): Promise<number> {
  const { entries } = await audit.transact(async () => ({
    append: [
      {
        kind: "reserve",
        actor: { type: "agent", id: "autosd" },
        project: "my-project",
        grant: { jti, chain: [jti], kids: [] },
        idem: idemOf(deploy),
        cost: 0,
      },
    ],
    value: undefined,
  }));
  return entries[0]?.seq ?? -1;
}

describe("revoking and reinstating", () => {
  it("stops at once, without a key, even when nothing can be recorded", async () => {
    const jti = await issue();
    const lost = async (): Promise<AuditLog> => {
      throw new GovernanceError("AUTOSD-AUDIT-TAMPERED", "The log is damaged.");
    };
    const keyless = createGrantCalls(
      servicesWith({ audit: lost, keyring: () => Promise.reject(new Error("no keys")) }),
    );
    expect(await keyless.revoke({ jti, reason: "lost" })).toMatchObject({
      wasRevoked: false,
      notRecorded: { code: "AUTOSD-AUDIT-TAMPERED" },
    });
    expect(await reasonsFor(jti)).toEqual(["revoked"]);
  });

  it("is recorded once and says when it was", async () => {
    const jti = await issue();
    await calls.revoke({ jti, reason: "lost" });
    nowMs += 5_000;
    expect(await calls.revoke({ jti, reason: "again" })).toMatchObject({
      wasRevoked: true,
      reason: "lost",
      atMs: startMs,
    });
    expect((await audit.facts()).size).toBe(2);
    await expect(
      calls.revoke({ jti: "grt_01ZZZZZZZZZZZZZZZZZZZZZZZZ", reason: "" }),
    ).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
  });

  it("is taken back by an operator's signature that the log keeps", async () => {
    const jti = await issue();
    await calls.revoke({ jti, reason: "" });
    expect(await calls.reinstate({ jti, reason: "mistake", signer: undefined })).toMatchObject({
      wasRevoked: true,
    });
    expect(await reasonsFor(jti)).toEqual([]);
    await expectSigned();
    expect(await calls.reinstate({ jti, reason: "", signer: undefined })).toEqual({
      jti,
      wasRevoked: false,
      seq: null,
    });
    await calls.revoke({ jti, reason: "after all" });
    expect(await lastEntry()).toMatchObject({ kind: "grant.revoke", reason: "after all" });
    expect(await reasonsFor(jti)).toEqual(["revoked"]);
  });

  it("is not taken back when it is revoked anew while the operator signs", async () => {
    const jti = await issue();
    await calls.revoke({ jti, reason: "" });
    const slow = createGrantCalls(
      servicesWith({
        keyring: async () => ({
          ...(await servicesWith({}).keyring()),
          signer: async () => ({
            ...ana.signer,
            sign: async (bytes: Uint8Array) => {
              await audit.transact(async () => ({
                append: [
                  {
                    kind: "grant.revoke",
                    actor: { type: "operator", id: "ben" },
                    grant: { jti, chain: [jti], kids: [] },
                  },
                ],
                value: undefined,
              }));
              return ana.signer.sign(bytes);
            },
          }),
        }),
      }),
    );
    await expect(slow.reinstate({ jti, reason: "", signer: undefined })).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
    expect(await reasonsFor(jti)).toEqual(["revoked"]);
  });
});

/** The newest entry holds a statement that ana signed, unharmed by redaction. */
async function expectSigned(): Promise<void> {
  const details = (await lastEntry())?.details ?? {};
  const statement = details["statement"] as Parameters<typeof statementBytes>[0];
  const signature = fromBase64Url(String(details["signature"])) ?? new Uint8Array();
  expect(details["kid"]).toBe(ana.signer.kid);
  expect(verifySignature(ana.signer.jwk, statementBytes(statement), signature)).toBe(true);
}

describe("approving", () => {
  it("makes a grant usable when a second operator signed, and not before", async () => {
    const jti = await issue({ quorum: 2 });
    expect(await reasonsFor(jti)).toEqual(["quorum_short"]);
    const again = { source: jti, signer: undefined, importOnly: false };
    await expect(calls.approve(again)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
    const approved = await calls.approve({ ...again, signer: ben.signer.kid });
    expect(approved).toMatchObject({ operators: ["ana", "ben"], need: 2, stored: true });
    expect(await reasonsFor(jti)).toEqual([]);
    expect(await lastEntry()).toMatchObject({ kind: "grant.approve", actor: { id: "ben" } });
  });

  it("keeps no signature that could not be recorded, and adds it when the log works again", async () => {
    const jti = await issue({ quorum: 2 });
    const before = await store.read(jti);
    const full: AuditLog = {
      ...audit,
      facts: () => audit.facts(),
      transact: async (work) => {
        await work(await audit.facts());
        throw new GovernanceError("AUTOSD-AUDIT-UNWRITABLE", "The disk is full.");
      },
    };
    const input = { source: jti, signer: ben.signer.kid, importOnly: false };
    const onFullDisk = createGrantCalls(servicesWith({ audit: async () => full }));
    await expect(onFullDisk.approve(input)).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-UNWRITABLE",
    });
    expect(await store.read(jti)).toEqual(before);
    expect(await calls.approve(input)).toMatchObject({ operators: ["ana", "ben"] });
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it("signs while nobody waits for the log, as a new grant is signed", async () => {
    const jti = await issue({ quorum: 2 });
    let isLocked = false;
    const locking: AuditLog = {
      ...audit,
      transact: (work) =>
        audit.transact(async (facts) => {
          isLocked = true;
          return work(facts).finally(() => (isLocked = false));
        }),
    };
    const slow = (key: TestKey) => ({
      ...key.signer,
      sign: async (bytes: Uint8Array) => {
        expect(isLocked).toBe(false);
        return key.signer.sign(bytes);
      },
    });
    const services = servicesWith({ audit: async () => locking });
    const keyring = { ...(await services.keyring()), signer: async () => slow(ben) };
    const delegationKeys = { ...services.delegationKeys, signer: async () => slow(agent) };
    const patient = createGrantCalls({
      ...{ ...services, delegationKeys },
      keyring: async () => keyring,
    });
    await patient.approve({ source: jti, signer: undefined, importOnly: false });
    expect((await reasonsFor(jti)).join()).toBe("");
    await patient.create({ wishes, signer: undefined, delegate: undefined });
    const parent = await issue({ depth: 1 });
    const key = { keyFile: "agent.key", delegate: undefined };
    await patient.delegate({ jti: parent, wishes: narrower, ...key });
    expect(await lastEntry()).toMatchObject({ kind: "grant.issue", actor: { type: "agent" } });
  });

  it("keeps what another operator signed meanwhile", async () => {
    const jti = await issue({ quorum: 3 });
    const cleo = testKey();
    trust = { ...trust, keys: [...trust.keys, trusted(cleo, "cleo")] };
    const services = servicesWith();
    const callsBy = async (signer: TestKey["signer"]) =>
      createGrantCalls({
        ...services,
        keyring: async () => ({ ...(await services.keyring()), signer: async () => signer }),
      });
    const approval = { source: jti, signer: undefined, importOnly: false };
    const slow = await callsBy({
      ...ben.signer,
      sign: async (bytes) => {
        await (await callsBy(cleo.signer)).approve(approval);
        return ben.signer.sign(bytes);
      },
    });
    const approved = await slow.approve(approval);
    expect([...approved.operators].sort()).toEqual(["ana", "ben", "cleo"]);
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it("records a signature that is in the store and not in the log, by the same command", async () => {
    const jti = await issue({ quorum: 2 });
    const stored = await store.read(jti);
    if (stored === undefined) throw new Error("no grant was stored");
    const slipped = tokenOf(await addSignature(stored, ben.signer));
    await store.write(jti, renderGrantFile([slipped]));
    expect(await reasonsFor(jti)).toEqual(["signature"]);
    const again = { source: jti, signer: ben.signer.kid, importOnly: false };
    await calls.approve(again);
    expect(await reasonsFor(jti)).toEqual([]);
    await expect(calls.approve(again)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
  });

  it("takes over the signature that a file brings back from elsewhere", async () => {
    const jti = await issue({ quorum: 2 });
    files.set("g.json", (await store.read(jti)) ?? new Uint8Array());
    const elsewhere = createGrantCalls(
      servicesWith({
        store: createMemoryGrantStore(),
        audit: async () => createMemoryAuditLog({ clock, origin: "autosd/elsewhere" }),
      }),
    );
    const signed = await elsewhere.approve({
      source: "g.json",
      signer: ben.signer.kid,
      importOnly: false,
    });
    expect(signed).toMatchObject({ stored: false, file: "g.json" });
    expect(await reasonsFor(jti)).toEqual(["quorum_short"]);
    await calls.approve({ source: "g.json", signer: undefined, importOnly: true });
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it("lets nobody slip a signature past the log; once it is recorded it counts", async () => {
    const jti = await issue({ quorum: 2 });
    const bytes = (await store.read(jti)) ?? new Uint8Array();
    const both = renderGrantFile([tokenOf(await addSignature(bytes, ben.signer))]);
    await store.write(jti, both);
    expect(await reasonsFor(jti)).toEqual(["signature"]);
    expect((await calls.show(jti)).state).toBe("invalid");
    await calls.approve({ source: jti, signer: undefined, importOnly: true });
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it("takes over no signature of a key that was retired meanwhile, and leaves the grant as it was", async () => {
    const jti = await issue({ quorum: 2 });
    const before = (await store.read(jti)) ?? new Uint8Array();
    const late = renderGrantFile([tokenOf(await addSignature(before, ben.signer))]);
    files.set("late.json", late);
    const { size } = await audit.facts();
    const keys = [trusted(ana, "ana"), trusted(ben, "ben", { lastValidSeq: size })];
    trust = { ...trust, version: 2, keys };
    const brought = { source: "late.json", signer: undefined, importOnly: true };
    await expect(calls.approve(brought)).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INVALID",
      details: { reason: "key_retired" },
    });
    expect(await store.read(jti)).toEqual(before);
    expect(await reasonsFor(jti)).toEqual(["quorum_short"]);
    await store.write(jti, late);
    expect(await reasonsFor(jti)).toEqual(["key_retired"]);
  });

  it("adds no signature to one of a key that has ended", async () => {
    const jti = await issue({ quorum: 3 });
    await calls.approve({ source: jti, signer: ben.signer.kid, importOnly: false });
    const before = await store.read(jti);
    const ended = trusted(ana, "ana", { notAfter: startMs / 1_000 });
    const cleo = testKey();
    trust = { ...trust, keys: [ended, trusted(ben, "ben"), trusted(cleo, "cleo")] };
    nowMs += 1_000;
    const services = servicesWith();
    const keyring = { ...(await services.keyring()), signer: async () => cleo.signer };
    const byCleo = createGrantCalls({ ...services, keyring: async () => keyring });
    await expect(
      byCleo.approve({ source: jti, signer: undefined, importOnly: false }),
    ).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INVALID",
      details: { failures: [{ reason: "key_retired", stage: 9 }] },
    });
    expect(await store.read(jti)).toEqual(before);
  });

  it("keeps an approval that came before its key was retired", async () => {
    const jti = await issue({ quorum: 2 });
    await calls.approve({ source: jti, signer: ben.signer.kid, importOnly: false });
    const { size } = await audit.facts();
    const keys = [trusted(ana, "ana"), trusted(ben, "ben", { lastValidSeq: size })];
    trust = { ...trust, version: 2, keys };
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it("refuses what is forged, revoked or over", async () => {
    const jti = await issue({ quorum: 2 });
    const bytes = (await store.read(jti)) ?? new Uint8Array();
    const forged = new TextEncoder().encode(
      new TextDecoder()
        .decode(bytes)
        .replace(/"signature":"(.)/, (_, first) => `"signature":"${first === "A" ? "B" : "A"}`),
    );
    files.set("forged.json", forged);
    const input = { signer: ben.signer.kid, importOnly: false };
    const refusal = { code: "AUTOSD-PREAUTH-INVALID" };
    await expect(calls.approve({ source: "forged.json", ...input })).rejects.toMatchObject(refusal);
    await calls.revoke({ jti, reason: "" });
    await expect(calls.approve({ source: jti, ...input })).rejects.toMatchObject(refusal);
    const other = await issue({ quorum: 2, expiresInHours: 1 });
    nowMs += 3_600_000;
    await expect(calls.approve({ source: other, ...input })).rejects.toMatchObject(refusal);
  });
});

describe("delegating", () => {
  const at = { keyFile: "agent.key", delegate: undefined };

  it("makes a narrower child that dies with its parent", async () => {
    const jti = await issue({ depth: 1, autoDeploy: ["dev", "staging"] });
    const wanted = { ...narrower, environments: ["staging"] as const, maxUses: 1 };
    const child = (await calls.delegate({ jti, wishes: wanted, ...at })).grant.jti;
    expect(await reasonsFor(child)).toEqual([]);
    expect(await reasonsFor(child, { ...deploy, environment: "dev" })).toEqual([
      "scope_environment",
    ]);
    expect(await lastEntry()).toMatchObject({
      kind: "grant.issue",
      actor: { type: "agent" },
      grant: { jti: child, chain: [child, jti], kids: [agent.signer.kid] },
    });
    await calls.revoke({ jti, reason: "" });
    expect(await reasonsFor(child)).toEqual(["revoked"]);
    const states = (await calls.list({ activeOnly: false })).map((one) => one.state);
    expect(states).toEqual(["revoked", "revoked"]);
  });

  it("refuses more than the parent has, another key, and parents that are good for nothing", async () => {
    const jti = await issue({ depth: 1 });
    const refusal = { code: "AUTOSD-PREAUTH-INPUT" };
    for (const more of [
      { autoDeploy: ["prod"] as const },
      { maxUses: 21 },
      { expiresInHours: 3 },
      { projectIds: ["*"] },
      { maxSpendUsd: 1 },
    ])
      await expect(
        calls.delegate({ jti, wishes: { ...narrower, ...more }, ...at }),
      ).rejects.toMatchObject(refusal);
    const stranger = createGrantCalls(
      servicesWith({
        delegationKeys: { create: async () => ben.signer.jwk, signer: async () => ben.signer },
      }),
    );
    await expect(stranger.delegate({ jti, wishes: narrower, ...at })).rejects.toMatchObject(
      refusal,
    );
    await calls.revoke({ jti, reason: "" });
    await expect(calls.delegate({ jti, wishes: narrower, ...at })).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INVALID",
    });
    expect(await store.list()).toEqual([jti]);
  });
});

describe("releasing", () => {
  it("gives back a reservation that is open, once, on an operator's signature", async () => {
    const jti = await issue({ maxUses: 1 });
    const seq = await reserve(jti);
    expect(await reasonsFor(jti)).toEqual(["budget_uses", "replay"]);
    const input = { seq, reason: "it crashed", signer: undefined };
    expect(await calls.release(input)).toMatchObject({ reservation: seq, chain: [jti] });
    expect(await reasonsFor(jti)).toEqual([]);
    await expectSigned();
    await expect(calls.release(input)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-INPUT" });
    await expect(calls.release({ ...input, seq: 0 })).rejects.toMatchObject({
      code: "AUTOSD-PREAUTH-INPUT",
    });
    await expect(calls.release({ ...input, seq: 99 })).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-QUERY",
    });
  });
});
