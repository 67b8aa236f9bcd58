import { randomBytes } from "node:crypto";
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditPlaces } from "../../../src/adapters/governance/audit-places.ts";
import { readAhead } from "../../../src/adapters/governance/audit-read-ahead.ts";
import { createAuditLog } from "../../../src/adapters/governance/create-audit-log.ts";
import type { AuditTrail } from "../../../src/governance/audit/audit-trail.port.ts";
import { formatCheckpoint, parseCheckpoint } from "../../../src/governance/audit/checkpoint.ts";
import { logKeyOf } from "../../../src/governance/audit/ed25519.ts";
import type { EntryDraft } from "../../../src/governance/audit/entry.ts";
import { formatNote, noteKey, parseNote } from "../../../src/governance/audit/signed-note.ts";
import { canonicalJson } from "../../../src/kernel/canonical-json.ts";
import { sha256 } from "../../../src/kernel/hash.ts";

let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "autosd-audit-state-"));
});
afterEach(() => rm(home, { recursive: true }));

const nowMs = Date.UTC(2026, 0, 31, 10);
const at = (name: string) => join(home, name);

function open(segmentBytes?: number): AuditTrail {
  return createAuditLog({
    home,
    logFile: at("audit.log.jsonl"),
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    entropy: { bytes: (count) => randomBytes(count) },
    ...(segmentBytes === undefined ? {} : { segmentBytes }),
  });
}

const draft = (parts: Partial<EntryDraft> = {}): EntryDraft => ({
  kind: "halt",
  actor: { type: "operator", id: "owner" },
  project: "p",
  ...parts,
});
const trust = { version: 1, digest: `sha256:${"a".repeat(64)}`, operators: ["k".repeat(43)] };
const many = (count: number, parts: Partial<EntryDraft> = {}) =>
  Array.from({ length: count }, (_, index) => draft({ reason: `r${index}`, ...parts }));

async function append(log: AuditTrail, ...drafts: EntryDraft[]) {
  return log.transact(async () => ({ append: drafts, value: undefined }));
}

async function newest(last: number, filter: { readonly kind?: string } = {}) {
  const found: number[] = [];
  for await (const { seq } of open().entries({ ...filter, last })) found.push(seq);
  return found;
}

/** Puts a state in the kept one's place and signs it with the log's own key. */
async function signState(change: (state: Record<string, unknown>) => unknown): Promise<void> {
  const state = JSON.parse(await readFile(at("audit/state.json"), "utf8")) as never;
  const bytes = `${canonicalJson(change(state))}\n`;
  await writeFile(at("audit/state.json"), bytes);
  const seed = (await readFile(at("audit/epoch.key"), "utf8")).trim();
  const key = logKeyOf(Buffer.from(seed, "base64url"));
  const note = parseNote(await readFile(at("audit/checkpoint")));
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note);
  if (checkpoint?.snapshot === undefined) throw new Error("no state was kept");
  const snapshot = { size: checkpoint.snapshot.size, digest: sha256(bytes) };
  const text = formatCheckpoint({ ...checkpoint, snapshot });
  const signer = noteKey(checkpoint.origin, key.publicKey);
  await writeFile(at("audit/checkpoint"), formatNote(text, signer, key.sign));
}

describe("the kept state", () => {
  it("tells another process which trust list was recorded, without reading the log again", async () => {
    await append(open(), draft({ kind: "trust.change", details: { trust } }), ...many(300));
    expect((await open().facts()).recordedTrust()).toMatchObject(trust);
    // What is believed is what was signed: here another list.
    const other = { ...trust, version: 7 };
    await signState((kept) => {
      const { state } = kept as { state: object };
      return { ...kept, state: { ...state, trust: { seq: 0, recorded: other, recoveries: [] } } };
    });
    expect((await open().facts()).recordedTrust()).toMatchObject(other);
  });

  it("tells another process who signed a grant", async () => {
    const jti = "grt_00000000000000000000000001";
    const grant = { jti, chain: [jti], kids: trust.operators };
    const issue = draft({ kind: "grant.issue", grant, details: { exp: nowMs / 1_000 + 60 } });
    const { entries } = await append(open(), issue, ...many(300));
    const signers = [{ kid: trust.operators[0], seq: entries[0]?.seq }];
    expect((await open().facts()).signersOf(jti)).toEqual(signers);
  });

  it("is made anew when it is of a version that knew no trust list, although it is signed", async () => {
    await append(open(), draft({ kind: "trust.change", details: { trust } }), ...many(300));
    const old = (state: object) =>
      Object.fromEntries(Object.entries(state).filter(([name]) => name !== "trust"));
    for (const v of [1, 2, 3])
      await signState((kept) => ({ ...kept, v, state: old(kept["state"] as never) })).then(
        async () => expect((await open().facts()).recordedTrust()).toMatchObject(trust),
      );
    const grown = await append(open(), draft());
    expect(grown.entries[0]?.seq).toBe(301);
    expect(
      (await open().verify({ genesis: undefined, pins: [], checkpoints: [] })).failures,
    ).toEqual([]);
  });
});

describe("a state that is lost", () => {
  const damage = async () => {
    const [first = "", ...rest] = (await readFile(at("audit.log.jsonl"), "utf8")).split("\n");
    const changed = first.replace('"reason":"r0"', '"reason":"r_"');
    await writeFile(at("audit.log.jsonl"), [changed, ...rest].join("\n"));
  };

  it("is replaced by the one before it, so that not everything is read again", async () => {
    const log = open();
    await append(log, ...many(300));
    await append(log, ...many(300));
    await append(log, draft({ kind: "grant.revoke", grant: { jti: "g", chain: ["g"], kids: [] } }));
    const { root } = await open().facts();
    await writeFile(at("audit/state.json"), "{}");
    // Whoever read the very first line would notice.
    await damage();
    const facts = await open().facts();
    expect(facts).toMatchObject({ size: 601, root });
    expect(facts.isRevoked("g")).toBe(true);
    await rm(at("audit/state.json.old.checkpoint"));
    await expect(open().facts()).rejects.toMatchObject({ code: "AUTOSD-AUDIT-TAMPERED" });
  });

  it("is not replaced by one that no checkpoint vouches for", async () => {
    const log = open();
    await append(log, ...many(300));
    await append(log, ...many(300));
    const old = await readFile(at("audit/state.json.old"), "utf8");
    await writeFile(at("audit/state.json.old"), old.replace('"project":"p"', '"project":"q"'));
    await rm(at("audit/state.json"));
    expect((await open().facts()).haltOf("q")).toBeUndefined();
    expect((await open().facts()).haltOf("p")).toMatchObject({ reason: "r299" });
  });

  it("is kept again by the next writer, whatever he records", async () => {
    await append(open(), ...many(300));
    await rm(at("audit/state.json"));
    await append(open(), draft({ kind: "deny" }));
    await damage();
    expect((await open().facts()).size).toBe(301);
  });

  it("is read before the log is locked, as far as it is signed", async () => {
    const log = open();
    await append(log, ...many(3));
    await append(log, draft({ kind: "deny" }));
    const places = auditPlaces(home, at("audit.log.jsonl"));
    const ahead = await readAhead(places, undefined);
    expect(ahead?.tail.size).toBe(3);
    expect(ahead?.tail.root()).toBe(ahead?.checkpoint.root);
    expect(await readAhead(places, ahead)).toBe(ahead);
    await rm(at("audit/hashes"));
    expect((await readAhead(places, undefined))?.tail.unstored.count).toBe(4);
    expect((await append(open(), draft())).entries[0]?.seq).toBe(4);
  });
});

describe("the newest entries", () => {
  it("are the same from the end as from the front, across segments and reads", async () => {
    const log = open(60_000);
    await append(log, draft({ kind: "deny" }));
    for (let round = 0; round < 4; round += 1)
      await append(log, ...many(40, { target: "x".repeat(3_000) }));
    expect((await readdir(home)).length).toBeGreaterThan(3);
    const { size } = await open().facts();
    const all = Array.from({ length: size }, (_, seq) => seq);
    for (const last of [1, 2, 39, 40, 41, 100, size - 1, size, size + 1])
      expect(await newest(last)).toEqual(all.slice(-last));
    expect(await newest(3, { kind: "deny" })).toEqual([0]);
    // A write that was cut short is no entry, and no reason to fail.
    await appendFile(at("audit.log.jsonl"), '{"actor":');
    expect(await newest(2)).toEqual(all.slice(-2));
  });

  it("are found without opening what is older", async () => {
    const log = open(1_000);
    await append(log, ...many(10));
    await append(log, ...many(10));
    const [older = ""] = (await readdir(home)).filter((name) => /\.\d{12}$/.test(name));
    await chmod(at(older), 0o666);
    expect(await newest(10)).toHaveLength(10);
    await expect(newest(11)).rejects.toMatchObject({ code: "AUTOSD-PREAUTH-STORE" });
  });
});
