import { createHash } from "node:crypto";
import { verifyEd25519 } from "./ed25519.ts";

/** C2SP signature types that autosd knows: what a key signs, and how. Both are Ed25519. */
export const noteTypes = {
  /** The note's text. */
  note: 0x01,
  /** tlog-cosignature: a time and a checkpoint. */
  cosignature: 0x04,
} as const;
export type NoteType = (typeof noteTypes)[keyof typeof noteTypes];

/** A C2SP signed-note verifier key (Ed25519). */
export interface NoteKey {
  /** Name of the signer: no white space, no plus sign. */
  readonly name: string;
  /** First four bytes of SHA-256 over the name, a newline, the signature type and the key. */
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
const idBytes = 4;
const vkeyPattern = /^([^\s+]{1,256})\+[0-9a-f]{8}\+([A-Za-z0-9+/=]+)$/u;
/** Everything below a space but the newline. */
const controls = /[\u0000-\u0009\u000b-\u001f]/;
const signatureLine = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** The key of a name, with its id. */
export function noteKey(
  name: string,
  publicKey: Uint8Array,
  type: NoteType = noteTypes.note,
): NoteKey {
  const id = createHash("sha256")
    .update(`${name}\n`, "utf8")
    .update(Uint8Array.of(type))
    .update(publicKey)
    .digest()
    .subarray(0, idBytes);
  return { name, id, publicKey };
}

/** `<name>+<id in hex>+<base64 of the type and the key>`. */
export function formatVkey(key: NoteKey, type: NoteType = noteTypes.note): string {
  const bytes = Buffer.concat([Uint8Array.of(type), key.publicKey]);
  return `${key.name}+${Buffer.from(key.id).toString("hex")}+${bytes.toString("base64")}`;
}

/** Undefined for everything but the one text of a key of this type whose id is right. */
export function parseVkey(text: string, type: NoteType = noteTypes.note): NoteKey | undefined {
  const [, name = "", encoded = ""] = vkeyPattern.exec(text) ?? [];
  const bytes = canonicalBase64(encoded);
  if (bytes?.length !== 33 || bytes[0] !== type) return undefined;
  const key = noteKey(name, bytes.subarray(1), type);
  return formatVkey(key, type) === text ? key : undefined;
}

/** The note of a text with one signature. The text must end with a newline. */
export function formatNote(
  text: string,
  key: NoteKey,
  sign: (bytes: Uint8Array) => Uint8Array,
): string {
  const signature = sign(Buffer.from(text, "utf8"));
  return `${text}\n${formatSignature({ name: key.name, id: key.id, signature })}`;
}

/** A signature line, with its newline: what is added to the end of a note that others sign, too. */
export function formatSignature({ name, id, signature }: NoteSignature): string {
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
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
  const own = signaturesOf(note, key);
  const bytes = Buffer.from(note.text, "utf8");
  return (
    own.length > 0 && own.every(({ signature }) => verifyEd25519(key.publicKey, bytes, signature))
  );
}

/** The signatures that claim to be by `key`. */
export function signaturesOf(note: SignedNote, key: NoteKey): readonly NoteSignature[] {
  return note.signatures.filter(
    ({ name, id }) => name === key.name && Buffer.from(id).equals(key.id),
  );
}

/** Undefined for all but the one standard encoding of some bytes. */
export function canonicalBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
