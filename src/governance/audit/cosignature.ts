import { publicJwkOf, verifySignature } from "../keys/public-key.ts";
import { type NoteKey, type NoteSignature, type SignedNote, signaturesOf } from "./signed-note.ts";

/** What a key of a witness says in a note: C2SP tlog-cosignature, `cosignature/v1`. */
export type Cosigning =
  /** At `atMs`, by its own clock, this was the largest tree of the log that the witness had seen. */
  | { readonly kind: "cosigned"; readonly atMs: number; readonly signature: NoteSignature }
  | { readonly kind: "absent" }
  /** There is a signature of its name and id which is not one. */
  | { readonly kind: "refused"; readonly message: string };

const timeBytes = 8;
const signatureBytes = 64;
/** Later ones are no date. */
const maxTimeS = 8_640_000_000_000n;

/** The bytes that a witness signs: a header, its time, and the text of the checkpoint. */
function cosignedBytes(text: string, timeS: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`, "utf8");
}

/**
 * What `key` says in the note. Several cosignatures by one key must all verify; the latest counts.
 * Strict: a weak key, a second spelling of a signature and a missing time are refused.
 */
export function cosigningOf(note: SignedNote, key: NoteKey): Cosigning {
  let latest: { readonly atMs: number; readonly signature: NoteSignature } | undefined;
  for (const signature of signaturesOf(note, key)) {
    const timeS = timeOf(signature.signature);
    if (timeS === undefined) return refused(`the cosignature of ${key.name} has no time`);
    if (!isSigned(note.text, key, timeS, signature.signature.subarray(timeBytes)))
      return refused(`the cosignature of ${key.name} is not by its key`);
    const atMs = timeS * 1_000;
    if (latest === undefined || atMs > latest.atMs) latest = { atMs, signature };
  }
  return latest === undefined ? { kind: "absent" } : { kind: "cosigned", ...latest };
}

function refused(message: string): Cosigning {
  return { kind: "refused", message };
}

/** Undefined when it is 0, which means none, or beyond every calendar. */
function timeOf(bytes: Uint8Array): number | undefined {
  if (bytes.length !== timeBytes + signatureBytes) return undefined;
  const time = Buffer.from(bytes).readBigUInt64BE(0);
  return time === 0n || time > maxTimeS ? undefined : Number(time);
}

function isSigned(text: string, key: NoteKey, timeS: number, signature: Uint8Array): boolean {
  const parsed = publicJwkOf(key.publicKey);
  return (
    parsed.kind === "key" && verifySignature(parsed.jwk, cosignedBytes(text, timeS), signature)
  );
}
