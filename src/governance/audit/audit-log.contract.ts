import { describe, expect, it } from "vitest";
import type { AuditLog } from "./audit-log.port.ts";
import { type EntryDraft, entrySchema } from "./entry.ts";

/** An audit log in its own place, and how to end with it. */
export interface AuditLogUnderTest {
  readonly log: AuditLog;
  /** Sets what the log's clock says, epoch milliseconds. */
  readonly setClock: (nowMs: number) => void;
  close(): Promise<void>;
}

const startMs = Date.UTC(2026, 0, 31, 10);
const grant = (jti: string, ...ancestors: string[]) => ({
  jti,
  chain: [jti, ...ancestors],
  kids: ["k".repeat(43)],
});
const draft = (parts: Partial<EntryDraft> = {}): EntryDraft => ({
  kind: "intent",
  actor: { type: "agent", id: "agent:test" },
  ...parts,
});
const reserve = (idem: string, cost: number, ...chain: [string, ...string[]]): EntryDraft =>
  draft({ kind: "reserve", idem, cost, grant: grant(...chain), project: "p", action: "deploy" });

async function append(log: AuditLog, ...drafts: EntryDraft[]) {
  const { entries } = await log.transact(async () => ({ append: drafts, value: undefined }));
  return entries;
}

async function all(log: AuditLog, filter: Parameters<AuditLog["entries"]>[0] = {}) {
  const found = [];
  for await (const entry of log.entries(filter)) found.push(entry);
  return found;
}

/** What every audit log promises. */
export function describeAuditLog(name: string, open: () => Promise<AuditLogUnderTest>): void {
  const within = (work: (test: AuditLogUnderTest) => Promise<void>) => async () => {
    const test = await open();
    test.setClock(startMs);
    try {
      await work(test);
    } finally {
      await test.close();
    }
  };

  describe(`${name}: entries`, () => {
    it(
      "numbers entries without gaps, each naming the one before",
      within(async ({ log }) => {
        const first = await append(log, draft(), draft({ kind: "deny", code: "AUTOSD-X" }));
        const second = await append(log, draft({ kind: "halt", project: "p" }));
        const entries = [...first, ...second];
        const { size } = await log.facts();
        expect(entries.map(({ seq }) => seq)).toEqual([size - 3, size - 2, size - 1]);
        expect(new Set(entries.map(({ prev }) => prev)).size).toBe(3);
        for (const entry of entries) expect(entrySchema.safeParse(entry).success).toBe(true);
        expect((await all(log)).slice(-3)).toEqual(entries);
        expect(await log.entry(size - 2)).toEqual(entries[1]);
        expect(await log.entry(size)).toBeUndefined();
      }),
    );

    it(
      "shows concurrent transactions the facts of each other's entries",
      within(async ({ log }) => {
        const sizes = await Promise.all(
          Array.from({ length: 20 }, async () => {
            const { value, entries } = await log.transact(async (facts) => ({
              append: [draft()],
              value: facts.size,
            }));
            expect(entries[0]?.seq).toBe(value);
            return value;
          }),
        );
        expect(new Set(sizes).size).toBe(20);
      }),
    );

    it(
      "appends nothing when the work throws, and goes on",
      within(async ({ log }) => {
        const before = (await log.facts()).size;
        const refused = log.transact(async () => {
          throw new Error("no");
        });
        await expect(refused).rejects.toThrow("no");
        expect((await log.facts()).size).toBe(before);
        await append(log, draft());
        expect((await log.facts()).size).toBe(before + 1);
      }),
    );

    it(
      "records no secret",
      within(async ({ log }) => {
        const secret = `ghp_${"a1B2c3D4e5".repeat(4).slice(0, 36)}`;
        await append(log, draft({ reason: `token ${secret}`, details: { password: "hunter2!" } }));
        const text = JSON.stringify(await all(log));
        expect(text).not.toContain(secret);
        expect(text).not.toContain("hunter2!");
      }),
    );

    it(
      "refuses what is no entry, and appends nothing of its transaction",
      within(async ({ log }) => {
        const before = (await log.facts()).size;
        const broken = { ...draft(), kind: "nonsense" } as unknown as EntryDraft;
        await expect(append(log, draft(), broken)).rejects.toMatchObject({
          code: "AUTOSD-AUDIT-UNWRITABLE",
        });
        expect((await log.facts()).size).toBe(before);
      }),
    );

    it(
      "finds entries by project, action, grant, decision, kind and time; the newest so many",
      within(async ({ log, setClock }) => {
        await append(
          log,
          draft({ project: "a", action: "deploy", decision: "deny", kind: "deny" }),
        );
        setClock(startMs + 1_000);
        await append(log, draft({ project: "b", grant: grant("g1", "g0") }));
        const count = async (filter: Parameters<AuditLog["entries"]>[0]) =>
          (await all(log, filter)).length;
        expect(await count({ project: "a" })).toBe(1);
        expect(await count({ action: "deploy" })).toBe(1);
        expect(await count({ grant: "g0" })).toBe(1);
        expect(await count({ decision: "deny" })).toBe(1);
        expect(await count({ kind: "deny" })).toBe(1);
        expect(await count({ project: "b", sinceMs: startMs + 1_000 })).toBe(1);
        expect(await count({ project: "b", untilMs: startMs + 1_000 })).toBe(0);
        expect((await all(log, { last: 1 })).map(({ project }) => project)).toEqual(["b"]);
        const denied = await all(log, { last: 5, kind: "deny" });
        expect(denied.map(({ project }) => project)).toEqual(["a"]);
        expect(await count({ last: 9, sinceMs: startMs + 1_000 })).toBe(1);
        expect(await count({ last: 0 })).toBe(0);
        const whole = await all(log);
        expect(await all(log, { last: whole.length + 1 })).toEqual(whole);
        expect(await all(log, { last: 2 })).toEqual(whole.slice(-2));
      }),
    );
  });

  describe(`${name}: time`, () => {
    it(
      "never goes back: a clock a little behind takes the last time",
      within(async ({ log, setClock }) => {
        const [first] = await append(log, draft());
        setClock(startMs - 60_000);
        const [second] = await append(log, reserve("i1", 0, "g1"));
        expect(second?.ts).toBe(first?.ts);
      }),
    );

    it(
      "refuses to allow anything while the clock is far behind, and still records a halt",
      within(async ({ log, setClock }) => {
        await append(log, draft());
        setClock(startMs - 60_001);
        await expect(append(log, reserve("i1", 0, "g1"))).rejects.toMatchObject({
          code: "AUTOSD-CLOCK-ROLLBACK",
        });
        const [halt] = await append(log, draft({ kind: "halt", project: "p" }));
        expect(Date.parse(halt?.ts ?? "")).toBe(startMs);
      }),
    );
  });

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
      "knows the trust list that was recorded last, however many sign it; never one that it cannot read",
      within(async ({ log }) => {
        const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
        const kid = (index: number) => String(index).padStart(43, "k");
        const operators = Array.from({ length: 300 }, (_, index) => kid(index));
        const change = (trust: unknown) => draft({ kind: "trust.change", details: { trust } });
        const first = { version: 1, digest: digest("1"), operators: [kid(1)] };
        const second = { version: 2, digest: digest("2"), operators };
        expect((await log.facts()).recordedTrust()).toBeUndefined();
        await append(log, change(first), draft());
        expect((await log.facts()).recordedTrust()).toEqual(first);
        await append(log, draft(), change(second), draft({ kind: "halt" }));
        expect((await log.facts()).recordedTrust()).toEqual(second);
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
