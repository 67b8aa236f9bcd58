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
}

/** The audit log with what proves it. Nothing but `ensureGenesis` and `addAnchor` writes. */
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
  /** Signs what is not signed yet. Never throws. */
  close(): Promise<void>;
}
