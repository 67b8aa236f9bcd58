import { createHash } from "node:crypto";
import { verifyEd25519 } from "./ed25519.ts";

/** A C2SP signed-note verifier key (algorithm 1, Ed25519). */
export interface NoteKey {
  /** Name of the signer: no white space, no plus sign. */
  readonly name: string;
  /** First four bytes of SHA-256 over the name, a newline, `0x01` and the key. */
  readonly id: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  /** What follows the key id. */
  readonly signature: Uint8Array;
}

export interface SignedNote {
  /** The signed bytes: lines, each ended by a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export const maxNoteBytes = 64 * 1024;
const maxSignatures = 64;
const ed25519 = 0x01;
const idBytes = 4;
const vkeyPattern = /^([^\s+]{1,256})\+[0-9a-f]{8}\+([A-Za-z0-9+/=]+)$/u;
/** Everything below a space but the newline. */
const controls = /[\u0000-\u0009\u000b-\u001f]/;
const signatureLine = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** The key of a name, with its id. */
export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  const id = createHash("sha256")
    .update(`${name}\n`, "utf8")
    .update(Uint8Array.of(ed25519))
    .update(publicKey)
    .digest()
    .subarray(0, idBytes);
  return { name, id, publicKey };
}

/** `<name>+<id in hex>+<base64 of 0x01 and the key>`. */
export function formatVkey(key: NoteKey): string {
  const bytes = Buffer.concat([Uint8Array.of(ed25519), key.publicKey]);
  return `${key.name}+${Buffer.from(key.id).toString("hex")}+${bytes.toString("base64")}`;
}

/** Undefined for everything but the one text of an Ed25519 key whose id is right. */
export function parseVkey(text: string): NoteKey | undefined {
  const [, name = "", encoded = ""] = vkeyPattern.exec(text) ?? [];
  const bytes = canonicalBase64(encoded);
  if (bytes?.length !== 33 || bytes[0] !== ed25519) return undefined;
  const key = noteKey(name, bytes.subarray(1));
  return formatVkey(key) === text ? key : undefined;
}

/** The note of a text with one signature. The text must end with a newline. */
export function formatNote(
  text: string,
  key: NoteKey,
  sign: (bytes: Uint8Array) => Uint8Array,
): string {
  const signature = Buffer.concat([key.id, sign(Buffer.from(text, "utf8"))]);
  return `${text}\n\u2014 ${key.name} ${signature.toString("base64")}\n`;
}

/** Undefined for what is not a signed note: nothing is verified here. */
export function parseNote(bytes: Uint8Array): SignedNote | undefined {
  if (bytes.length > maxNoteBytes) return undefined;
  const whole = Buffer.from(bytes).toString("utf8");
  if (!Buffer.from(whole, "utf8").equals(bytes) || controls.test(whole)) return undefined;
  const end = whole.lastIndexOf("\n\n");
  if (end === -1 || !whole.endsWith("\n")) return undefined;
  const lines = whole.slice(end + 2, -1).split("\n");
  if (lines.length > maxSignatures) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text: whole.slice(0, end + 1), signatures };
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = "", encoded = ""] = signatureLine.exec(line) ?? [];
  const bytes = canonicalBase64(encoded);
  if (bytes === undefined || bytes.length <= idBytes) return undefined;
  return { name, id: bytes.subarray(0, idBytes), signature: bytes.subarray(idBytes) };
}

/**
 * Whether `key` signed the note. Signatures of other keys say nothing; of several by this key all
 * must verify.
 */
export function isSignedBy(note: SignedNote, key: NoteKey): boolean {
  const own = note.signatures.filter(
    ({ name, id }) => name === key.name && Buffer.from(id).equals(key.id),
  );
  const bytes = Buffer.from(note.text, "utf8");
  return (
    own.length > 0 && own.every(({ signature }) => verifyEd25519(key.publicKey, bytes, signature))
  );
}

/** Undefined for all but the one standard encoding of some bytes. */
export function canonicalBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
