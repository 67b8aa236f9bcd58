import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { EntryDraft } from "./entry.ts";

/** Details and results longer than this leave the line. */
const maxInlineBytes = 4 * 1024;
/** What may always stay: numbers and short texts that the log's own state is made of. */
const maxKeptBytes = 256;
const saltBytes = 32;
/** Details of these names are what the log's own state is made of, whatever their length. */
const keptMembers: ReadonlySet<string> = new Set(["trust"]);
/** Details of this name are about people: they are never in the line, so that they can be erased. */
const personalMember = "personal";

/** Content that a line refers to by digest. Without it, and its salt, the digest tells nothing. */
export interface Blob {
  /** `sha256:` of `bytes`. */
  readonly digest: string;
  /** 32 random bytes, then canonical JSON. */
  readonly bytes: Uint8Array;
}

/**
 * Moves what is long or personal out of a redacted draft: `details` keeps a reference
 * `blob: {bytes, digest, members}`, a long `result` becomes `{blob: {bytes, digest}}`.
 */
export function moveOut(
  draft: EntryDraft,
  entropy: Entropy,
): { readonly draft: EntryDraft; readonly blobs: readonly Blob[] } {
  const blobs: Blob[] = [];
  const reference = (content: unknown) => {
    const text = Buffer.from(canonicalJson(content), "utf8");
    const bytes = Buffer.concat([entropy.bytes(saltBytes), text]);
    const digest = sha256(bytes);
    blobs.push({ digest, bytes });
    return { digest, bytes: text.length };
  };
  let moved = draft;
  const { details, result } = draft;
  if (details !== undefined) {
    const names = membersToMove(details);
    if (names.length > 0) {
      const out = Object.fromEntries(names.map((name) => [name, details[name]]));
      const kept = Object.entries(details).filter(([name]) => !names.includes(name));
      const blob = { ...reference(out), members: names };
      moved = { ...moved, details: { ...Object.fromEntries(kept), blob } };
    }
  }
  if (result !== undefined && lengthOf(result) > maxInlineBytes)
    moved = { ...moved, result: { blob: reference(result) } };
  return { draft: moved, blobs };
}

function membersToMove(details: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.keys(details).sort();
  const isLong = lengthOf(details) > maxInlineBytes;
  return names.filter(
    (name) =>
      name === personalMember ||
      (isLong && !keptMembers.has(name) && lengthOf(details[name]) > maxKeptBytes),
  );
}

function lengthOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(canonicalJson(value), "utf8");
}
