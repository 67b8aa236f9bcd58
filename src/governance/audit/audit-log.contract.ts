import { describe, expect, it } from "vitest";
import type { AuditLog } from "./audit-log.port.ts";
import { describeAuditFacts } from "./audit-log-facts.contract.ts";
import { type EntryDraft, entrySchema } from "./entry.ts";
import {
  append,
  type AuditLogUnderTest,
  draft,
  grant,
  reserve,
  startMs,
} from "./example-entries.ts";

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

  describeAuditFacts(name, within);
}
