import { randomBytes } from "node:crypto";
import {
  appendFile,
  chmod,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAuditLog } from "../../../src/adapters/governance/create-audit-log.ts";
import type { AuditTrail } from "../../../src/governance/audit/audit-trail.port.ts";
import type { EntryDraft } from "../../../src/governance/audit/entry.ts";
import type { OutsideEvidence } from "../../../src/governance/audit/log-verification.ts";
import { canonicalJson } from "../../../src/kernel/canonical-json.ts";
import { sha256 } from "../../../src/kernel/hash.ts";

const nothing: OutsideEvidence = { genesis: undefined, pins: [], checkpoints: [] };
const dayMs = 24 * 3_600_000;
const startMs = Date.UTC(2026, 0, 31, 10);

let root = "";
let home = "";
let nowMs = startMs;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "autosd-attack-"));
  home = join(root, "home");
  nowMs = startMs;
});
afterEach(() => rm(root, { recursive: true }));

const at = (name: string) => join(home, name);
const logFile = () => at("audit.log.jsonl");

function open(options: { segmentBytes?: number; lockTimeoutMs?: number } = {}): AuditTrail {
  return createAuditLog({
    home,
    logFile: logFile(),
    clock: { now: () => nowMs, monotonicMs: () => nowMs },
    entropy: { bytes: (count) => randomBytes(count) },
    ...options,
  });
}

const draft = (parts: Partial<EntryDraft> = {}): EntryDraft => ({
  kind: "halt",
  actor: { type: "operator", id: "owner" },
  project: "p",
  ...parts,
});

async function append(log: AuditTrail, ...drafts: EntryDraft[]) {
  return log.transact(async () => ({ append: drafts, value: undefined }));
}

async function filled(entries: number, log = open()): Promise<AuditTrail> {
  for (let index = 0; index < entries; index += 1)
    await append(log, draft({ kind: index % 2 === 0 ? "halt" : "deny", reason: `r${index}` }));
  await log.close();
  return log;
}

async function failuresOf(outside: OutsideEvidence = nothing): Promise<readonly string[]> {
  const { failures } = await open().verify(outside);
  return failures.map(({ part, message }) => `${part}: ${message}`);
}

async function lines(): Promise<string[]> {
  return (await readFile(logFile(), "utf8")).trimEnd().split("\n");
}
const write = (all: readonly string[]) => writeFile(logFile(), `${all.join("\n")}\n`);

describe("a log that nobody touched", () => {
  it("holds, across epochs and segments, and says what is not established", async () => {
    const log = open({ segmentBytes: 2_000 });
    for (let day = 0; day < 3; day += 1) {
      await append(log, draft(), draft(), draft(), draft(), draft());
      nowMs += dayMs;
    }
    await append(log, draft());
    const verification = await log.verify(nothing);
    expect(verification.failures).toEqual([]);
    expect(verification.epochs).toBe(4);
    expect(verification.size).toBe(19);
    expect(verification.signedSize).toBe(19);
    expect(verification.notEstablished.join("\n")).toContain("no anchor covers them");
    const names = await readdir(home);
    expect(names.filter((name) => name.startsWith("audit.log.jsonl.")).length).toBeGreaterThan(0);
    // Entries are found in any segment, and a fresh process goes on where the last one stopped.
    expect((await log.entry(3))?.seq).toBe(3);
    const next = await append(open(), draft());
    expect(next.entries[0]?.seq).toBe(19);
    expect(await failuresOf()).toEqual([]);
  });

  it("proves each signed entry, and no entry that does not exist", async () => {
    const log = await filled(9);
    expect(await log.prove(4)).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 4\n/);
    await expect(log.prove(9)).rejects.toMatchObject({ code: "AUTOSD-AUDIT-QUERY" });
  });

  it("reads without writing anything", async () => {
    const log = open();
    await log.facts();
    await log.verify(nothing);
    for await (const entry of log.entries({})) expect(entry).toBeUndefined();
    await expect(stat(home)).rejects.toThrow("ENOENT");
  });

  it("keeps long and personal details apart, by a digest that says nothing without its salt", async () => {
    const log = open();
    const details = { exp: 5, personal: { mail: "a reader" }, long: "x".repeat(9_000) };
    const { entries } = await append(log, draft({ details }));
    expect(entries[0]?.details).toMatchObject({ exp: 5, blob: { members: ["long", "personal"] } });
    expect(await readFile(logFile(), "utf8")).not.toContain("a reader");
    expect(await readdir(at("audit/blobs"))).toHaveLength(1);
    await rm(at("audit/blobs"), { recursive: true });
    expect(await failuresOf()).toEqual([]);
  });
});

describe("a log that somebody changed", () => {
  it("notices every changed byte", async () => {
    await filled(3);
    const bytes = await readFile(logFile());
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 0x01;
      await writeFile(logFile(), changed);
      const failures = await failuresOf();
      expect(failures, `byte ${index}`).not.toEqual([]);
    }
  });

  it("notices a line removed, two exchanged, one repeated, the end cut off", async () => {
    await filled(5);
    const all = await lines();
    const [a = "", b = "", c = "", ...rest] = all;
    for (const changed of [
      [a, c, ...rest],
      [a, c, b, ...rest],
      [a, b, b, c, ...rest],
      all.slice(0, -1),
      [],
    ]) {
      await write(changed);
      expect(await failuresOf(), `${changed.length} lines`).not.toEqual([]);
      await expect(append(open(), draft())).rejects.toMatchObject({
        code: "AUTOSD-AUDIT-TAMPERED",
      });
    }
    await rm(logFile());
    expect(await failuresOf()).not.toEqual([]);
    await expect(append(open(), draft())).rejects.toMatchObject({ code: "AUTOSD-AUDIT-TAMPERED" });
  });

  it("goes on after no log that was written anew, its chain made to fit", async () => {
    await filled(5);
    let prev = "";
    const forged = (await lines()).map((line, seq) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      if (seq > 2) entry["prev"] = prev;
      if (seq === 2) entry["reason"] = "another";
      const text = canonicalJson(entry);
      prev = sha256(text);
      return text;
    });
    await write(forged);
    expect((await failuresOf()).join("\n")).not.toContain("chain:");
    expect((await failuresOf()).join("\n")).toContain("tree:");
    const refusal = { code: "AUTOSD-AUDIT-TAMPERED" };
    await expect(open().facts()).rejects.toMatchObject(refusal);
    await expect(append(open(), draft())).rejects.toMatchObject(refusal);
    expect(await lines()).toEqual(forged);
  });

  it("notices by the chain a changed line that nothing signed yet", async () => {
    await append(open(), draft());
    const denials = ["one", "two", "three"].map((reason) => draft({ kind: "deny", reason }));
    await append(open(), ...denials);
    const all = await lines();
    await write(all.map((line) => line.replace('"two"', '"TWO"')));
    expect(await failuresOf()).toEqual(["chain: entry 3: it does not continue the line before it"]);
    await expect(append(open(), draft())).rejects.toMatchObject({ code: "AUTOSD-AUDIT-TAMPERED" });
  });

  it("notices missing or changed checkpoints, epochs and keys", async () => {
    await filled(3);
    for (const name of ["checkpoint", "epochs.jsonl"]) {
      const bytes = await readFile(at(`audit/${name}`));
      await rm(at(`audit/${name}`));
      expect(await failuresOf(), name).not.toEqual([]);
      await expect(append(open(), draft())).rejects.toMatchObject({
        code: "AUTOSD-AUDIT-TAMPERED",
      });
      for (let index = 0; index < bytes.length; index += 7) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ 0x01;
        await writeFile(at(`audit/${name}`), changed);
        // The time of an epoch's beginning is for rotation only; nobody signs it.
        if (/startedAtMs":\d*$/.test(bytes.toString("utf8", 0, index))) continue;
        expect(await failuresOf(), `${name} byte ${index}`).not.toEqual([]);
      }
      await writeFile(at(`audit/${name}`), bytes);
    }
    await writeFile(at("audit/epoch.key"), `${Buffer.alloc(32).toString("base64url")}\n`);
    await expect(append(open(), draft())).rejects.toMatchObject({ code: "AUTOSD-AUDIT-TAMPERED" });
  });

  it("notices a rollback of log and checkpoint together by an anchor or a grant, and only so", async () => {
    const log = await filled(4);
    await cp(home, join(root, "old"), { recursive: true });
    await filled(3, log);
    const { note } = (await log.checkpoint()) ?? { note: "" };
    const facts = await log.facts();
    await rm(home, { recursive: true });
    await rename(join(root, "old"), home);
    const { failures, notEstablished } = await open().verify(nothing);
    expect(failures).toEqual([]);
    expect(notEstablished.join("\n")).toContain("taken back together with the checkpoint");
    const checkpoints = [{ source: "kept", note: Buffer.from(note) }];
    expect(await failuresOf({ ...nothing, checkpoints })).not.toEqual([]);
    const pins = [{ source: "grant", size: facts.size, root: facts.root }];
    expect(await failuresOf({ ...nothing, pins })).not.toEqual([]);
    await expect(open().addAnchor(Buffer.from(note))).rejects.toMatchObject({
      code: "AUTOSD-AUDIT-TAMPERED",
    });
  });

  it("notices a fork by the head that a logged grant pinned, also without stored hashes", async () => {
    const log = await filled(4);
    const pinned = await log.facts();
    const wrong = Buffer.alloc(32, 1).toString("base64");
    const issue = (pin: string) =>
      draft({
        kind: "grant.issue",
        grant: { jti: "g", chain: ["g"], kids: [] },
        details: { exp: 1, log: { origin: pinned.origin, size: pinned.size, root: pin } },
      });
    await append(log, issue(pinned.root));
    expect(await failuresOf()).toEqual([]);
    await append(log, issue(wrong));
    expect(await failuresOf()).toHaveLength(1);
    await rm(at("audit/hashes"));
    expect(await failuresOf()).toHaveLength(1);
  });

  it("does not take another log's genesis", async () => {
    const log = await filled(2);
    const identity = await log.identity();
    const genesis = { origin: identity?.origin ?? "", vkey: identity?.vkey ?? "" };
    expect(await failuresOf({ ...nothing, genesis })).toEqual([]);
    const other = { ...genesis, origin: "autosd/other" };
    expect(await failuresOf({ ...nothing, genesis: other })).toHaveLength(1);
  });

  it("does not accept an old epoch's key for a new size", async () => {
    const log = await filled(2);
    const oldKey = await readFile(at("audit/epoch.key"));
    nowMs += dayMs;
    await append(log, draft());
    expect(await readFile(at("audit/epoch.key"))).not.toEqual(oldKey);
    await writeFile(at("audit/epoch.key"), oldKey);
    await expect(append(open(), draft())).rejects.toMatchObject({ code: "AUTOSD-AUDIT-TAMPERED" });
    const { formatCheckpoint } = await import("../../../src/governance/audit/checkpoint.ts");
    const { formatNote, noteKey } = await import("../../../src/governance/audit/signed-note.ts");
    const { logKeyOf } = await import("../../../src/governance/audit/ed25519.ts");
    const key = logKeyOf(Buffer.from(oldKey.toString("utf8").trim(), "base64url"));
    const { origin, size, root: tree } = await log.facts();
    const text = formatCheckpoint({ origin, size, root: tree, snapshot: undefined });
    const note = formatNote(text, noteKey(origin, key.publicKey), key.sign);
    await writeFile(at("audit/checkpoint"), note);
    expect((await failuresOf()).join("\n")).toContain("outside that epoch");
  });

  it("rebuilds state and stored hashes that are gone or damaged, and never believes them", async () => {
    const log = open();
    const grant = { jti: "g", chain: ["g"], kids: [] };
    const drafts = Array.from({ length: 300 }, (_, index) =>
      draft({ kind: "reserve", idem: `i${index}`, grant, cost: 1 }),
    );
    await append(log, ...drafts);
    const { root: before } = await log.facts();
    const state = await readFile(at("audit/state.json"), "utf8");
    expect((await log.facts()).usageOf("g").uses).toBe(300);
    await writeFile(at("audit/state.json"), state.replace('"uses":300', '"uses":0'));
    expect((await open().facts()).usageOf("g").uses).toBe(300);
    await writeFile(at("audit/hashes"), Buffer.alloc(599 * 32, 7));
    expect(await (await open().facts()).rootAt(300)).toBe(before);
    await rm(at("audit/hashes"));
    await append(open(), draft());
    expect(await (await open().facts()).rootAt(300)).toBe(before);
    expect((await open().verify(nothing)).notEstablished.join("\n")).not.toContain("hashes");
  });
});

describe("files that are not safely ours", () => {
  it("refuses links and loose modes, wherever they stand", async () => {
    await filled(2);
    const names = ["audit.log.jsonl", "audit/checkpoint", "audit/epochs.jsonl", "audit/epoch.key"];
    for (const name of [...names, "audit/lock", "audit/hashes"]) {
      const elsewhere = join(root, "elsewhere");
      await rename(at(name), elsewhere);
      await symlink(elsewhere, at(name));
      await expect(append(open(), draft()), name).rejects.toMatchObject({
        code: "AUTOSD-PREAUTH-STORE",
      });
      await rm(at(name));
      await rename(elsewhere, at(name));
      const { mode } = await stat(at(name));
      await chmod(at(name), 0o666);
      await expect(append(open(), draft()), name).rejects.toMatchObject({
        code: "AUTOSD-PREAUTH-STORE",
      });
      expect((await failuresOf()).length === 0, name).toBe(
        name === "audit/lock" || name === "audit/epoch.key",
      );
      await chmod(at(name), mode);
    }
    await append(open(), draft());
    expect(await failuresOf()).toEqual([]);
  });
});

describe("what a crash leaves", () => {
  it("puts a torn tail aside, names it in the log, and goes on", async () => {
    await filled(2);
    const torn = '{"actor":{"id":"own';
    await appendFile(logFile(), torn);
    expect(await failuresOf()).toEqual([]);
    const { entries } = await append(open(), draft());
    expect(entries[0]?.seq).toBe(3);
    const recovered = await open().entry(2);
    expect(recovered).toMatchObject({ kind: "log.recovered", details: { bytes: torn.length } });
    const [kept = ""] = await readdir(at("audit/quarantine"));
    expect(await readFile(at(`audit/quarantine/${kept}`), "utf8")).toBe(torn);
    expect(await failuresOf()).toEqual([]);
  });

  it("finishes a handover that was cut off before the new key took its place", async () => {
    const log = await filled(2);
    const old = await readFile(at("audit/epoch.key"));
    nowMs += dayMs;
    await append(log, draft());
    const checkpoint = at("audit/checkpoint");
    // As it was after the certificate and before the new key was put in place.
    const all = await lines();
    await write(all.slice(0, 2));
    await rename(at("audit/epoch.key"), at("audit/epoch.key.next"));
    await writeFile(at("audit/epoch.key"), old, { mode: 0o600 });
    const { formatCheckpoint } = await import("../../../src/governance/audit/checkpoint.ts");
    const { formatNote, noteKey, parseNote } =
      await import("../../../src/governance/audit/signed-note.ts");
    const { logKeyOf } = await import("../../../src/governance/audit/ed25519.ts");
    const [, certificate = ""] = (await readFile(at("audit/epochs.jsonl"), "utf8")).split("\n");
    const note = (JSON.parse(certificate) as { certificate: string }).certificate;
    const [, origin = "", , size = "", tree = ""] =
      parseNote(Buffer.from(note))?.text.split("\n") ?? [];
    const key = logKeyOf(Buffer.from(old.toString("utf8").trim(), "base64url"));
    const text = formatCheckpoint({ origin, size: Number(size), root: tree, snapshot: undefined });
    await writeFile(checkpoint, formatNote(text, noteKey(origin, key.publicKey), key.sign));
    const { entries } = await append(open(), draft());
    expect(entries[0]?.seq).toBe(3);
    expect(await open().entry(2)).toMatchObject({ kind: "log.epoch" });
    expect(await failuresOf()).toEqual([]);
  });

  it("gives up on a lock that stays held, and takes nothing over", async () => {
    await filled(1);
    const log = open();
    const held = log.transact(async () => {
      await expect(append(open({ lockTimeoutMs: 20 }), draft())).rejects.toMatchObject({
        code: "AUTOSD-AUDIT-LOCKED",
      });
      return { append: [], value: undefined };
    });
    await held;
  });
});
