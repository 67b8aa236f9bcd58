import { z } from "zod";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import type { LogKey } from "./ed25519.ts";
import {
  formatNote,
  formatVkey,
  isSignedBy,
  type NoteKey,
  noteKey,
  parseNote,
  parseVkey,
} from "./signed-note.ts";

/** A key signs for at most a day and a thousand privileged entries; then the next one takes over. */
export const epochLifetimeMs = 24 * 3_600_000;
export const maxEpochEntries = 1_000;

const epochLineSchema = z.strictObject({
  v: z.literal(1),
  epoch: z.number().int().nonnegative(),
  startedAtMs: z.number().int().nonnegative(),
  vkey: z.string().max(512),
  /** Signed by the epoch before; null for the first, which is pinned outside the log. */
  certificate: z.string().max(4_096).nullable(),
});

/** The reign of one key: it signs checkpoints of sizes from `startSize` to the next one's start. */
export interface Epoch {
  readonly number: number;
  readonly startedAtMs: number;
  readonly key: NoteKey;
  /** Size of the log when the key took over. */
  readonly startSize: number;
  /** Base64 root at that size. */
  readonly startRoot: string;
  readonly certificate: string | null;
}

export type Epochs = readonly [Epoch, ...Epoch[]];

const certificateHeader = "autosd-log-key/v1";

/** What the old key signs: which key takes over, and at what size and root of the log. */
function certificateText(
  origin: string,
  epoch: Pick<Epoch, "number" | "startSize" | "startRoot" | "key">,
): string {
  const { number, startSize, startRoot, key } = epoch;
  return [certificateHeader, origin, number, startSize, startRoot, formatVkey(key), ""].join("\n");
}

/** The first epoch of a log. */
export function genesisEpoch(origin: string, key: LogKey, nowMs: number, root: string): Epoch {
  return {
    number: 0,
    startedAtMs: nowMs,
    key: noteKey(origin, key.publicKey),
    startSize: 0,
    startRoot: root,
    certificate: null,
  };
}

/** The epoch after `current`, certified by its key. */
export function nextEpoch(
  current: Epoch,
  keys: { readonly current: LogKey; readonly next: LogKey },
  at: { readonly size: number; readonly root: string; readonly nowMs: number },
): Epoch {
  const origin = current.key.name;
  const next = {
    number: current.number + 1,
    startedAtMs: at.nowMs,
    key: noteKey(origin, keys.next.publicKey),
    startSize: at.size,
    startRoot: at.root,
  };
  const text = certificateText(origin, next);
  return { ...next, certificate: formatNote(text, current.key, keys.current.sign) };
}

/** The text of `epochs.jsonl`. */
export function formatEpochs(epochs: readonly Epoch[]): string {
  return epochs
    .map(({ number, startedAtMs, key, certificate }) =>
      canonicalJson({ v: 1, epoch: number, startedAtMs, vkey: formatVkey(key), certificate }),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/**
 * The epochs of a log, each certified by the one before it. Refuses gaps, certificates of another
 * log, epoch, size order or key, and signatures that do not verify.
 */
export function parseEpochs(
  text: string,
  emptyRoot: string,
):
  | { readonly kind: "epochs"; readonly epochs: Epochs }
  | { readonly kind: "refused"; readonly message: string } {
  const refused = (line: number, message: string) =>
    ({ kind: "refused", message: `epochs.jsonl line ${line + 1}: ${message}` }) as const;
  const lines = text.split("\n");
  if (lines.pop() !== "") return refused(lines.length, "cut off");
  const epochs: Epoch[] = [];
  for (const [index, line] of lines.entries()) {
    const record = parseEpochLine(line);
    if (record?.epoch !== index) return refused(index, "not an epoch, or not the next one");
    const key = parseVkey(record.vkey);
    if (key === undefined) return refused(index, "not a verifier key");
    const before = epochs.at(-1);
    const epoch =
      before === undefined
        ? firstEpoch(record, key, emptyRoot)
        : certifiedEpoch(record, key, before);
    if (epoch === undefined) return refused(index, "not certified by the epoch before it");
    epochs.push(epoch);
  }
  const [first, ...rest] = epochs;
  return first === undefined ? refused(0, "empty") : { kind: "epochs", epochs: [first, ...rest] };
}

type EpochLine = z.infer<typeof epochLineSchema>;

function parseEpochLine(line: string): EpochLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const parsed = epochLineSchema.safeParse(value);
    // One text for one meaning: no second member of the same name.
    return parsed.success && canonicalJson(value) === line ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function firstEpoch(record: EpochLine, key: NoteKey, emptyRoot: string): Epoch | undefined {
  if (record.certificate !== null) return undefined;
  const { startedAtMs } = record;
  return { number: 0, startedAtMs, key, startSize: 0, startRoot: emptyRoot, certificate: null };
}

function certifiedEpoch(record: EpochLine, key: NoteKey, before: Epoch): Epoch | undefined {
  const { certificate, startedAtMs, epoch: number } = record;
  if (certificate === null || key.name !== before.key.name) return undefined;
  const note = parseNote(Buffer.from(certificate, "utf8"));
  if (note === undefined || !isSignedBy(note, before.key)) return undefined;
  const [, , , size = "", startRoot = ""] = note.text.split("\n");
  const startSize = Number(size);
  if (!Number.isSafeInteger(startSize) || startSize < before.startSize) return undefined;
  const epoch = { number, startedAtMs, key, startSize, startRoot, certificate };
  return certificateText(key.name, epoch) === note.text ? epoch : undefined;
}

/**
 * The checkpoint of a note that the log's key of its size signed. An epoch signs sizes above its
 * start (the first: from 0) up to the start of the next.
 */
export function verifyCheckpoint(
  bytes: Uint8Array,
  epochs: Epochs,
):
  | { readonly kind: "verified"; readonly checkpoint: Checkpoint; readonly epoch: Epoch }
  | { readonly kind: "refused"; readonly message: string } {
  const refused = (message: string) => ({ kind: "refused", message }) as const;
  const note = parseNote(bytes);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note);
  if (note === undefined || checkpoint === undefined) return refused("it is not a checkpoint");
  if (checkpoint.origin !== epochs[0].key.name)
    return refused(`it is of another log, ${JSON.stringify(checkpoint.origin)}`);
  const epoch = epochs.find(({ key }) => isSignedBy(note, key));
  if (epoch === undefined) return refused("no key of this log signed it");
  const next = epochs[epoch.number + 1];
  const { size } = checkpoint;
  const isBefore = size < epoch.startSize || (size === epoch.startSize && epoch.number > 0);
  if (isBefore || (next !== undefined && size > next.startSize))
    return refused(
      `the key of epoch ${epoch.number} signed size ${size}, which is outside that epoch`,
    );
  return { kind: "verified", checkpoint, epoch };
}
