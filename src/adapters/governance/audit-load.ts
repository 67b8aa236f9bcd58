import type { Checkpoint } from "../../governance/audit/checkpoint.ts";
import { type Epochs, verifyCheckpoint } from "../../governance/audit/epochs.ts";
import { LogTail } from "../../governance/audit/log-tail.ts";
import { maxNoteBytes } from "../../governance/audit/signed-note.ts";
import { GovernanceError } from "../../governance/errors.ts";
import { readEpochsFile } from "./audit-keys.ts";
import { type KeptState, readKeptState } from "./audit-kept-state.ts";
import type { AuditPlaces } from "./audit-places.ts";
import { listSegments, readLines, type Remainder, tampered } from "./audit-segments.ts";
import { readPrivateFile } from "./private-files.ts";

/** A log read to its end, every line after the last trusted state checked. */
export interface LoadedLog {
  readonly epochs: Epochs;
  readonly epochsBytes: Uint8Array;
  readonly tail: LogTail;
  readonly checkpoint: Checkpoint;
  readonly checkpointBytes: Uint8Array;
  /** The state that reading may begin with; undefined when there is none yet, or none any more. */
  readonly kept: KeptState | undefined;
  readonly remainder: Remainder;
}

export type LoadOutcome =
  | { readonly kind: "loaded"; readonly log: LoadedLog }
  /** Nothing was ever recorded; a beginning may have been cut off after its epoch was written. */
  | { readonly kind: "absent"; readonly epochs: Epochs | undefined };

export interface LoadOptions {
  /** An earlier outcome: only the lines since are read. */
  readonly known?: LoadedLog | undefined;
  /** Reads all lines. */
  readonly whole?: boolean;
  /** Stops at the size that was signed: what stands after it may still be taken back. */
  readonly isSignedOnly?: boolean;
}

/**
 * Reads the log's end: the newest checkpoint, the newest state that a signature vouches for, and the
 * lines after that. A state that is missing or not the one that was signed is never used: then every
 * line is read. Throws AUTOSD-AUDIT-TAMPERED. Writes nothing.
 */
export async function loadLog(
  places: AuditPlaces,
  options: LoadOptions = {},
): Promise<LoadOutcome> {
  const { known, isSignedOnly = false } = options;
  // The checkpoint first: whatever it was made from was there before it.
  const limits = { maxBytes: maxNoteBytes, secrecy: "public" } as const;
  const checkpointBytes = await readPrivateFile(places.checkpoint, limits);
  const before = known === undefined ? undefined : { ...known, bytes: known.epochsBytes };
  const file = await readEpochsFile(places, before);
  if (checkpointBytes === undefined || file === undefined)
    return beginning(places, checkpointBytes, file?.epochs);
  const { epochs, bytes: epochsBytes } = file;
  const verdict = verifyCheckpoint(checkpointBytes, epochs);
  if (verdict.kind === "refused") throw tampered(`the checkpoint is not valid, ${verdict.message}`);
  const { checkpoint } = verdict;
  const base: Base = { epochs, epochsBytes, checkpoint, checkpointBytes, isSignedOnly };
  if (known !== undefined && isContinued(known, base)) {
    const start = { tail: known.tail, kept: keptSince(known, base) };
    const log = await follow(places, base, start, "check").catch(() => undefined);
    if (log !== undefined) return { kind: "loaded", log };
    // What was known may have been taken back by a writer without room; the files decide.
  }
  const begin = async (): Promise<Start> => {
    const voucher = { checkpoint, bytes: checkpointBytes };
    const state = await readKeptState(places, epochs, voucher);
    if (state === undefined) return { tail: LogTail.empty(), kept: undefined };
    return options.whole === true ? { tail: LogTail.empty(), kept: state.kept } : state;
  };
  return { kind: "loaded", log: await replay(places, base, begin) };
}

type Base = Pick<LoadedLog, "epochs" | "epochsBytes" | "checkpoint" | "checkpointBytes"> & {
  readonly isSignedOnly: boolean;
};
type Start = Pick<LoadedLog, "tail" | "kept">;

/** Whether the state that the newest checkpoint names is not there as it was signed. */
export function isStateLost({ checkpoint, kept }: Pick<LoadedLog, "checkpoint" | "kept">): boolean {
  const { snapshot } = checkpoint;
  return snapshot !== undefined && snapshot.digest !== kept?.reference.digest;
}

/**
 * The signature over the root proves the lines below it all at once. Only when it does not, each is
 * checked by itself, to name the first that does not hold.
 */
async function replay(
  places: AuditPlaces,
  base: Base,
  begin: () => Promise<Start>,
): Promise<LoadedLog> {
  try {
    return await follow(places, base, await begin(), "replay");
  } catch (error) {
    const isBroken = error instanceof GovernanceError && error.code === "AUTOSD-AUDIT-TAMPERED";
    if (!isBroken) throw error;
    return follow(places, base, await begin(), "check");
  }
}

function isContinued(known: LoadedLog, base: Base): boolean {
  return (
    Buffer.from(known.checkpointBytes).equals(base.checkpointBytes) ||
    base.checkpoint.size >= known.tail.size
  );
}

/** Whoever signed since then kept the state that his checkpoint names. */
function keptSince(known: LoadedLog, base: Base): KeptState | undefined {
  const { snapshot: reference } = base.checkpoint;
  if (reference?.digest === known.checkpoint.snapshot?.digest) return known.kept;
  return reference === undefined
    ? undefined
    : { reference, voucher: base.checkpointBytes, isOld: false };
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

const enough = "enough was read";

/** Reads the lines after `start` to the end, and compares with the checkpoint on the way. */
async function follow(
  places: AuditPlaces,
  { isSignedOnly, ...base }: Base,
  { tail, kept }: Start,
  mode: "check" | "replay",
): Promise<LoadedLog> {
  const { checkpoint } = base;
  const compare = (): string | undefined =>
    tail.size === checkpoint.size && tail.root() !== checkpoint.root
      ? "the entries are not the ones that were signed"
      : undefined;
  const early = compare();
  if (early !== undefined) throw tampered(early, { size: tail.size });
  const take = (line: Uint8Array): string | undefined =>
    mode === "replay" && tail.size < checkpoint.size
      ? tail.replay(line, tail.size + 1 === checkpoint.size)
      : tail.accept(line);
  const outcome = await readLines(await listSegments(places.log), tail.position, {
    enter: ({ firstSeq }) => {
      // A segment begins where the one before it ended.
      if (firstSeq !== undefined && firstSeq !== tail.size) return `segment ${firstSeq} is next`;
      tail.beginSegment();
      return undefined;
    },
    line: (line) => {
      if (isSignedOnly && tail.size >= checkpoint.size) return enough;
      return take(line) ?? compare();
    },
  });
  if ("message" in outcome && outcome.message !== enough)
    throw tampered(`entry ${tail.size}: ${outcome.message}`, { seq: tail.size });
  if (tail.size < checkpoint.size)
    throw tampered(`it ends with ${tail.size} entries; ${checkpoint.size} were signed`, {
      size: tail.size,
      signed: checkpoint.size,
    });
  const remainder = "message" in outcome ? { offset: tail.position.offset, bytes: 0 } : outcome;
  return { ...base, tail, kept, remainder };
}
