import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuditLog } from "../../../src/adapters/governance/create-audit-log.ts";
import { HashBuffer } from "../../../src/governance/audit/hash-buffer.ts";
import { leafHash, MerkleFrontier } from "../../../src/governance/audit/merkle.ts";
import {
  consistencyProof,
  inclusionProof,
  rootOfSize,
  storedPosition,
} from "../../../src/governance/audit/tree-hashes.ts";
import { verifyConsistency, verifyInclusion } from "../../../src/governance/audit/verify-proof.ts";

// Everything below is written from docs/audit-verification.md and the RFCs, using nothing of autosd.
const sha = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const zero = Buffer.of(0);
const one = Buffer.of(1);

/** RFC 6962 section 2.1, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha();
  if (leaves.length === 1) return sha(zero, first);
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return sha(one, treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)));
}

/** RFC 6962 section 2.1.1, word for word. */
function path(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length <= 1) return [];
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return m < k
    ? [...path(m, leaves.slice(0, k)), treeHash(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), treeHash(leaves.slice(0, k))];
}

/** RFC 6962 section 2.1.2, word for word. */
function proof(m: number, leaves: readonly Uint8Array[], isWhole: boolean): Buffer[] {
  if (m === leaves.length) return isWhole ? [] : [treeHash(leaves)];
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return m <= k
    ? [...proof(m, leaves.slice(0, k), isWhole), treeHash(leaves.slice(k))]
    : [...proof(m - k, leaves.slice(k), false), treeHash(leaves.slice(0, k))];
}

/** Steps 6 to 10 of the document. */
function rootFromProof(line: Uint8Array, index: number, size: number, hashes: Uint8Array[]) {
  let h = sha(zero, line);
  let f = index;
  let s = size - 1;
  for (const p of hashes) {
    if (f % 2 === 1 || f === s) {
      h = sha(one, p, h);
      while (f % 2 === 0 && f !== 0) [f, s] = [Math.floor(f / 2), Math.floor(s / 2)];
    } else h = sha(one, h, p);
    [f, s] = [Math.floor(f / 2), Math.floor(s / 2)];
  }
  return s === 0 ? h.toString("base64") : "";
}

/** A signed note by one key, from the C2SP text. */
function noteHolds(note: string, vkey: string): boolean {
  const [, name = "", id = "", encoded = ""] = /^(.*?)\+([0-9a-f]{8})\+(.*)$/.exec(vkey) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  const computed = sha(Buffer.from(`${name}\n`), bytes).subarray(0, 4);
  if (computed.toString("hex") !== id) return false;
  const end = note.lastIndexOf("\n\n");
  const text = note.slice(0, end + 1);
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: bytes.subarray(1).toString("base64url") },
    format: "jwk",
  });
  return note
    .slice(end + 2)
    .trimEnd()
    .split("\n")
    .some((line) => {
      const [, by, signature = ""] = line.split(" ");
      const raw = Buffer.from(signature, "base64");
      return (
        by === name &&
        raw.subarray(0, 4).equals(computed) &&
        verify(null, Buffer.from(text), key, raw.subarray(4))
      );
    });
}

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`));

function treeOf(leaves: readonly Uint8Array[]) {
  const frontier = MerkleFrontier.empty();
  const hashes = new HashBuffer(0);
  for (const leaf of leaves) frontier.append(leafHash(leaf), (hash) => hashes.append(hash));
  const read = async (level: number, index: number) =>
    hashes.at(storedPosition(level, index)) ?? Buffer.alloc(32);
  return { root: Buffer.from(frontier.root()), read };
}

describe("the tree", () => {
  it("has the root, the inclusion and the consistency proofs of RFC 6962, for every size", async () => {
    for (let size = 0; size <= 40; size += 1) {
      const leaves = leavesOf(size);
      const { root, read } = treeOf(leaves);
      expect(root).toEqual(treeHash(leaves));
      for (let old = 0; old <= size; old += 1) {
        const oldRoot = Buffer.from(await rootOfSize(read, old));
        expect(oldRoot).toEqual(treeHash(leaves.slice(0, old)));
        const path = await consistencyProof(read, old, size);
        if (old > 0)
          expect(path.map((hash) => Buffer.from(hash))).toEqual(proof(old, leaves, true));
        expect(verifyConsistency({ oldSize: old, oldRoot, size, root, proof: path })).toBe(true);
      }
      for (let index = 0; index < size; index += 1) {
        const hashes = await inclusionProof(read, index, size);
        expect(hashes.map((hash) => Buffer.from(hash))).toEqual(path(index, leaves));
      }
    }
  });

  it("takes no proof for another leaf, place, size or root", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 200 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const leaves = leavesOf(size);
        const { root, read } = treeOf(leaves);
        const index = a % size;
        const other = b % size;
        const claim = { size, root, proof: await inclusionProof(read, index, size) };
        const leaf = leafHash(leaves[index] ?? Buffer.of());
        expect(verifyInclusion({ ...claim, leaf, index })).toBe(true);
        if (other !== index) {
          expect(verifyInclusion({ ...claim, leaf, index: other })).toBe(false);
          const wrong = leafHash(leaves[other] ?? Buffer.of());
          expect(verifyInclusion({ ...claim, leaf: wrong, index })).toBe(false);
        }
        const longer = [...claim.proof, Buffer.alloc(32)];
        expect(verifyInclusion({ ...claim, leaf, index, proof: longer })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf, index, proof: claim.proof.slice(1) })).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe("docs/audit-verification.md", () => {
  let home = "";
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "autosd-third-party-"));
  });
  afterAll(() => rm(home, { recursive: true }));

  it("is enough to verify an entry of a log with several epochs, with no code of autosd", async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const log = createAuditLog({
      home,
      logFile: join(home, "audit.log.jsonl"),
      clock: { now: () => nowMs, monotonicMs: () => nowMs },
      entropy: { bytes: (count) => randomBytes(count) },
    });
    const { vkey: first } = await log.ensureGenesis();
    const actor = { type: "operator", id: "owner" } as const;
    for (let index = 0; index < 11; index += 1) {
      await log.transact(async () => ({
        append: [{ kind: "halt", actor, project: `p${index}` }],
        value: undefined,
      }));
      nowMs += 9 * 3_600_000;
    }
    const lines = (await readFile(join(home, "audit.log.jsonl"), "utf8")).trimEnd().split("\n");
    const epochs = (await readFile(join(home, "audit", "epochs.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { vkey: string; certificate: string });
    expect(epochs.length).toBeGreaterThan(2);
    expect(epochs[0]?.vkey).toBe(first);
    for (const [index, { vkey, certificate }] of epochs.entries()) {
      if (index === 0) continue;
      expect(noteHolds(certificate, epochs[index - 1]?.vkey ?? "")).toBe(true);
      expect(certificate.split("\n")[5]).toBe(vkey);
    }
    for (const [index, line] of lines.entries()) {
      const text = await log.prove(index);
      const blank = text.indexOf("\n\n");
      const [header, at, ...hashes] = text.slice(0, blank).split("\n");
      const checkpoint = text.slice(blank + 2);
      expect([header, at]).toEqual(["c2sp.org/tlog-proof@v1", `index ${index}`]);
      expect(noteHolds(checkpoint, epochs.at(-1)?.vkey ?? "")).toBe(true);
      const [, size = "", root] = checkpoint.split("\n");
      const decoded = hashes.map((hash) => Buffer.from(hash, "base64"));
      expect(rootFromProof(Buffer.from(line), index, Number(size), decoded)).toBe(root);
    }
  });
});
