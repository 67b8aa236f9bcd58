import { type Checkpoint, parseCheckpoint } from "../../governance/audit/checkpoint.ts";
import { type Epochs, verifyCheckpoint } from "../../governance/audit/epochs.ts";
import type {
  LogFinding,
  LogPart,
  OutsideEvidence,
} from "../../governance/audit/log-verification.ts";
import {
  formatVkey,
  isSignedBy,
  maxNoteBytes,
  type NoteKey,
  noteKey,
  parseNote,
} from "../../governance/audit/signed-note.ts";
import type { ExpectedRoot } from "../../governance/audit/verify-log.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { readHistory } from "./audit-history.ts";
import { readEpochs } from "./audit-keys.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { readAnchors } from "./audit-proofs.ts";
import { readPrivateFile } from "./private-files.ts";
import { readWitnessKey } from "./witness-key.ts";

/** A root that a note names. */
export interface NotedRoot {
  readonly expected: ExpectedRoot;
  readonly note: Uint8Array;
}

/** What the log says about itself besides its entries, as far as it can be read. */
export interface Claims {
  readonly epochs: Epochs | undefined;
  readonly checkpoint: Checkpoint | undefined;
  /** Of epochs, the checkpoint, and what was kept or pinned: every one must be there. */
  readonly expected: readonly ExpectedRoot[];
  /** Which of these are checkpoints that somebody kept. */
  readonly kept: readonly NotedRoot[];
  /** The log's own history, whose signatures nobody has looked at. */
  readonly history: readonly NotedRoot[];
  readonly unreadableHistory: number;
  readonly failures: readonly LogFinding[];
}

/** Reads everything that is said about a log besides its entries. */
export async function readClaims(places: AuditPlaces, outside: OutsideEvidence): Promise<Claims> {
  const failures: LogFinding[] = [];
  const attempt = async <T>(part: LogPart, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GovernanceError)) throw error;
      failures.push(failed(part, error.message));
      return undefined;
    }
  };
  // Checkpoints first: the entries that they cover, and the keys that signed them, were there before.
  const limits = { maxBytes: maxNoteBytes, secrecy: "public" } as const;
  const note = await attempt("checkpoint", () => readPrivateFile(places.checkpoint, limits));
  const past = await attempt("checkpoint", () => readHistory(places));
  const anchors = (await attempt("anchor", () => readAnchors(places))) ?? [];
  const epochs = await attempt("epochs", () => readEpochs(places));
  const none = { kept: [], history: [], unreadableHistory: past?.unreadable ?? 0, failures };
  if (epochs === undefined) {
    // Without keys nothing is signed; an empty place is no log at all.
    if (note !== undefined || outside.pins.length > 0 || outside.genesis !== undefined)
      failures.push(failed("epochs", "the epochs of the log are missing"));
    return { ...none, epochs, checkpoint: undefined, expected: outside.pins };
  }
  const seed = await attempt("witness", () => readWitnessKey(places));
  const origin = epochs[0].key.name;
  const keys = { epochs, witness: seed && noteKey(origin, seed.publicKey) };
  const checkpoint = signedRoot("checkpoint", note, keys, failures);
  const starts = epochs.map(({ number, startSize, startRoot }) => ({
    ...{ source: `epoch ${number}`, size: startSize, root: startRoot },
  }));
  const own = checkpoint === undefined ? [] : [{ ...checkpoint, source: "checkpoint" }];
  const kept = keptRoots([...anchorNotes(anchors), ...outside.checkpoints], keys, failures);
  checkGenesis(epochs, outside, failures);
  const expected = [...starts, ...own, ...kept.map((one) => one.expected), ...outside.pins];
  const { roots: history, unreadable } = historyRoots(past?.kept ?? [], origin);
  const unreadableHistory = none.unreadableHistory + unreadable;
  return { epochs, checkpoint, expected, kept, history, unreadableHistory, failures };
}

interface LogKeys {
  readonly epochs: Epochs;
  /** The one that witnesses know the log by. */
  readonly witness: NoteKey | undefined;
}

interface NotedSource {
  readonly source: string;
  readonly note: Uint8Array;
}

function anchorNotes(anchors: Awaited<ReturnType<typeof readAnchors>>): readonly NotedSource[] {
  return anchors.map((anchor, index) => ({
    source: `anchors.jsonl line ${index + 1}`,
    note: Buffer.from(anchor.note, "utf8"),
  }));
}

function keptRoots(
  notes: readonly NotedSource[],
  keys: LogKeys,
  failures: LogFinding[],
): readonly NotedRoot[] {
  const roots: NotedRoot[] = [];
  for (const { source, note } of notes) {
    const signed = signedRoot(source, note, keys, failures);
    if (signed !== undefined) roots.push({ expected: { ...signed, source }, note });
  }
  return roots;
}

function signedRoot(
  source: string,
  note: Uint8Array | undefined,
  { epochs, witness }: LogKeys,
  failures: LogFinding[],
): Checkpoint | undefined {
  const isOwn = source === "checkpoint";
  const part = isOwn ? "checkpoint" : "anchor";
  if (note === undefined) {
    failures.push(failed(part, `the ${source} is missing`));
    return undefined;
  }
  const verdict = verifyCheckpoint(note, epochs);
  if (verdict.kind === "verified") return verdict.checkpoint;
  // A witness hands out what it has seen with the signature that it knows, and no other.
  const submitted = isOwn || witness === undefined ? undefined : checkpointBy(witness, note);
  if (submitted !== undefined) return submitted;
  failures.push(failed(part, `${source} is not valid: ${verdict.message}`));
  return undefined;
}

function checkpointBy(key: NoteKey, bytes: Uint8Array): Checkpoint | undefined {
  const note = parseNote(bytes);
  if (note === undefined || !isSignedBy(note, key)) return undefined;
  const checkpoint = parseCheckpoint(note);
  return checkpoint?.origin === key.name ? checkpoint : undefined;
}

/** Roots that the history names for a log of this name. */
function historyRoots(
  lines: Awaited<ReturnType<typeof readHistory>>["kept"],
  origin: string,
): { readonly roots: readonly NotedRoot[]; readonly unreadable: number } {
  const roots: NotedRoot[] = [];
  for (const line of lines) {
    const bytes = Buffer.from(line.note, "utf8");
    const note = parseNote(bytes);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note);
    if (checkpoint?.origin !== origin) continue;
    const { size, root } = checkpoint;
    roots.push({
      expected: { source: `checkpoints line ${line.number}`, size, root },
      note: bytes,
    });
  }
  return { roots, unreadable: lines.length - roots.length };
}

function checkGenesis(epochs: Epochs, outside: OutsideEvidence, failures: LogFinding[]): void {
  const { genesis } = outside;
  if (genesis === undefined) return;
  const { key } = epochs[0];
  if (genesis.origin !== key.name || genesis.vkey !== formatVkey(key))
    failures.push(failed("genesis", "the first key is not the one that the trust list pins"));
}

export function failed(part: LogPart, message: string, seq?: number): LogFinding {
  return { part, seq, message };
}
