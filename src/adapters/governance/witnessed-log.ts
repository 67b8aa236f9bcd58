import { formatAnchors, withWitnessAnchor } from "../../governance/audit/anchors.ts";
import type { AuditLog } from "../../governance/audit/audit-log.port.ts";
import type {
  Submission,
  WitnessedCheckpoint,
  WitnessedLog,
} from "../../governance/audit/audit-trail.port.ts";
import {
  formatSignature,
  formatVkey,
  noteKey,
  parseNote,
} from "../../governance/audit/signed-note.ts";
import { consistencyProof } from "../../governance/audit/tree-hashes.ts";
import { verifyConsistency } from "../../governance/audit/verify-proof.ts";
import { GovernanceError } from "../../governance/errors.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import { rootAt, withHashes } from "./audit-hashes.ts";
import { keepInHistory, readHistory } from "./audit-history.ts";
import type { LoadedLog, LoadOutcome } from "./audit-load.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { readAnchors } from "./audit-proofs.ts";
import { tampered } from "./audit-segments.ts";
import { writePrivateFile } from "./private-files.ts";
import { ensureWitnessKey, readWitnessKey } from "./witness-key.ts";

/** What the log's files and its lock are reached through. */
export interface WitnessedLogParts {
  readonly places: AuditPlaces;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly load: () => Promise<LoadOutcome>;
  /** Signs what is not signed yet, and begins the log when it has not begun. */
  readonly sign: () => Promise<void>;
  readonly trail: Pick<AuditLog, "transact">;
}

/** The log as witnesses meet it, in files. */
export function createWitnessedLog(parts: WitnessedLogParts): WitnessedLog {
  const { places, entropy } = parts;
  const begun = async (): Promise<LoadedLog> => {
    const outcome = await parts.load();
    if (outcome.kind === "loaded") return outcome.log;
    throw new GovernanceError("AUTOSD-AUDIT-QUERY", "There is no audit log yet.", {
      remedy: "autosd preauth init-keys",
    });
  };
  return {
    key: async () => {
      const key = await readWitnessKey(places);
      const outcome = key === undefined ? undefined : await parts.load();
      if (key === undefined || outcome?.kind !== "loaded") return undefined;
      return formatVkey(noteKey(outcome.log.epochs[0].key.name, key.publicKey));
    },
    ensureKey: async () => {
      await parts.sign();
      const { epochs } = await begun();
      const { publicKey } = await ensureWitnessKey(places, entropy);
      return formatVkey(noteKey(epochs[0].key.name, publicKey));
    },
    submission: async () => {
      await parts.sign();
      const log = await begun();
      return submissionOf(log, await ensureWitnessKey(places, entropy));
    },
    consistency: async (oldSize, size) => proveConsistency(places, await begun(), oldSize, size),
    keep: (witnessed) => keep(parts, witnessed),
    history: async () => (await readHistory(places)).kept.map(({ note }) => note),
  };
}

function submissionOf(
  { checkpoint, checkpointBytes }: LoadedLog,
  signer: Awaited<ReturnType<typeof ensureWitnessKey>>,
): Submission {
  const note = parseNote(checkpointBytes);
  if (note === undefined) throw tampered("the checkpoint is not valid");
  const key = noteKey(checkpoint.origin, signer.publicKey);
  const signature = signer.sign(Buffer.from(note.text, "utf8"));
  const line = formatSignature({ name: key.name, id: key.id, signature });
  const signed = `${Buffer.from(checkpointBytes).toString("utf8")}${line}`;
  return { note: signed, checkpoint, vkey: formatVkey(key) };
}

/** Stored hashes are believed only as far as they prove it; what they cannot prove is tampered with. */
async function proveConsistency(
  places: AuditPlaces,
  { tail }: LoadedLog,
  oldSize: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  const oldRoot = Buffer.from(await rootAt(places, tail, oldSize), "base64");
  const root = Buffer.from(await rootAt(places, tail, size), "base64");
  const proof = await withHashes(places, tail, (read) => consistencyProof(read, oldSize, size));
  if (oldSize === 0 || verifyConsistency({ oldSize, oldRoot, size, root, proof })) return proof;
  throw tampered(`its first ${size} entries do not continue its first ${oldSize}`, { size });
}

async function keep(parts: WitnessedLogParts, witnessed: WitnessedCheckpoint): Promise<void> {
  const { places, clock } = parts;
  const { note, checkpoint, witnesses, contradictedBy, isQuorum } = witnessed;
  if (witnesses.length + contradictedBy.length === 0) return;
  await parts.trail.transact(async () => {
    if (witnesses.length > 0) await keepInHistory(places, Buffer.from(note, "utf8"));
    if (isQuorum) {
      const added = { note, addedAtMs: Math.floor(clock.now()) };
      const anchors = withWitnessAnchor(await readAnchors(places), added);
      await writePrivateFile(places.anchors, Buffer.from(formatAnchors(anchors)), {
        replace: true,
      });
    }
    const { size, root } = checkpoint;
    const against = contradictedBy.length === 0 ? {} : { contradictedBy };
    const details = { size, root, witnesses, quorum: isQuorum, ...against };
    const actor = { type: "operator", id: "local" } as const;
    return { append: [{ kind: "anchor", actor, details }], value: undefined };
  });
}
