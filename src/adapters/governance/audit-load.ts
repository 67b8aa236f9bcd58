import type { Checkpoint } from "../../governance/audit/checkpoint.ts";
import { type Epochs, verifyCheckpoint } from "../../governance/audit/epochs.ts";
import { LogTail } from "../../governance/audit/log-tail.ts";
import { maxNoteBytes } from "../../governance/audit/signed-note.ts";
import { maxSnapshotBytes, parseSnapshot } from "../../governance/audit/snapshot.ts";
import { sha256 } from "../../kernel/hash.ts";
import { readEpochs } from "./audit-keys.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { listSegments, readLines, type Remainder, tampered } from "./audit-segments.ts";
import { readPrivateFile } from "./private-files.ts";

/** A log read to its end, every line after the last trusted state checked. */
export interface LoadedLog {
  readonly epochs: Epochs;
  readonly tail: LogTail;
  readonly checkpoint: Checkpoint;
  readonly checkpointBytes: Uint8Array;
  readonly remainder: Remainder;
}

export type LoadOutcome =
  | { readonly kind: "loaded"; readonly log: LoadedLog }
  /** Nothing was ever recorded; a beginning may have been cut off after its epoch was written. */
  | { readonly kind: "absent"; readonly epochs: Epochs | undefined };

/**
 * Reads the log's end: the newest checkpoint, the state that it vouches for, and the lines after
 * that. A state that is missing or not the one that was signed is never used: then every line is
 * read. Throws AUTOSD-AUDIT-TAMPERED. Writes nothing.
 *
 * `known` is an earlier outcome: with it only the lines since are read. `whole` reads all lines.
 */
export async function loadLog(
  places: AuditPlaces,
  options: { readonly known?: LoadedLog | undefined; readonly whole?: boolean } = {},
): Promise<LoadOutcome> {
  // The checkpoint first: whatever it was made from was there before it.
  const limits = { maxBytes: maxNoteBytes, secrecy: "public" } as const;
  const checkpointBytes = await readPrivateFile(places.checkpoint, limits);
  const epochs = await readEpochs(places);
  if (checkpointBytes === undefined || epochs === undefined)
    return beginning(places, checkpointBytes, epochs);
  const verdict = verifyCheckpoint(checkpointBytes, epochs);
  if (verdict.kind === "refused") throw tampered(`the checkpoint is not valid, ${verdict.message}`);
  const base = { epochs, checkpoint: verdict.checkpoint, checkpointBytes };
  const { known } = options;
  if (known !== undefined && isContinued(known, base)) {
    const log = await follow(places, base, known.tail).catch(() => undefined);
    if (log !== undefined) return { kind: "loaded", log };
    // What was known may have been taken back by a writer without room; the files decide.
  }
  const trusted = options.whole === true ? undefined : await trustedTail(places, base.checkpoint);
  const log = await follow(places, base, trusted ?? LogTail.empty());
  return { kind: "loaded", log };
}

type Base = Pick<LoadedLog, "epochs" | "checkpoint" | "checkpointBytes">;

function isContinued(known: LoadedLog, base: Base): boolean {
  return (
    Buffer.from(known.checkpointBytes).equals(base.checkpointBytes) ||
    base.checkpoint.size >= known.tail.size
  );
}

async function beginning(
  places: AuditPlaces,
  checkpoint: Uint8Array | undefined,
  epochs: Epochs | undefined,
): Promise<LoadOutcome> {
  let lines = 0;
  await readLines(
    await listSegments(places.log),
    { segment: 0, offset: 0 },
    {
      enter: () => undefined,
      line: () => {
        lines += 1;
        return "there is a line";
      },
    },
  );
  if (lines > 0 || checkpoint !== undefined || (epochs?.length ?? 0) > 1)
    throw tampered(
      `its ${checkpoint === undefined ? "checkpoint" : "epochs"} or entries are missing`,
    );
  return { kind: "absent", epochs };
}

/** The tail of the state that the checkpoint vouches for; undefined when it is not there. */
async function trustedTail(
  places: AuditPlaces,
  checkpoint: Checkpoint,
): Promise<LogTail | undefined> {
  const { snapshot: reference } = checkpoint;
  if (reference === undefined) return undefined;
  for (const path of [places.snapshot, `${places.snapshot}.old`]) {
    const limits = { maxBytes: maxSnapshotBytes, secrecy: "public" } as const;
    const bytes = await readPrivateFile(path, limits);
    if (bytes === undefined || sha256(bytes) !== reference.digest) continue;
    const snapshot = parseSnapshot(bytes);
    if (snapshot?.size !== reference.size || snapshot.origin !== checkpoint.origin) continue;
    return LogTail.fromSnapshot(snapshot);
  }
  return undefined;
}

/** Reads the lines after `tail` to the end, and compares with the checkpoint on the way. */
async function follow(places: AuditPlaces, base: Base, tail: LogTail): Promise<LoadedLog> {
  const { checkpoint } = base;
  const compare = (): string | undefined =>
    tail.size === checkpoint.size && tail.root() !== checkpoint.root
      ? "the entries are not the ones that were signed"
      : undefined;
  const early = compare();
  if (early !== undefined) throw tampered(early, { size: tail.size });
  const segments = await listSegments(places.log);
  const outcome = await readLines(segments, tail.position, {
    enter: ({ firstSeq }) => {
      // A segment begins where the one before it ended.
      if (firstSeq !== undefined && firstSeq !== tail.size) return `segment ${firstSeq} is next`;
      tail.beginSegment();
      return undefined;
    },
    line: (line) => tail.accept(line) ?? compare(),
  });
  if ("message" in outcome)
    throw tampered(`entry ${tail.size}: ${outcome.message}`, { seq: tail.size });
  if (tail.size < checkpoint.size)
    throw tampered(`it ends with ${tail.size} entries; ${checkpoint.size} were signed`, {
      size: tail.size,
      signed: checkpoint.size,
    });
  return { ...base, tail, remainder: outcome };
}
