import { fromBase64Url } from "../../kernel/base64url.ts";
import { verifySignature } from "./public-key.ts";
import type { TrustList } from "./trust.ts";

/** A signature of an operator that an entry of the audit log carries. */
export interface RecordedSignature {
  readonly kid: string;
  /** Base64url. */
  readonly signature: string;
  /** What was signed. */
  readonly bytes: Uint8Array;
  /** The entry that carries it. */
  readonly seq: number;
  /** When it was signed, as it says itself; epoch milliseconds. */
  readonly atMs: number;
}

/**
 * Why the signature counts for nothing, as one clause; undefined when it is an operator's whose key
 * was in use at that entry. A key that was taken out of the list vouches for nothing it ever signed.
 */
export function signatureProblem(
  signed: RecordedSignature,
  trust: TrustList | undefined,
): string | undefined {
  if (trust === undefined) return "there is no trust list to check its signature with";
  const key = trust.keys.find((one) => one.kid === signed.kid);
  if (key?.roles.includes("operator") !== true)
    return `${signed.kid} is no operator's key of the trust list`;
  if (key.lastValidSeq !== null && signed.seq >= key.lastValidSeq)
    return `the key ${signed.kid} was retired before it`;
  if (key.notAfter !== null && signed.atMs > key.notAfter * 1_000)
    return `the key ${signed.kid} had expired before it`;
  const signature = fromBase64Url(signed.signature);
  return signature !== undefined && verifySignature(key.jwk, signed.bytes, signature)
    ? undefined
    : `the signature is not the one of ${signed.kid}`;
}
