import type { AuditLog } from "./audit-log.port.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { LogVerification, OutsideEvidence } from "./log-verification.ts";

/** What names a log and what its first checkpoints are verified with. */
export interface LogIdentity {
  readonly origin: string;
  /** C2SP verifier key of the first epoch. */
  readonly vkey: string;
}

/** The newest checkpoint of a log. */
export interface SignedCheckpoint {
  /** The signed note, to be kept or handed on as it is. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Verifier key of the epoch that signed it. */
  readonly vkey: string;
  /** Entries after it, which nothing signed yet. */
  readonly unsigned: number;
}

/** A checkpoint that somebody kept, which the log must go on extending. */
export interface Anchor {
  readonly note: string;
  readonly addedAtMs: number;
  /** A quorum of witnesses cosigned it; otherwise it was handed in. */
  readonly by?: "witnesses" | undefined;
}

/** The newest checkpoint as witnesses are sent it. */
export interface Submission {
  /** Signed by the epoch's key and by the one that witnesses know the log by. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Verifier key of the latter. */
  readonly vkey: string;
}

/** What witnesses said to a submission. */
export interface WitnessedCheckpoint {
  /** The submission with the cosignatures that were verified. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** Names of those who cosigned. */
  readonly witnesses: readonly string[];
  /** Names of those who have seen another log of this name. */
  readonly contradictedBy: readonly string[];
  readonly isQuorum: boolean;
}

/** The log as witnesses meet it. Nothing here waits for a network while it holds the lock. */
export interface WitnessedLog {
  /** Verifier key that witnesses know the log by; undefined before one was made. */
  key(): Promise<string | undefined>;
  /** The same; begins the log and makes the key when there is none. */
  ensureKey(): Promise<string>;
  /** Signs what is not signed yet. Begins the log and makes the key when there is none. */
  submission(): Promise<Submission>;
  /** RFC 6962: that the first `size` entries begin with the first `oldSize`; checked before it is given. */
  consistency(oldSize: number, size: number): Promise<readonly Uint8Array[]>;
  /**
   * Keeps what was cosigned in the history, and as an anchor when it is a quorum's; records who
   * cosigned and who contradicted. Nothing of both: nothing is written.
   */
  keep(witnessed: WitnessedCheckpoint): Promise<void>;
  /** Checkpoints of the past, as signed notes, oldest first: the last of each epoch, the cosigned, the newest. */
  history(): Promise<readonly string[]>;
}

/** The audit log with what proves it. Nothing but `ensureGenesis`, `addAnchor` and `witnessed` writes. */
export interface AuditTrail extends AuditLog {
  /** The log's identity; begins the log, with a key of its own, when there is none yet. */
  ensureGenesis(): Promise<LogIdentity>;
  /** Undefined before anything was ever recorded. */
  identity(): Promise<LogIdentity | undefined>;
  checkpoint(): Promise<SignedCheckpoint | undefined>;
  /** Reads everything once. What does not hold is a finding; throws only what keeps it from reading. */
  verify(outside: OutsideEvidence): Promise<LogVerification>;
  /**
   * A C2SP `.tlog-proof` that the entry stands in the log of the newest checkpoint. Throws
   * AUTOSD-AUDIT-QUERY when there is no such entry or no checkpoint covers it yet.
   */
  prove(seq: number): Promise<string>;
  anchors(): Promise<readonly Anchor[]>;
  /**
   * Keeps a checkpoint of this log. Throws AUTOSD-AUDIT-QUERY for what is none, and
   * AUTOSD-AUDIT-TAMPERED when the log does not extend it.
   */
  addAnchor(note: Uint8Array): Promise<Checkpoint>;
  readonly witnessed: WitnessedLog;
  /** Signs what is not signed yet. Never throws. */
  close(): Promise<void>;
}
