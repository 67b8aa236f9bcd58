import { isoTime } from "../../kernel/clock.ts";
import { cosigningOf } from "./cosignature.ts";
import { isSignedBy, parseNote, type SignedNote, signaturesOf } from "./signed-note.ts";
import { maxClockGapMs } from "./witness-request.ts";
import { isQuorum, type Witness, type WitnessPolicy } from "./witness-quorum.ts";

/** A witness has seen so many entries of the log, at a time by its own clock. */
export interface Sighting {
  readonly witness: string;
  readonly size: number;
  readonly atMs: number;
}

/** What kept checkpoints say about who has seen the log. */
export interface Sightings {
  /** The newest of each witness. */
  readonly newest: readonly Sighting[];
  /** The largest checkpoint that a quorum cosigned, and when the last of them did. */
  readonly quorum: { readonly size: number; readonly atMs: number } | undefined;
  /** Witnesses of the policy that are in no kept checkpoint. */
  readonly unseen: readonly string[];
  /** Cosignatures that are none. */
  readonly problems: readonly { readonly source: string; readonly message: string }[];
}

/** A checkpoint that the log was found to extend. */
export interface ExtendedCheckpoint {
  readonly source: string;
  readonly size: number;
  readonly note: string;
}

/**
 * Reads the cosignatures of checkpoints. Where the policy names logs, one of them must have signed;
 * a cosignature of the future counts for nothing.
 */
export function sightingsOf(
  checkpoints: readonly ExtendedCheckpoint[],
  policy: WitnessPolicy,
  nowMs: number,
): Sightings {
  const newest = new Map<Witness, Sighting>();
  const problems: { source: string; message: string }[] = [];
  let quorum: Sightings["quorum"];
  for (const { source, size, note: text } of checkpoints) {
    const note = parseNote(Buffer.from(text, "utf8"));
    if (note === undefined || !isOfLogs(note, policy)) continue;
    const cosigned = new Set<Witness>();
    let lastMs = 0;
    for (const witness of policy.witnesses) {
      const said = cosigningOf(note, witness.key);
      if (said.kind === "refused") problems.push({ source, message: said.message });
      if (said.kind !== "cosigned" || said.atMs > nowMs + maxClockGapMs) continue;
      cosigned.add(witness);
      lastMs = Math.max(lastMs, said.atMs);
      const sighting = { witness: witness.name, size, atMs: said.atMs };
      if (isNewer(sighting, newest.get(witness))) newest.set(witness, sighting);
    }
    const isEnough = cosigned.size > 0 && isQuorum(policy.quorum, cosigned);
    if (isEnough && isNewer({ size, atMs: lastMs }, quorum)) quorum = { size, atMs: lastMs };
  }
  const unseen = policy.witnesses.filter((witness) => !newest.has(witness));
  return {
    newest: [...newest.values()].sort((one, other) => other.size - one.size),
    quorum,
    unseen: unseen.map(({ name }) => name),
    problems,
  };
}

/** Of most checkpoints no witness says anything: their signatures need not be verified. */
function isOfLogs(note: SignedNote, { logs, witnesses }: WitnessPolicy): boolean {
  if (!witnesses.some(({ key }) => signaturesOf(note, key).length > 0)) return false;
  return logs.length === 0 || logs.some((key) => isSignedBy(note, key));
}

interface Seen {
  readonly size: number;
  readonly atMs: number;
}

function isNewer(one: Seen, other: Seen | undefined): boolean {
  if (other === undefined) return true;
  return one.size > other.size || (one.size === other.size && one.atMs > other.atMs);
}

/** Sentences about who has seen the first entries of a log that holds, and who has not. */
export function witnessStatement(
  sightings: Sightings | undefined,
  size: number,
): { readonly established: readonly string[]; readonly notEstablished: readonly string[] } {
  if (sightings === undefined)
    return {
      established: [],
      notEstablished: ["That anybody else has seen this log: no witness policy is configured."],
    };
  const { newest, quorum, unseen } = sightings;
  const seen = newest.map(
    (one) =>
      `Witness ${one.witness} saw the first ${one.size} entries, at ${isoTime(one.atMs)} by its clock.`,
  );
  const covered = quorum?.size ?? 0;
  return {
    established: [
      ...seen,
      ...(quorum === undefined
        ? []
        : [
            `A quorum of the witness policy saw the first ${quorum.size} entries, the last of them at ${isoTime(quorum.atMs)}; each of them vouches to have cosigned none that differs in these.`,
          ]),
    ],
    notEstablished: [
      ...(quorum === undefined ? ["That a quorum of the witness policy has seen this log."] : []),
      ...(quorum !== undefined && covered < size
        ? [`That a quorum has seen entries from number ${covered} on.`]
        : []),
      ...(unseen.length === 0 ? [] : [`That these witnesses saw anything: ${unseen.join(", ")}.`]),
    ],
  };
}
