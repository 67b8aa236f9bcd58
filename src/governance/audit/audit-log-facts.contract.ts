import { describe, expect, it } from "vitest";
import {
  append,
  type AuditLogUnderTest,
  draft,
  grant,
  reserve,
  startMs,
} from "./example-entries.ts";

type Within = (work: (test: AuditLogUnderTest) => Promise<void>) => () => Promise<void>;

/** What every audit log promises about the facts that its entries add up to. */
export function describeAuditFacts(name: string, within: Within): void {
  describe(`${name}: facts`, () => {
    it(
      "charges a reservation to the whole chain; settling keeps the use, what claims to release it gives nothing back",
      within(async ({ log, setClock }) => {
        const exp = startMs / 1_000 + 3_600;
        const issue = draft({ kind: "grant.issue", grant: grant("parent"), details: { exp } });
        const [issued] = await append(log, issue);
        const [reserved] = await append(log, reserve("i1", 500, "child", "parent"));
        setClock(startMs + 5_000);
        const [other] = await append(log, reserve("i2", 70, "parent"));
        const facts = await log.facts();
        expect(facts.issuedAt("parent")).toBe(issued?.seq);
        expect(facts.issuedAt("child")).toBeUndefined();
        expect(facts.usageOf("child")).toEqual({
          uses: 1,
          spendMicrousd: 500,
          lastReservedAtMs: startMs,
        });
        expect(facts.usageOf("parent")).toEqual({
          uses: 2,
          spendMicrousd: 570,
          lastReservedAtMs: startMs + 5_000,
        });
        expect(facts.reservationOf("i1")).toMatchObject({ seq: reserved?.seq, state: "open" });
        await append(
          log,
          draft({ kind: "settle", ref: reserved?.seq, cost: 300, result: { url: "x" } }),
          draft({ kind: "release", ref: other?.seq }),
        );
        const after = await log.facts();
        expect(after.usageOf("child")).toMatchObject({ uses: 1, spendMicrousd: 300 });
        expect(after.usageOf("parent")).toMatchObject({ uses: 2, spendMicrousd: 370 });
        expect(after.reservationOf("i1")).toMatchObject({ state: "settled", result: { url: "x" } });
        expect(after.reservationOf("i2")).toMatchObject({ state: "open" });
        expect(after.claimedReleases()).toEqual([
          {
            ...{ seq: other?.seq, idem: "i2", chain: ["parent"], spendMicrousd: 70 },
            claims: [{ seq: after.size - 1, details: null }],
          },
        ]);
        expect(after.reservationOf("i3")).toBeUndefined();
        expect(after.usageOf("stranger")).toEqual({
          uses: 0,
          spendMicrousd: 0,
          lastReservedAtMs: undefined,
        });
      }),
    );

    it(
      "settles a reservation once",
      within(async ({ log }) => {
        const [reserved] = await append(log, reserve("i1", 500, "g"));
        const settle = draft({ kind: "settle", ref: reserved?.seq, cost: 100 });
        await append(log, settle, settle, draft({ kind: "release", ref: reserved?.seq }));
        expect((await log.facts()).usageOf("g")).toMatchObject({ uses: 1, spendMicrousd: 100 });
      }),
    );

    it(
      "knows revocations, halts and the gates of a commit",
      within(async ({ log }) => {
        const commit = "c".repeat(40);
        const gate = (name: string, ok: boolean) => ({ name, ok, evidence: "sha256:0" });
        await append(
          log,
          draft({ kind: "grant.revoke", grant: grant("g1") }),
          draft({ kind: "halt", project: "p", reason: "smoke" }),
          draft({ kind: "evidence", commit, gates: [gate("lint", false), gate("tests", true)] }),
          draft({ kind: "evidence", commit, gates: [gate("lint", true)] }),
        );
        const facts = await log.facts();
        expect(facts.isRevoked("g1")).toBe(true);
        expect(facts.isRevoked("g2")).toBe(false);
        expect(facts.haltOf("p")).toMatchObject({ reason: "smoke" });
        expect(facts.haltOf("q")).toBeUndefined();
        expect(await facts.gatesOf(commit)).toEqual([gate("lint", true), gate("tests", true)]);
        expect(await facts.gatesOf("d".repeat(40))).toEqual([]);
        await append(
          log,
          draft({ kind: "grant.reinstate", grant: grant("g1") }),
          draft({ kind: "resume", project: "p" }),
          draft({ kind: "halt", project: "*", reason: "all" }),
        );
        const after = await log.facts();
        expect(after.isRevoked("g1")).toBe(true);
        expect(after.claimedReinstatements()).toEqual([
          {
            ...{ jti: "g1", revokedSeq: after.revokedAt("g1") },
            claims: [{ seq: after.size - 3, details: null }],
          },
        ]);
        expect(after.haltOf("p")).toMatchObject({ reason: "all" });
      }),
    );

    it(
      "knows who signed a grant, each key by the first entry that tells of it",
      within(async ({ log }) => {
        const [one, two] = ["a".repeat(43), "b".repeat(43)];
        const of = (...kids: string[]) => ({ jti: "g1", chain: ["g1"], kids });
        const exp = startMs / 1_000 + 3_600;
        const issue = draft({ kind: "grant.issue", grant: of(one), details: { exp } });
        const [issued] = await append(log, issue);
        const use = draft({ kind: "reserve", idem: "i1", grant: of(one, two) });
        await append(log, draft(), use);
        expect((await log.facts()).signersOf("g1")).toEqual([{ kid: one, seq: issued?.seq }]);
        const [approved] = await append(
          log,
          draft({ kind: "grant.approve", grant: of(one, two), details: { exp } }),
          draft({ kind: "grant.approve", grant: of(two, one), details: { exp } }),
        );
        const facts = await log.facts();
        expect(facts.signersOf("g1")).toEqual([
          { kid: one, seq: issued?.seq },
          { kid: two, seq: approved?.seq },
        ]);
        expect(facts.issuedAt("g1")).toBe(issued?.seq);
        expect(facts.signersOf("g2")).toEqual([]);
      }),
    );

    it(
      "knows the trust list that was recorded last, and which nobody handed over; never one that it cannot read",
      within(async ({ log }) => {
        const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
        const kid = (index: number) => String(index).padStart(43, "k");
        const operators = Array.from({ length: 300 }, (_, index) => kid(index));
        const change = (trust: unknown, action = "recover") =>
          draft({ kind: "trust.change", action, details: { trust } });
        const first = { version: 1, digest: digest("1"), operators: [kid(1)] };
        const second = { version: 2, digest: digest("2"), operators };
        expect((await log.facts()).recordedTrust()).toBeUndefined();
        await append(log, change(first), draft());
        expect((await log.facts()).recordedTrust()).toEqual({ ...first, recoveries: [] });
        await append(log, draft(), change(second), draft({ kind: "halt" }));
        expect((await log.facts()).recordedTrust()).toMatchObject({
          ...second,
          recoveries: [{ version: 2 }],
        });
        const seized = { version: 3, digest: digest("3"), operators: [kid(9)] };
        await append(log, change(seized, "rotate"));
        expect((await log.facts()).recordedTrust()).toMatchObject(second);
        await append(log, change({ version: 3 }));
        const facts = await log.facts();
        expect(() => facts.recordedTrust()).toThrow(
          expect.objectContaining({ code: "AUTOSD-AUDIT-TAMPERED" }),
        );
      }),
    );

    it(
      "remembers the root of every earlier size",
      within(async ({ log }) => {
        const roots = new Map<number, string>();
        for (let round = 0; round < 9; round += 1) {
          const { size, root } = await log.facts();
          roots.set(size, root);
          await append(log, draft());
        }
        const facts = await log.facts();
        for (const [size, root] of roots) expect(await facts.rootAt(size)).toBe(root);
        expect(new Set(roots.values()).size).toBe(9);
        expect(await facts.rootAt(facts.size)).toBe(facts.root);
        expect(await facts.rootAt(facts.size + 1)).toBeUndefined();
        expect(await facts.rootAt(-1)).toBeUndefined();
      }),
    );
  });
}
