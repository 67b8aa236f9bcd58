/** A revocation on disk. The log records it too; either one is enough to refuse. */
export interface Revocation {
  readonly jti: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly reason: string;
}

export type RevocationState =
  | { readonly kind: "none" }
  | { readonly kind: "revoked"; readonly revocation: Revocation }
  /** There is something that cannot be read: refused like a revoked one. */
  | { readonly kind: "unreadable"; readonly finding: string };

/** A grant's file as a listing finds it. */
export type StoredGrant =
  | { readonly kind: "file"; readonly jti: string; readonly bytes: Uint8Array }
  | { readonly kind: "unreadable"; readonly jti: string; readonly finding: string };

/**
 * Grants and revocations in files. Ids are checked against `grantIdPattern` before they touch a
 * path (AUTOSD-PREAUTH-INPUT); links, foreign owners and loose modes are refused with
 * AUTOSD-PREAUTH-STORE.
 */
export interface GrantStore {
  /** The bytes of the file: JWS general JSON with its chain. Undefined when there is none. */
  read(jti: string): Promise<Uint8Array | undefined>;
  /** Whole, durable. Replaces: signatures are added to a grant. */
  write(jti: string, bytes: Uint8Array): Promise<void>;
  /** Ids of all grants, oldest first. */
  list(): Promise<readonly string[]>;
  /** Every grant with its bytes, oldest first; one that cannot be read spoils no other. */
  readAll(): Promise<readonly StoredGrant[]>;
  /** Never throws for what is on disk: what cannot be read is `unreadable`. */
  revocationOf(jti: string): Promise<RevocationState>;
  /** Ids that something in the store says are revoked, readable or not; cheap. */
  revokedIds(): Promise<ReadonlySet<string>>;
  /** Durable. The first revocation stays: its reason is the reason. */
  revoke(revocation: Revocation): Promise<void>;
  /** After an operator signed for it. */
  reinstate(jti: string): Promise<void>;
}
