import type { GrantEntry } from "../../governance/grants/grant.ts";
import type { GrantWishes, NarrowerWishes } from "../../governance/grants/grant-wishes.ts";
import type { GrantFailure } from "../../governance/grants/reasons.ts";
export type { GrantWishes, NarrowerWishes };

/** Who may delegate a new grant: whoever holds the private half of this key. */
export type DelegateKey =
  /** A new private key is written to this file. */
  | { readonly kind: "new"; readonly file: string }
  /** The public key (JWK) in this file. */
  | { readonly kind: "public"; readonly file: string };

/** A grant that was just made. */
export interface GrantIssued {
  readonly grant: ShownGrant;
  /** Sequence number of the entry that issued it. */
  readonly seq: number;
  /** The operator's key is one that nothing protects. */
  readonly unprotected: boolean;
  /** Where the new delegation key is; undefined when none was made. */
  readonly keyFile: string | undefined;
}

/** What a grant says, for people. */
export interface ShownGrant {
  readonly jti: string;
  readonly issuer: string;
  readonly subject: string;
  readonly entries: readonly GrantEntry[];
  readonly gates: readonly string[];
  readonly waivedGates: readonly string[];
  readonly maxUses: number;
  readonly maxSpendMicrousd: number;
  readonly minIntervalS: number;
  readonly breakGlass: boolean;
  readonly reason: string;
  readonly quorum: number;
  readonly bind: { readonly commit?: string | undefined; readonly artifact?: string | undefined };
  readonly depth: number;
  /** Id of the parent that it was delegated from. */
  readonly parent: string | undefined;
  /** Epoch milliseconds. */
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
}

/**
 * By its files and the clock alone: `active` says nothing about signatures, budget or the log, which
 * `show` and every use look at.
 */
export type GrantState = "active" | "not-yet" | "expired" | "revoked" | "unsigned" | "unreadable";

export interface ListedGrant {
  readonly jti: string;
  readonly state: GrantState;
  /** Undefined when it is unreadable. */
  readonly grant: ShownGrant | undefined;
  /** Why it is unreadable. */
  readonly finding: string | undefined;
}

/** A grant with everything that is known about it now, whatever it may be asked for. */
export interface GrantStanding {
  readonly jti: string;
  readonly state: GrantState | "invalid" | "spent";
  readonly grant: ShownGrant | undefined;
  readonly operators: readonly string[];
  readonly kids: readonly string[];
  /** An operator's signature came from a key that nothing protects. */
  readonly unprotected: boolean;
  /** Versions of the trust list in use that nobody signed of the list before: its keys were lost. */
  readonly trustRecoveries: readonly number[];
  readonly usage: {
    readonly uses: number;
    readonly spendMicrousd: number;
    readonly lastReservedAtMs: number | undefined;
  };
  /** Charged, and nobody said how they ended: spent until an operator releases them. */
  readonly openReservations: readonly OpenReservation[];
  /** What stands against any use, in the order of the verification. */
  readonly failures: readonly GrantFailure[];
}

/** An action that was reserved and not settled: it runs, or whoever ran it is gone. */
export interface OpenReservation {
  /** Of its entry in the audit log: what `release` takes. */
  readonly seq: number;
  readonly action: string;
  readonly project: string;
  /** Epoch milliseconds. */
  readonly reservedAtMs: number;
}

export interface RevokeReport {
  readonly jti: string;
  readonly reason: string;
  readonly atMs: number;
  readonly wasRevoked: boolean;
  /** Why the audit log does not know of it; null when it does. The revocation holds either way. */
  readonly notRecorded: { readonly code: string; readonly message: string } | null;
}

export interface ApprovedGrant {
  readonly grant: ShownGrant;
  readonly operators: readonly string[];
  readonly need: number;
  /** Key that signed now; null when signatures were only taken over. */
  readonly kid: string | null;
  /** File that was rewritten; null for a grant of this machine's store. */
  readonly file: string | null;
  /** The grant is one of this machine's audit log, and its store has the signatures. */
  readonly stored: boolean;
}

export interface ReservationReleased {
  readonly seq: number;
  readonly reservation: number;
  readonly chain: readonly string[];
  readonly kid: string;
}

export interface GrantReinstated {
  readonly jti: string;
  readonly wasRevoked: boolean;
  /** Sequence number of the entry; null when there was nothing to take back. */
  readonly seq: number | null;
}

/** `autosd preauth create-grant|list|show|revoke|approve|delegate|release|reinstate`. */
export interface GrantCalls {
  /** `signer`: text of `--signer`. */
  create(input: {
    readonly wishes: GrantWishes;
    readonly signer: string | undefined;
    readonly delegate: DelegateKey | undefined;
  }): Promise<GrantIssued>;
  /** Oldest first. Reads grants and revocations, nothing else; writes nothing. */
  list(input: { readonly activeOnly: boolean }): Promise<readonly ListedGrant[]>;
  show(jti: string): Promise<GrantStanding>;
  revoke(input: { readonly jti: string; readonly reason: string }): Promise<RevokeReport>;
  /** `source`: a file, or the id of a grant of this machine. */
  approve(input: {
    readonly source: string;
    readonly signer: string | undefined;
    /** Takes over the signatures of the file, signs nothing. */
    readonly importOnly: boolean;
  }): Promise<ApprovedGrant>;
  delegate(input: {
    readonly jti: string;
    /** Private key that the parent names. */
    readonly keyFile: string;
    readonly wishes: NarrowerWishes;
    readonly delegate: DelegateKey | undefined;
  }): Promise<GrantIssued>;
  release(input: {
    readonly seq: number;
    readonly reason: string;
    readonly signer: string | undefined;
  }): Promise<ReservationReleased>;
  reinstate(input: {
    readonly jti: string;
    readonly reason: string;
    readonly signer: string | undefined;
  }): Promise<GrantReinstated>;
}
