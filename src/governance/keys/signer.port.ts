/** RFC 8037: an Ed25519 public key. `x` is canonical base64url of 32 bytes. */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
}

/** What keeps a private key from whoever can read its owner's files. */
export type KeyProtection = "passphrase" | "ssh-agent" | "unprotected";

/** Signs for one operator. Ed25519 over the very bytes, without hashing them first. */
export interface Signer {
  /** RFC 7638 thumbprint of `jwk`, SHA-256, base64url. */
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly protection: KeyProtection;
  /** 64 bytes. Throws AUTOSD-PREAUTH-KEYS when the key cannot be used. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}
