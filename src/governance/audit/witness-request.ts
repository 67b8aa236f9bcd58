import { cosigningOf } from "./cosignature.ts";
import { formatSignature, parseNote } from "./signed-note.ts";
import type { Witness } from "./witness-quorum.ts";

/** C2SP tlog-witness, `add-checkpoint`: what a witness is sent. */
export interface AddCheckpoint {
  /** Size of the log that the witness has seen last. */
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** An answer as it came. */
export interface WitnessAnswer {
  readonly status: number;
  readonly body: string;
}

/** What an answer means. */
export type WitnessVerdict =
  /** `line` is its signature line, verified. */
  | { readonly kind: "cosigned"; readonly line: string; readonly atMs: number }
  /** It has seen the log at this size, not at the one that the proof begins with. */
  | { readonly kind: "elsewhere"; readonly size: number }
  /** What it has seen is no beginning of this log. */
  | { readonly kind: "contradicted"; readonly message: string }
  /** It does not cosign, or what it says is not to be used. */
  | { readonly kind: "refused"; readonly message: string }
  /** It may cosign when it is asked again. */
  | { readonly kind: "unavailable"; readonly message: string };

/** How far the clocks of a witness and of this machine may be apart. */
export const maxClockGapMs = 5 * 60_000;

const sizePattern = /^(0|[1-9][0-9]{0,15})\n$/;

/** The body of the request. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  const hashes = proof.map((hash) => Buffer.from(hash).toString("base64"));
  return [`old ${oldSize}`, ...hashes, "", checkpoint].join("\n");
}

/** What a witness that was sent `checkpoint` says with its answer. */
export function verdictOf(
  answer: WitnessAnswer,
  asked: { readonly witness: Witness; readonly checkpoint: string; readonly nowMs: number },
): WitnessVerdict {
  const { status, body } = answer;
  if (status === 200) return cosignedVerdict(body, asked);
  if (status === 409) {
    const [, size = ""] = sizePattern.exec(body) ?? [];
    return size !== "" && Number.isSafeInteger(Number(size))
      ? { kind: "elsewhere", size: Number(size) }
      : refused("answered 409 without the size that it has seen");
  }
  if (status === 422)
    return {
      kind: "contradicted",
      message: "says that this log does not continue what it has seen",
    };
  if (status === 404) return refused("does not know this log (404): give it the log's key");
  if (status === 403) return refused("does not accept the log's key (403): give it the log's key");
  if (status >= 300 && status < 400)
    return refused(`answered with a redirect (${status}), which is not followed`);
  if (status === 429 || status >= 500)
    return { kind: "unavailable", message: `answered with status ${status}` };
  return refused(`answered with status ${status}`);
}

function cosignedVerdict(
  body: string,
  asked: { readonly witness: Witness; readonly checkpoint: string; readonly nowMs: number },
): WitnessVerdict {
  const text = asked.checkpoint.slice(0, asked.checkpoint.lastIndexOf("\n\n") + 1);
  // Only what came with the answer counts, and over the very text that was sent.
  const note = parseNote(Buffer.from(`${text}\n${body}`, "utf8"));
  if (note?.text !== text) return refused("answered with what are no signature lines");
  const said = cosigningOf(note, asked.witness.key);
  if (said.kind === "absent") return refused("answered without a cosignature by its key");
  if (said.kind === "refused") return refused(`answered, but ${said.message}`);
  const gapMs = said.atMs - asked.nowMs;
  if (Math.abs(gapMs) > maxClockGapMs)
    return refused(
      `dates its cosignature ${new Date(said.atMs).toISOString()}: its clock or this machine's is wrong, or the answer is an old one`,
    );
  return { kind: "cosigned", line: formatSignature(said.signature), atMs: said.atMs };
}

function refused(message: string): WitnessVerdict {
  return { kind: "refused", message };
}
