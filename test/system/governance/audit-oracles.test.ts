import { createHash, createPublicKey, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyCheckpoint } from "@sigstore/verify/dist/tlog/checkpoint.js";
import { verifyMerkleInclusion } from "@sigstore/verify/dist/tlog/merkle.js";
import { RFC9162 } from "@transmute/rfc9162";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuditLog } from "../../../src/adapters/governance/create-audit-log.ts";
import type { AuditTrail } from "../../../src/governance/audit/audit-trail.port.ts";
import { HashBuffer } from "../../../src/governance/audit/hash-buffer.ts";
import { leafHash, MerkleFrontier } from "../../../src/governance/audit/merkle.ts";
import { consistencyProof, storedPosition } from "../../../src/governance/audit/tree-hashes.ts";
import { verifyConsistency } from "../../../src/governance/audit/verify-proof.ts";

// What other people's verifiers say of our log: sigstore's for inclusion proofs and signed
// checkpoints, and one of RFC 9162 for consistency proofs, which sigstore's does not know.

const entries = 70;
type Entry = Parameters<typeof verifyMerkleInclusion>[0];
type Authority = Parameters<typeof verifyCheckpoint>[1][number];

let home = "";
let log: AuditTrail;
let lines: readonly string[] = [];
/** The checkpoint of each size that had one. */
const notes = new Map<number, string>();

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "autosd-oracles-"));
  const logFile = join(home, "audit.log.jsonl");
  const nowMs = Date.UTC(2026, 0, 1);
  log = createAuditLog({
    ...{ home, logFile, clock: { now: () => nowMs, monotonicMs: () => nowMs } },
    entropy: { bytes: (count) => randomBytes(count) },
  });
  for (let index = 0; index < entries; index += 1) {
    await log.transact(async () => ({
      append: [{ kind: "halt", actor: { type: "operator", id: "owner" }, project: `p${index}` }],
      value: undefined,
    }));
    const signed = await log.checkpoint();
    if (signed !== undefined) notes.set(signed.checkpoint.size, signed.note);
  }
  lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
});
afterAll(() => rm(home, { recursive: true }));

/** What a sigstore client is told of a log, made of our verifier key. */
function authorityOf(vkey: string): Authority {
  const [, name = "", id = "", encoded = ""] = /^(.*?)\+([0-9a-f]{8})\+(.*)$/.exec(vkey) ?? [];
  const x = Buffer.from(encoded, "base64").subarray(1).toString("base64url");
  return {
    logID: Buffer.from(id, "hex"),
    publicKey: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }),
    baseURL: name,
    validFor: { start: new Date(0), end: new Date(8.64e15) },
  };
}

/** An entry with its `.tlog-proof`, in sigstore's form. */
function entryOf(proofText: string, line: string): Entry {
  const blank = proofText.indexOf("\n\n");
  const [, index = "", ...hashes] = proofText.slice(0, blank).split("\n");
  const envelope = proofText.slice(blank + 2);
  const [, treeSize = "", root = ""] = envelope.split("\n");
  const logIndex = index.slice("index ".length);
  return {
    logIndex,
    logId: { keyId: Buffer.alloc(0) },
    kindVersion: undefined,
    integratedTime: "0",
    inclusionPromise: undefined,
    canonicalizedBody: Buffer.from(line),
    inclusionProof: {
      ...{ logIndex, treeSize, rootHash: Buffer.from(root, "base64") },
      hashes: hashes.map((hash) => Buffer.from(hash, "base64")),
      checkpoint: { envelope },
    },
  } as Entry;
}

describe("sigstore's verifier", () => {
  it("takes every proof and every checkpoint of our log", async () => {
    const { vkey } = (await log.identity()) ?? { vkey: "" };
    const authority = authorityOf(vkey);
    for (const [seq, line] of lines.entries()) {
      const entry = entryOf(await log.prove(seq), line);
      const checkpoint = verifyCheckpoint(entry, [authority]);
      expect(checkpoint.logSize).toBe(BigInt(lines.length));
      expect(() => verifyMerkleInclusion(entry, checkpoint)).not.toThrow();
    }
    for (const note of notes.values()) {
      const entry = entryOf(`\nindex 0\n\n${note}`, "");
      expect(verifyCheckpoint(entry, [authority]).origin).toBe(authority.baseURL);
    }
  });

  it("takes none for another entry, and no checkpoint that was changed", async () => {
    const { vkey } = (await log.identity()) ?? { vkey: "" };
    const authority = authorityOf(vkey);
    const proof = await log.prove(5);
    const wrong = entryOf(proof, lines[6] ?? "");
    const checkpoint = verifyCheckpoint(wrong, [authority]);
    expect(() => verifyMerkleInclusion(wrong, checkpoint)).toThrow("root hash");
    const changed = entryOf(proof.replace(`\n${lines.length}\n`, `\n${lines.length - 1}\n`), "");
    expect(() => verifyCheckpoint(changed, [authority])).toThrow("signature");
  });
});

describe("a verifier of RFC 9162", () => {
  it("agrees that each checkpoint of our log continues each earlier one, and only with its proof", async () => {
    const frontier = MerkleFrontier.empty();
    const hashes = new HashBuffer(0);
    for (const line of lines)
      frontier.append(leafHash(Buffer.from(line)), (hash) => hashes.append(hash));
    const read = async (level: number, index: number) =>
      hashes.at(storedPosition(level, index)) ?? Buffer.alloc(32);
    const rootIn = (note = "") => new Uint8Array(Buffer.from(note.split("\n")[2] ?? "", "base64"));
    const sizes = [...notes.keys()];
    expect(sizes.length).toBe(entries);
    for (const [at, size] of sizes.entries())
      for (const oldSize of sizes.slice(0, at)) {
        const path = await consistencyProof(read, oldSize, size);
        const [oldRoot, root] = [rootIn(notes.get(oldSize)), rootIn(notes.get(size))];
        const theirs = (proof: readonly Uint8Array[]) =>
          verdictOf({ oldSize, oldRoot, size, root, proof });
        expect(await theirs(path), `${oldSize} to ${size}`).toBe(true);
        const altered = path.map((hash, index) =>
          index === at % path.length ? createHash("sha256").update(hash).digest() : hash,
        );
        expect(await theirs(altered)).toBe(false);
        expect(verifyConsistency({ oldSize, oldRoot, size, root, proof: altered })).toBe(false);
      }
  });

  it("computes the root that our checkpoint has", async () => {
    const root = await RFC9162.treeHead(lines.map((line) => new Uint8Array(Buffer.from(line))));
    expect(Buffer.from(root).toString("base64")).toBe(notes.get(lines.length)?.split("\n")[2]);
  });
});

function verdictOf(claim: Parameters<typeof verifyConsistency>[0]): Promise<boolean> {
  const { oldSize, oldRoot, size, root, proof } = claim;
  // Step 2 of the RFC's verification is not in theirs: the root of a full tree comes first.
  const isFull = Number.isInteger(Math.log2(oldSize));
  return RFC9162.verifyConsistencyProof(new Uint8Array(oldRoot), new Uint8Array(root), {
    log_id: "",
    tree_size_1: oldSize,
    tree_size_2: size,
    consistency_path: [...(isFull ? [oldRoot] : []), ...proof].map((hash) => new Uint8Array(hash)),
  });
}
