import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

const keyBytes = 32;
const signatureBytes = 64;
/** RFC 8410: what precedes the 32 bytes of an Ed25519 key in its DER forms. */
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** A key pair of the log, made of 32 random bytes. */
export interface LogKey {
  readonly seed: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

/** The key of a seed. Throws TypeError for another length. */
export function logKeyOf(seed: Uint8Array): LogKey {
  if (seed.length !== keyBytes) throw new TypeError("a seed has 32 bytes");
  const key = createPrivateKey({
    key: Buffer.concat([privatePrefix, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    seed,
    publicKey: spki.subarray(publicPrefix.length),
    sign: (bytes) => sign(null, bytes, key),
  };
}

/** Never throws: what cannot be verified is not signed. */
export function verifyEd25519(
  publicKey: Uint8Array,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== keyBytes || signature.length !== signatureBytes) return false;
  try {
    const der = Buffer.concat([publicPrefix, publicKey]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    return verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}
