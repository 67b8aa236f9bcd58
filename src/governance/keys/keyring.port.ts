import type { Signer } from "./signer.port.ts";
import type { TrustList } from "./trust.ts";
import type { OpenedTrust } from "./trust-list.ts";

/** Which key signs. Nothing given: the only one of this machine that is trusted and in use. */
export interface SignerChoice {
  /** Thumbprint of a key in a file of this machine. */
  readonly kid?: string;
  /** Fingerprint (`SHA256:...`) of a key that the SSH agent holds. */
  readonly sshAgent?: string;
}

/** The keys of this machine and the trust list. Files are checked before they are believed. */
export interface Keyring {
  /**
   * The list, signed by an operator of the list itself and the one that the audit log records.
   * Undefined: there is none yet. Throws AUTOSD-PREAUTH-STORE for a damaged, wrongly signed, old or
   * foreign list. Reads the audit log: not to be called inside a transaction of it.
   */
  trust(): Promise<TrustList | undefined>;
  /** The list as it stands in its file, verified by itself alone. Reads no log. */
  trustFile(): Promise<OpenedTrust | undefined>;
  /**
   * The chosen key, ready to sign: asks for the passphrase on a terminal, or reads its file. Throws
   * AUTOSD-PREAUTH-KEYS when there is no such key, it cannot be unlocked, or (nothing chosen) more
   * than one would do.
   */
  signer(choice: SignerChoice): Promise<Signer>;
  /** A new key, with a passphrase where one can be had; in a file, but not in the trust list. */
  create(): Promise<Signer>;
  /** Thumbprints of the keys in files, sorted. */
  held(): Promise<readonly string[]>;
  /** Takes back a key that `create` made and that came to nothing. */
  discard(kid: string): Promise<void>;
  /**
   * Makes the list the one in use and writes each public key beside it. Durable. With `first`:
   * false, and nothing written, when there is a list already.
   */
  saveTrust(bytes: Uint8Array, options: { readonly first: boolean }): Promise<boolean>;
}
