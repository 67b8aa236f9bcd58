import type { RecordedTrust } from "../keys/recorded-trust.ts";

/** What a reservation of the audit log says. */
export interface Reservation {
  readonly seq: number;
  readonly idem: string;
  /** Every link of the chain that it was charged to, the grant itself first. */
  readonly chain: readonly string[];
  readonly reservedAtMs: number;
  readonly state: "open" | "settled" | "released";
  /** What the action gave, as it was settled. */
  readonly result: unknown;
}

/** What a grant has been charged with so far: open and settled reservations; released ones are not. */
export interface GrantUsage {
  readonly uses: number;
  readonly spendMicrousd: number;
  readonly lastReservedAtMs: number | undefined;
}

/** A gate that was recorded for a commit; what a caller claims is no evidence. */
export interface GateEvidence {
  readonly name: string;
  readonly ok: boolean;
  /** Digest of the evidence. */
  readonly evidence: string;
}

/** A signature on a grant, as an entry about its issue or its approval tells of it. */
export interface RecordedSigner {
  readonly kid: string;
  /** Of the first entry that names the key. */
  readonly seq: number;
}

/** A halt as the log tells of it, whether an entry says that it was lifted or not. */
export interface RecordedHalt {
  readonly seq: number;
  readonly reason: string;
  /** The newest entries after it that say so; whether an operator signed them is not checked here. */
  readonly lifts: readonly { readonly seq: number; readonly details: unknown }[];
}

/** What the check of a grant may know about the audit log, as of one size of it. */
export interface LogFacts {
  readonly origin: string;
  readonly size: number;
  /** Base64 of the RFC 6962 root of all `size` entries. */
  readonly root: string;
  /** Time of the newest entry, epoch milliseconds; 0 for an empty log. */
  readonly lastTimeMs: number;
  /** Root of the first `size` entries; undefined when the log is shorter. */
  rootAt(size: number): Promise<string | undefined>;
  /** Sequence number of the entry that issued the grant. */
  issuedAt(jti: string): number | undefined;
  /** The keys whose signatures the log records, by the entries that issued or approved the grant. */
  signersOf(jti: string): readonly RecordedSigner[];
  /** Whether the log records that the grant was revoked (and not reinstated). */
  isRevoked(jti: string): boolean;
  /**
   * What the newest entry about the trust list says; undefined when there is none. Throws
   * AUTOSD-AUDIT-TAMPERED when that entry says nothing that autosd could have written.
   */
  recordedTrust(): RecordedTrust | undefined;
  usageOf(jti: string): GrantUsage;
  reservationOf(idem: string): Reservation | undefined;
  gatesOf(commit: string): Promise<readonly GateEvidence[]>;
  /**
   * Projects that the log records as halted (`*`: all), with the reason. Takes every entry that
   * lifts one at its word: whoever decides asks `recordedHalt`.
   */
  haltOf(project: string): { readonly seq: number; readonly reason: string } | undefined;
  /** The newest halt of that very name; `*`: of everything. */
  recordedHalt(name: string): RecordedHalt | undefined;
}
