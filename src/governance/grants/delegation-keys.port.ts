import type { PublicJwk, Signer } from "../keys/signer.port.ts";

/**
 * Keys that agents delegate with, each in a file that somebody names; `path` may be relative. None
 * of them is trusted: a grant names the one that may sign its children.
 */
export interface DelegationKeys {
  /**
   * A new private key in a new file that only its owner can read. Throws AUTOSD-PREAUTH-INPUT when
   * there is a file already or it cannot be written.
   */
  create(path: string): Promise<PublicJwk>;
  /**
   * The private key of a file that `create` made. Throws AUTOSD-PREAUTH-INPUT when there is none,
   * AUTOSD-PREAUTH-STORE when others can read it.
   */
  signer(path: string): Promise<Signer>;
}
