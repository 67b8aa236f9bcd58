import type { Sighting } from "./sightings.ts";
import type { WitnessPolicy } from "./witness-quorum.ts";

/** A size and root of the log that somebody outside of it vouches for. */
export interface Pin {
  /** Who says so: `grant grt_...`, `trust list`. */
  readonly source: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/** What is known about the log from elsewhere. */
export interface OutsideEvidence {
  /** Origin and first verifier key, as the trust list pins them. */
  readonly genesis: { readonly origin: string; readonly vkey: string } | undefined;
  readonly pins: readonly Pin[];
  /** Checkpoints that were kept outside: signed notes. */
  readonly checkpoints: readonly { readonly source: string; readonly note: Uint8Array }[];
  /** Whose cosignatures count, and the time by this machine's clock. */
  readonly witnessing?: { readonly policy: WitnessPolicy; readonly nowMs: number } | undefined;
}

/** Which part of the log does not hold. */
export type LogPart =
  | "chain"
  | "tree"
  | "checkpoint"
  | "epochs"
  | "genesis"
  | "anchor"
  | "witness"
  | "snapshot"
  | "files"
  | "statement";

export interface LogFinding {
  readonly part: LogPart;
  /** Entry that it was found at. */
  readonly seq: number | undefined;
  readonly message: string;
}

/** What reading the whole log established. It holds when `failures` is empty. */
export interface LogVerification {
  readonly origin: string | undefined;
  /** Entries that were read. */
  readonly size: number;
  /** Base64 root of them. */
  readonly root: string;
  /** Entries that the newest checkpoint covers. */
  readonly signedSize: number;
  readonly epochs: number;
  readonly anchors: readonly {
    readonly source: string;
    readonly size: number;
    readonly holds: boolean;
  }[];
  /** The newest that each witness of the policy has seen, by cosigned checkpoints that are kept. */
  readonly witnesses: readonly Sighting[];
  /** Entries that a quorum of the policy has seen. */
  readonly witnessedSize: number;
  readonly failures: readonly LogFinding[];
  /** Sentences, for people. */
  readonly established: readonly string[];
  readonly notEstablished: readonly string[];
}
