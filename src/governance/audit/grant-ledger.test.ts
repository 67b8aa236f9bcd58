import { describe, expect, test } from "vitest";
import type { Entry, EntryDraft } from "./entry.ts";
import { GrantLedger } from "./grant-ledger.ts";
import { expiredGrantKeptMs } from "./state-record.ts";

const endS = 1_800_000_000;
const longAfterMs = endS * 1_000 + expiredGrantKeptMs + 1;

let seq = 0;
function entry(parts: Partial<EntryDraft>): Entry {
  seq += 1;
  const ts = new Date(endS * 1_000 - 60_000).toISOString();
  const actor = { type: "operator", id: "owner" } as const;
  return { v: 1, seq, prev: `sha256:${"0".repeat(64)}`, ts, kind: "intent", actor, ...parts };
}
const of = (jti: string) => ({ jti, chain: [jti], kids: ["k"] });
const issued = (jti: string, exp: number = endS) => entry({ grant: of(jti), details: { exp } });
const again = (ledger: GrantLedger, nowMs: number) =>
  GrantLedger.fromRecord(ledger.toRecord(nowMs));

describe("what is kept of grants that are over", () => {
  test("nothing, their revocations neither; what ends later or never stays", () => {
    const ledger = GrantLedger.empty();
    for (const [jti, exp] of [
      ["over", endS],
      ["later", endS + 1],
    ] as const)
      ledger.issue(issued(jti, exp));
    for (const jti of ["over", "later", "unknown"]) ledger.revoke(entry({ grant: of(jti) }));
    const before = again(ledger, longAfterMs - 1);
    expect(["over", "later", "unknown"].map((jti) => before.revokedAt(jti) !== undefined)).toEqual([
      ...[true, true, true],
    ]);
    const after = again(ledger, longAfterMs);
    expect(["over", "later", "unknown"].map((jti) => after.revokedAt(jti) !== undefined)).toEqual([
      ...[false, true, true],
    ]);
    // Not issued, as far as the log knows: nothing that is over can be used by being forgotten.
    expect(after.issuedAt("over")).toBeUndefined();
  });

  test("an entry that claims an earlier end makes the log forget nothing", () => {
    const ledger = GrantLedger.empty();
    ledger.issue(issued("g"));
    ledger.reserve(entry({ grant: of("g"), idem: "i1", cost: 5 }));
    ledger.revoke(entry({ grant: of("g") }));
    for (const exp of [0, 1, -1, 0.5, Number.MAX_VALUE]) {
      ledger.issue(issued("g", exp));
      ledger.recordSigners(issued("g", exp));
    }
    const kept = again(ledger, longAfterMs - 1);
    expect(kept.revokedAt("g")).toBeDefined();
    expect(kept.usageOf("g").uses).toBe(1);
    expect(again(ledger, longAfterMs).revokedAt("g")).toBeUndefined();
  });

  test("the late end of an action does not bring a forgotten grant back", () => {
    const ledger = GrantLedger.empty();
    ledger.issue(issued("g"));
    const reserved = entry({ grant: of("g"), idem: "i1", cost: 5 });
    ledger.reserve(reserved);
    const kept = again(ledger, longAfterMs);
    expect(kept.reservationOf("i1")).toMatchObject({ seq: reserved.seq, state: "open" });
    kept.settle(entry({ ref: reserved.seq, cost: 1 }));
    expect(kept.reservationOf("i1")).toMatchObject({ state: "settled" });
    expect(kept.toRecord(longAfterMs).grants).toEqual([]);
  });
});

test("knows which reservations of a grant and of its children never ended", () => {
  const ledger = GrantLedger.empty();
  const child = { jti: "c", chain: ["c", "g"], kids: [] };
  const [own, delegated, other, ended] = [
    entry({ grant: of("g"), idem: "i1" }),
    entry({ grant: child, idem: "i2" }),
    entry({ grant: of("o"), idem: "i3" }),
    entry({ grant: of("g"), idem: "i4" }),
  ].map((one) => {
    ledger.reserve(one);
    return one.seq;
  });
  ledger.settle(entry({ ref: ended ?? -1 }));
  expect(again(ledger, 0).openReservationsOf("g")).toEqual([own, delegated]);
  expect(ledger.openReservationsOf("c")).toEqual([delegated]);
  expect(ledger.openReservationsOf("o")).toEqual([other]);
  expect(ledger.openReservationsOf("x")).toEqual([]);
});

test("of two attempts at an action the newer one counts, in whatever order they end", () => {
  const ledger = GrantLedger.empty();
  const [first, second] = [1, 2].map(() => entry({ grant: of("g"), idem: "i", cost: 1 }));
  for (const one of [first, second]) if (one !== undefined) ledger.reserve(one);
  for (const state of [again(ledger, 0), again(again(ledger, 0), 0)]) {
    expect(state.reservationOf("i")).toMatchObject({ seq: second?.seq, state: "open" });
    state.settle(entry({ ref: second?.seq }));
    expect(state.reservationOf("i")).toMatchObject({ seq: second?.seq, state: "settled" });
    state.settle(entry({ ref: first?.seq }));
    expect(state.reservationOf("i")).toMatchObject({ seq: second?.seq, state: "settled" });
    expect(state.toRecord(0).open).toEqual([]);
  }
  ledger.settle(entry({ ref: first?.seq }));
  expect(again(ledger, 0).reservationOf("i")).toMatchObject({ seq: second?.seq, state: "open" });
});
