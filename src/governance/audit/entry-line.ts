import { isoTime } from "../../kernel/clock.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import { redactValue } from "../../kernel/redaction.ts";
import { GovernanceError } from "../errors.ts";
import { isEntry } from "./entry-check.ts";
import { type Entry, type EntryDraft, entryDraftSchema } from "./entry.ts";

/** Longest line without its newline. What is larger goes to blobs. */
export const maxLineBytes = 64 * 1024;

/** `prev` of the first line: the digest of nothing. */
export const chainStart = sha256("");

/** Where a new line stands in the chain. */
export interface LinePlace {
  readonly seq: number;
  /** Digest of the line before. */
  readonly prev: string;
  readonly timeMs: number;
}

/**
 * A draft without its secrets: what may be hashed for ever. Throws AUTOSD-AUDIT-UNWRITABLE when it
 * is not an entry, or would not be one any more.
 */
export function redactDraft(draft: EntryDraft): EntryDraft {
  const parsed = entryDraftSchema.safeParse(redactValue(draft));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GovernanceError(
    "AUTOSD-AUDIT-UNWRITABLE",
    `An entry of kind ${draft.kind} cannot be recorded: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "malformed"}.`,
    { remedy: "Report this as a bug of autosd." },
  );
}

/** The line of a redacted draft: canonical JSON without a newline, and the entry that it says. */
export function buildLine(
  draft: EntryDraft,
  place: LinePlace,
): { readonly line: Uint8Array; readonly entry: Entry } {
  const entry: Entry = {
    ...draft,
    v: 1,
    seq: place.seq,
    prev: place.prev,
    ts: isoTime(place.timeMs),
  };
  let text: string;
  try {
    text = canonicalJson(entry);
  } catch (error) {
    throw new GovernanceError(
      "AUTOSD-AUDIT-UNWRITABLE",
      `An entry of kind ${draft.kind} cannot be said in JSON.`,
      { cause: error, remedy: "Report this as a bug of autosd." },
    );
  }
  const line = Buffer.from(text, "utf8");
  if (line.length > maxLineBytes)
    throw new GovernanceError(
      "AUTOSD-AUDIT-UNWRITABLE",
      `An entry of kind ${draft.kind} has ${line.length} bytes; at most ${maxLineBytes} are recorded.`,
      { remedy: "Report this as a bug of autosd." },
    );
  return { line, entry };
}

/** The entry that a line says; undefined when it says none. The place in the chain is not checked. */
export function parseLine(line: Uint8Array): Entry | undefined {
  if (line.length > maxLineBytes) return undefined;
  try {
    const { buffer, byteOffset, byteLength } = line;
    const value: unknown = JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString("utf8"));
    return isEntry(value) && !Number.isNaN(Date.parse(value.ts)) ? value : undefined;
  } catch {
    return undefined;
  }
}
