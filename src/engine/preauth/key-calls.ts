import type { KeyProtection } from "../../governance/keys/signer.port.ts";
import type { TrustedKey } from "../../governance/keys/trust.ts";

/** What init-keys and rotate-keys made. */
export interface MadeKey {
  readonly kid: string;
  readonly operator: string;
  readonly protection: KeyProtection;
}

export interface KeysMade extends MadeKey {
  /** Origin of the audit log that the keys belong to. */
  readonly origin: string;
  /** Verifier key of the log's first epoch: note it down where this machine cannot change it. */
  readonly genesis: string;
  readonly trustVersion: number;
}

/** What init-keys --replace-lost made. */
export interface KeysReplaced extends KeysMade {
  /** Kids that could sign before; nothing that they signed counts any more. */
  readonly lost: readonly string[];
}

export interface KeysRotated extends MadeKey {
  readonly retired: string;
  /** Size of the audit log up to which the retired key vouches. */
  readonly lastValidSeq: number;
  readonly trustVersion: number;
}

/** A key of the trust list, and whether its private half is in a file of this machine. */
export interface ShownKey extends TrustedKey {
  readonly held: boolean;
}

export interface TrustShown {
  readonly version: number;
  readonly origin: string;
  readonly genesis: string;
  readonly keys: readonly ShownKey[];
  /** Versions that nobody of the list before signed, since all its keys were lost. */
  readonly recoveries: readonly { readonly version: number; readonly at: number }[];
}

export interface TrustChanged {
  readonly version: number;
  readonly key: TrustedKey;
}

/** A file of signatures that was looked at; `ok` says whether it holds. */
export interface FileVerified {
  readonly ok: boolean;
  readonly type: "grant" | "trust";
  /** `jti` of a grant, `trust@<version>` of a trust list. */
  readonly name: string;
  readonly established: readonly string[];
  readonly failures: readonly { readonly reason: string; readonly message: string }[];
  /** What a file alone cannot say: revocation, budget, time of use. */
  readonly notEstablished: readonly string[];
}

/** `autosd preauth init-keys|rotate-keys|trust|verify`. */
export interface KeyCalls {
  /** `signer`: text of `--signer`; undefined makes a new key. */
  init(input: {
    readonly operator: string;
    readonly signer: string | undefined;
  }): Promise<KeysMade>;
  /** `init-keys --replace-lost`: begins anew on the same log, without a signature of the old keys. */
  replaceLost(input: {
    readonly operator: string;
    readonly signer: string | undefined;
  }): Promise<KeysReplaced>;
  rotate(input: {
    readonly kid: string | undefined;
    readonly signer: string | undefined;
  }): Promise<KeysRotated>;
  trustList(): Promise<TrustShown>;
  trustAdd(input: {
    readonly file: string;
    readonly operator: string;
    readonly role: "operator" | "agent";
    readonly expiresInDays: number | undefined;
    readonly signer: string | undefined;
  }): Promise<TrustChanged>;
  trustRemove(input: {
    readonly kid: string;
    readonly signer: string | undefined;
  }): Promise<TrustChanged>;
  verifyFile(input: {
    readonly file: string;
    readonly trustFile: string | undefined;
  }): Promise<FileVerified>;
}
