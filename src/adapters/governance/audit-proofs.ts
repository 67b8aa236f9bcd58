import { formatAnchors, parseAnchors } from "../../governance/audit/anchors.ts";
import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type { Anchor, SignedCheckpoint } from "../../governance/audit/audit-trail.port.ts";
import type { Checkpoint } from "../../governance/audit/checkpoint.ts";
import { verifyCheckpoint } from "../../governance/audit/epochs.ts";
import { leafHash } from "../../governance/audit/merkle.ts";
import { formatVkey } from "../../governance/audit/signed-note.ts";
import { formatTlogProof } from "../../governance/audit/tlog-proof.ts";
import { inclusionProof } from "../../governance/audit/tree-hashes.ts";
import { verifyInclusion } from "../../governance/audit/verify-proof.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import { readEntryLine } from "./audit-entries.ts";
import { restoreHashes, rootAt, withHashes } from "./audit-hashes.ts";
import type { LoadedLog, LoadOutcome } from "./audit-load.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { tampered } from "./audit-segments.ts";
import { readPrivateFile, writePrivateFile } from "./private-files.ts";
import { userName } from "./user-name.ts";

const maxAnchorsBytes = 16 * 1024 * 1024;
const maxAnchors = 10_000;

/** The checkpoint that stands on disk, verified; undefined before the log began. */
export function currentCheckpoint(outcome: LoadOutcome): SignedCheckpoint | undefined {
  if (outcome.kind === "absent") return undefined;
  const { log } = outcome;
  const verdict = verifyCheckpoint(log.checkpointBytes, log.epochs);
  if (verdict.kind === "refused") return undefined;
  return {
    note: Buffer.from(log.checkpointBytes).toString("utf8"),
    checkpoint: log.checkpoint,
    vkey: formatVkey(verdict.epoch.key),
    unsigned: log.tail.size - log.checkpoint.size,
  };
}

/** Like `AuditTrail.prove`. The proof is checked before it is given away. */
export async function proveEntry(
  places: AuditPlaces,
  outcome: LoadOutcome,
  seq: number,
): Promise<string> {
  const size = outcome.kind === "loaded" ? outcome.log.tail.size : 0;
  const line = seq < size ? await readEntryLine(places, seq) : undefined;
  if (outcome.kind === "absent" || line === undefined)
    throw query(`There is no entry ${seq}; the log has ${size}.`);
  const { log } = outcome;
  if (seq >= log.checkpoint.size)
    throw query(`No checkpoint covers entry ${seq} yet; the next privileged entry brings one.`);
  const proof =
    (await provenPath(places, log, seq, line)) ?? (await pathOfEntries(places, log, seq, line));
  const checkpoint = Buffer.from(log.checkpointBytes).toString("utf8");
  return formatTlogProof({ index: seq, hashes: proof, checkpoint });
}

/** Undefined when the stored hashes do not prove it. */
async function provenPath(
  places: AuditPlaces,
  { tail, checkpoint }: LoadedLog,
  seq: number,
  line: Uint8Array,
): Promise<readonly Uint8Array[] | undefined> {
  const { size } = checkpoint;
  const root = Buffer.from(checkpoint.root, "base64");
  const proof = await withHashes(places, tail, (read) => inclusionProof(read, seq, size));
  const claim = { leaf: leafHash(line), index: seq, size, root, proof };
  return verifyInclusion(claim) ? proof : undefined;
}

async function pathOfEntries(
  places: AuditPlaces,
  log: LoadedLog,
  seq: number,
  line: Uint8Array,
): Promise<readonly Uint8Array[]> {
  await restoreHashes(places, log.tail);
  const proof = await provenPath(places, log, seq, line);
  if (proof !== undefined) return proof;
  throw tampered(`entry ${seq} is not the one that was signed`, { seq });
}

/** The checkpoints that were kept in `anchors.jsonl`. Throws AUTOSD-AUDIT-TAMPERED for a damaged file. */
export async function readAnchors(places: AuditPlaces): Promise<readonly Anchor[]> {
  const limits = { maxBytes: maxAnchorsBytes, secrecy: "public" } as const;
  const bytes = await readPrivateFile(places.anchors, limits);
  if (bytes === undefined) return [];
  const anchors = parseAnchors(Buffer.from(bytes).toString("utf8"));
  if (anchors === undefined) throw tampered("anchors.jsonl is damaged");
  return anchors;
}

/** Like `AuditTrail.addAnchor`. */
export async function addAnchor(
  places: AuditPlaces,
  given: {
    readonly log: LoadOutcome;
    readonly note: Uint8Array;
    readonly clock: Clock;
    readonly trail: Pick<AuditLog, "transact">;
  },
): Promise<Checkpoint> {
  if (given.log.kind === "absent") throw query("There is no audit log yet.");
  const { tail, epochs } = given.log.log;
  const verdict = verifyCheckpoint(given.note, epochs);
  if (verdict.kind === "refused")
    throw query(`This is no checkpoint of this log: ${verdict.message}.`);
  const { checkpoint } = verdict;
  const { size, root } = checkpoint;
  if (size > tail.size || (await rootAt(places, tail, size)) !== root)
    throw tampered(`it does not extend the checkpoint of ${size} entries that was given`, { size });
  const note = Buffer.from(given.note).toString("utf8");
  // Under the lock: two anchors at once are both kept.
  await given.trail.transact(async () => {
    const anchors = await readAnchors(places);
    if (anchors.some((anchor) => anchor.note === note)) return { append: [], value: undefined };
    if (anchors.length >= maxAnchors) throw query(`At most ${maxAnchors} anchors are kept.`);
    const added = [...anchors, { note, addedAtMs: Math.floor(given.clock.now()) }];
    await writePrivateFile(places.anchors, Buffer.from(formatAnchors(added)), { replace: true });
    const details = { size, root };
    const actor = { type: "operator", id: userName() } as const;
    return { append: [{ kind: "anchor", actor, details }], value: undefined };
  });
  return checkpoint;
}

function query(message: string): GovernanceError {
  return new GovernanceError("AUTOSD-AUDIT-QUERY", message);
}
