import type { TrustOnRecord } from "../keys/recorded-trust.ts";

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

/** What a grant has been charged with so far by open and settled reservations. */
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

/** An entry that says what only an operator may; whether one signed it is not checked here. */
export interface Claim {
  readonly seq: number;
  /** Of the entry; null when it has none. */
  readonly details: unknown;
}

/** A reservation that entries say was given back. */
export interface ClaimedRelease {
  readonly seq: number;
  readonly idem: string;
  readonly chain: readonly string[];
  /** What it is charged with. */
  readonly spendMicrousd: number;
  readonly claims: readonly Claim[];
}

/** A grant that entries say is not revoked any more. */
export interface ClaimedReinstatement {
  readonly jti: string;
  /** The entry that revoked it. */
  readonly revokedSeq: number;
  readonly claims: readonly Claim[];
}

/** The policy that a decision went by. */
export interface RecordedPolicy {
  readonly seq: number;
  readonly digest: string;
}

/** A halt as the log tells of it, whether an entry says that it was lifted or not. */
export interface RecordedHalt {
  readonly seq: number;
  readonly reason: string;
  /** The newest entries after it that say so; whether an operator signed them is not checked here. */
  readonly lifts: readonly Claim[];
}

/**
 * What the check of a grant may know about the audit log, as of one size of it. Entries that give
 * something back (reservations, revoked grants) have no effect in it: `believedFacts` is what they
 * come to once their signatures were checked.
 */
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
  /** Whether the log records that the grant was revoked. */
  isRevoked(jti: string): boolean;
  /** The newest entry that says so. */
  revokedAt(jti: string): number | undefined;
  /**
   * What the newest entry about the trust list says, of those that an operator of the list before
   * signed or that say that none did; undefined when there is none. Throws AUTOSD-AUDIT-TAMPERED
   * when the newest entry says nothing that autosd could have written.
   */
  recordedTrust(): TrustOnRecord | undefined;
  usageOf(jti: string): GrantUsage;
  reservationOf(idem: string): Reservation | undefined;
  /** Entries of the reservations that were charged to the grant and never ended, oldest first. */
  openReservationsOf(jti: string): readonly number[];
  /** The newest, each with the newest entries that give it back. */
  claimedReleases(): readonly ClaimedRelease[];
  /** Of revocations in force, each with the newest entries that take it back. */
  claimedReinstatements(): readonly ClaimedReinstatement[];
  gatesOf(commit: string): Promise<readonly GateEvidence[]>;
  /** What the project was decided on by last. */
  policyOf(project: string): RecordedPolicy | undefined;
  /**
   * Projects that the log records as halted (`*`: all), with the reason. Takes every entry that
   * lifts one at its word: whoever decides asks `recordedHalt`.
   */
  haltOf(project: string): { readonly seq: number; readonly reason: string } | undefined;
  /** The newest halt of that very name; `*`: of everything. */
  recordedHalt(name: string): RecordedHalt | undefined;
}
