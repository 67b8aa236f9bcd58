import { beforeEach, describe, expect, it } from "vitest";
import {
  appendAsOwner,
  createGovernedPlace,
  createTestSigner,
  type GovernedPlace,
  samplePush as push,
} from "../../../test/support/governed-place.ts";
import type { Entry, EntryDraft } from "../audit/entry.ts";
import { LogState } from "../audit/log-state.ts";
import { idemOf } from "../grants/idem.ts";
import { headOf, type SignedStatement, signStatement } from "../grants/operator-statement.ts";
import type { Signer } from "../keys/signer.port.ts";
import type { TrustList } from "../keys/trust.ts";
import { believedFacts } from "./believed-facts.ts";

const actor = { type: "operator", id: "owner" } as const;
const once = { uses: 1, spend_microusd: 0, min_interval_s: 0 };

let place: GovernedPlace;
beforeEach(() => {
  place = createGovernedPlace();
});

const append = (draft: Omit<EntryDraft, "actor">): Promise<Entry> => appendAsOwner(place, draft);

const grantOf = (jti: string) => ({ jti, chain: [jti], kids: [] });
const detailsOf = (signed: SignedStatement | undefined) =>
  signed === undefined ? {} : { details: { ...signed } };

async function reasonsFor(jti: string): Promise<readonly string[]> {
  const evaluation = await place.door.evaluate(place.request(push, jti));
  if (evaluation.kind === "allowed") return [];
  return evaluation.refusal.failures.map(({ reason }) => reason);
}

/** A grant whose only use was reserved for an action that never ended. */
async function spent(): Promise<{ readonly jti: string; readonly seq: number }> {
  const jti = await place.issue({ budget: once });
  const leave = await place.door.authorize(place.request(push, jti));
  if (leave.action.kind !== "privileged") throw new Error("no leave for a privileged action");
  return { jti, seq: leave.action.reservation };
}

async function releaseBy(signer: Signer, seq: number, change = {}): Promise<SignedStatement> {
  return signStatement(signer, {
    schema: "autosd/release@1",
    seq,
    idem: idemOf(push),
    reason: "",
    log: headOf(await place.log.facts()),
    atMs: place.clock.ms,
    ...change,
  });
}

const release = (jti: string, ref: number, signed: SignedStatement | undefined) =>
  append({
    kind: "release",
    grant: grantOf(jti),
    idem: idemOf(push),
    ref,
    ...detailsOf(signed),
  });

async function reinstateBy(
  signer: Signer,
  jti: string,
  revokedSeq: number | null,
  change = {},
): Promise<SignedStatement> {
  return signStatement(signer, {
    schema: "autosd/reinstate@1",
    jti,
    revokedSeq,
    reason: "",
    log: headOf(await place.log.facts()),
    atMs: place.clock.ms,
    ...change,
  });
}

const revoke = (jti: string) => append({ kind: "grant.revoke", grant: grantOf(jti) });
const reinstate = (jti: string, signed: SignedStatement | undefined) =>
  append({ kind: "grant.reinstate", grant: grantOf(jti), ...detailsOf(signed) });

describe("a reservation, at the door", () => {
  const held = ["budget_uses", "replay"];

  it("is given back by an operator's signature, and then can be spent again", async () => {
    const { jti, seq } = await spent();
    expect(await reasonsFor(jti)).toEqual(held);
    await release(jti, seq, await releaseBy(place.signer, seq));
    expect(await reasonsFor(jti)).toEqual([]);
    await place.door.reconcile(push, { ok: false, code: "AUTOSD-X", message: "it did not happen" });
    expect(await reasonsFor(jti)).toEqual([]);
    await place.door.authorize(place.request(push, jti));
    expect(await reasonsFor(jti)).toEqual(held);
  });

  it.each<[string, (seq: number) => Promise<SignedStatement | undefined>]>([
    ["nobody signed", async () => undefined],
    ["a stranger signed", (seq) => releaseBy(createTestSigner(), seq)],
    [
      "a stranger signed in an operator's name",
      async (seq) => ({ ...(await releaseBy(createTestSigner(), seq)), kid: place.signer.kid }),
    ],
    ["is about another reservation", (seq) => releaseBy(place.signer, seq - 1)],
    ["is about another action", (seq) => releaseBy(place.signer, seq, { idem: "sha256:0" })],
    [
      "was signed over another log",
      async (seq) => {
        const log = { ...headOf(await place.log.facts()), root: "another" };
        return releaseBy(place.signer, seq, { log });
      },
    ],
    [
      "was changed after it was signed",
      async (seq) => {
        const signed = await releaseBy(place.signer, seq);
        return { ...signed, statement: { ...signed.statement, reason: "really" } };
      },
    ],
  ])("stays spent against an entry that %s", async (_what, forge) => {
    const { jti, seq } = await spent();
    await release(jti, seq, await forge(seq));
    expect(await reasonsFor(jti)).toEqual(held);
    await release(jti, seq, await releaseBy(place.signer, seq));
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it("that said how it ended is not given back", async () => {
    const jti = await place.issue({ budget: once });
    const leave = await place.door.authorize(place.request(push, jti));
    if (leave.action.kind !== "privileged") throw new Error("no leave");
    const { reservation } = leave.action;
    await place.door.settle(leave, { ok: true, result: {}, costMicrousd: 0 });
    await release(jti, reservation, await releaseBy(place.signer, reservation));
    expect(await reasonsFor(jti)).toEqual(["replay"]);
    expect((await place.log.facts()).usageOf(jti).uses).toBe(1);
  });

  it("is given back to every grant that it was charged to", async () => {
    const chain = ["child", "parent"];
    const idem = idemOf(push);
    const grant = { jti: "child", chain, kids: [] };
    const { seq } = await append({ kind: "reserve", grant, idem, cost: 500 });
    await append({ kind: "reserve", grant, idem: "sha256:other", cost: 70 });
    await release("child", seq, await releaseBy(place.signer, seq));
    const recorded = await place.log.facts();
    const facts = await believedFacts(recorded, place.trust);
    for (const jti of chain) {
      expect(recorded.usageOf(jti)).toMatchObject({ uses: 2, spendMicrousd: 570 });
      expect(facts.usageOf(jti)).toEqual({
        uses: 1,
        spendMicrousd: 70,
        lastReservedAtMs: place.clock.ms,
      });
    }
    expect(facts.reservationOf(idem)).toMatchObject({ seq, state: "released" });
  });
});

describe("a revoked grant, at the door", () => {
  it("is good again by an operator's signature, until it is revoked again", async () => {
    const jti = await place.issue();
    const first = await revoke(jti);
    expect(await reasonsFor(jti)).toEqual(["revoked"]);
    const signed = await reinstateBy(place.signer, jti, first.seq);
    await reinstate(jti, signed);
    expect(await reasonsFor(jti)).toEqual([]);
    const second = await revoke(jti);
    // What took the first revocation back says nothing about the second.
    await reinstate(jti, signed);
    expect(await reasonsFor(jti)).toEqual(["revoked"]);
    await reinstate(jti, await reinstateBy(place.signer, jti, second.seq));
    expect(await reasonsFor(jti)).toEqual([]);
  });

  it.each<[string, (jti: string, seq: number) => Promise<SignedStatement | undefined>]>([
    ["nobody signed", async () => undefined],
    ["a stranger signed", (jti, seq) => reinstateBy(createTestSigner(), jti, seq)],
    [
      "is about another grant",
      (_jti, seq) => reinstateBy(place.signer, `grt_${"9".repeat(26)}`, seq),
    ],
    ["names no revocation", (jti) => reinstateBy(place.signer, jti, null)],
    [
      "was signed over a longer log",
      async (jti, seq) => {
        const head = headOf(await place.log.facts());
        return reinstateBy(place.signer, jti, seq, { log: { ...head, size: head.size + 1 } });
      },
    ],
  ])("stays revoked against an entry that %s", async (_what, forge) => {
    const jti = await place.issue();
    const { seq } = await revoke(jti);
    await reinstate(jti, await forge(jti, seq));
    expect(await reasonsFor(jti)).toEqual(["revoked"]);
    expect((await place.log.facts()).isRevoked(jti)).toBe(true);
  });

  it.each<[string, Partial<TrustList["keys"][number]> | undefined]>([
    ["was taken out of the trust list", undefined],
    ["is an agent's", { roles: ["agent"] }],
    ["was retired before it", { lastValidSeq: 0 }],
  ])("stays revoked when the key that signed %s", async (_what, change) => {
    const jti = await place.issue();
    const { seq } = await revoke(jti);
    await reinstate(jti, await reinstateBy(place.signer, jti, seq));
    const recorded = await place.log.facts();
    const keys = change === undefined ? [] : place.trust.keys.map((key) => ({ ...key, ...change }));
    expect((await believedFacts(recorded, { ...place.trust, keys })).isRevoked(jti)).toBe(true);
    expect((await believedFacts(recorded, undefined)).isRevoked(jti)).toBe(true);
    expect((await believedFacts(recorded, place.trust)).revokedAt(jti)).toBeUndefined();
  });
});

describe("what entries claim", () => {
  it("is kept with the state, but not what is too long to be a statement", async () => {
    const { jti, seq } = await spent();
    const revoked = await revoke(jti);
    await release(jti, seq, await releaseBy(place.signer, seq));
    await reinstate(jti, await reinstateBy(place.signer, jti, revoked.seq));
    const details = { filling: "x".repeat(20_000) };
    await append({ kind: "grant.reinstate", grant: grantOf(jti), details });
    const state = LogState.empty();
    for await (const entry of place.log.entries({})) state.apply(entry);
    const again = LogState.fromRecord(
      JSON.parse(JSON.stringify(state.toRecord(0))) as ReturnType<LogState["toRecord"]>,
    );
    expect(again.claimedReleases()).toEqual(state.claimedReleases());
    expect(again.claimedReleases()).toMatchObject([{ seq, chain: [jti] }]);
    expect(again.claimedReinstatements()).toEqual(state.claimedReinstatements());
    expect(again.claimedReinstatements()).toMatchObject([{ jti, revokedSeq: revoked.seq }]);
    expect(again.claimedReinstatements()[0]?.claims).toHaveLength(1);
  });

  it("is remembered of a bounded number of things and times, the newest", async () => {
    const state = LogState.empty();
    const base = { v: 1, prev: "sha256:0", ts: "2026-01-15T12:00:00.000Z", actor } as const;
    let seq = 0;
    const take = (draft: Omit<EntryDraft, "actor">): number => {
      state.apply({ ...base, ...draft, seq });
      seq += 1;
      return seq - 1;
    };
    for (let count = 0; count < 1_100; count += 1) {
      const jti = `grant ${count}`;
      take({ kind: "grant.revoke", grant: grantOf(jti) });
      for (let claim = 0; claim < 20; claim += 1)
        take({ kind: "grant.reinstate", grant: grantOf(jti) });
    }
    const claimed = state.claimedReinstatements();
    expect(claimed).toHaveLength(1_024);
    expect(claimed.at(-1)?.jti).toBe("grant 1099");
    expect(claimed.at(-1)?.claims).toHaveLength(16);
    expect(claimed.at(-1)?.claims.at(-1)?.seq).toBe(seq - 1);
  });
});
