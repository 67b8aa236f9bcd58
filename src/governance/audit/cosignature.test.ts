import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, it } from "vitest";
import { cosigningOf } from "./cosignature.ts";
import { formatSignature, noteKey, noteTypes, parseNote } from "./signed-note.ts";

// Cosignatures are made here with noble's Ed25519, from the words of the specification.

const secret = new Uint8Array(32).fill(7);
const key = noteKey("w.example/1", ed25519.getPublicKey(secret), noteTypes.cosignature);
const text = `log.example/1\n5\n${Buffer.alloc(32, 1).toString("base64")}\n`;

function lineOf(timeS: bigint, message = `cosignature/v1\ntime ${timeS}\n${text}`): string {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(timeS);
  const signature = Buffer.concat([time, ed25519.sign(Buffer.from(message), secret)]);
  return formatSignature({ name: key.name, id: key.id, signature });
}

function said(...lines: readonly string[]) {
  const other = formatSignature({ name: "log.example/1", id: key.id, signature: Buffer.alloc(64) });
  const note = parseNote(Buffer.from(`${text}\n${other}${lines.join("")}`));
  if (note === undefined) throw new Error("not a note");
  return cosigningOf(note, key);
}

it("takes a cosignature, with its time; of several the latest", () => {
  expect(said(lineOf(1_679_315_147n))).toMatchObject({ kind: "cosigned", atMs: 1_679_315_147_000 });
  expect(said(lineOf(30n), lineOf(20n))).toMatchObject({ kind: "cosigned", atMs: 30_000 });
});

it("says nothing of keys that did not sign", () => {
  expect(said()).toEqual({ kind: "absent" });
});

it("refuses what is not the witness's word about this very text and time", () => {
  for (const line of [
    lineOf(20n, `cosignature/v1\ntime 21\n${text}`),
    lineOf(20n, text),
    lineOf(20n, `cosignature/v1\ntime 20\n${text}extension\n`),
    lineOf(0n),
    lineOf(2n ** 63n),
    formatSignature({ name: key.name, id: key.id, signature: Buffer.alloc(71) }),
  ]) {
    expect(said(line).kind).toBe("refused");
    // A good one beside it does not make up for it.
    expect(said(lineOf(20n), line).kind).toBe("refused");
  }
});

it("refuses every changed bit of the signature and its time", () => {
  const bytes = Buffer.from(lineOf(1_679_315_147n).trimEnd().split(" ")[2] ?? "", "base64");
  for (let bit = 32; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(said(`\u2014 ${key.name} ${changed.toString("base64")}\n`).kind).toBe("refused");
  }
});
