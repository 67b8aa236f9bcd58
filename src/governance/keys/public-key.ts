import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { fromBase64Url, toBase64Url } from "../../kernel/base64url.ts";
import { publicJwkSchema } from "./trust.ts";
import type { PublicJwk } from "./signer.port.ts";

export const publicKeyBytes = 32;
export const signatureBytes = 64;

/** The field's prime, 2^255 - 19, and the order of the base point (RFC 8032, section 5.1). */
const fieldPrime = 2n ** 255n - 19n;
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
const signBit = 2n ** 255n;

/** The y coordinates of the eight points whose order divides the cofactor, either sign of x. */
const lowOrderY: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);

export type ParsedPublicJwk =
  | { readonly kind: "key"; readonly jwk: PublicJwk; readonly raw: Uint8Array }
  /** `key_weak`: everybody can make signatures that fit it, or it has another spelling. */
  | { readonly kind: "refused"; readonly reason: "malformed" | "key_weak" };

/** An Ed25519 public key (RFC 8037) that means one key and is worth something. Throws nothing. */
export function parsePublicJwk(value: unknown): ParsedPublicJwk {
  const parsed = publicJwkSchema.safeParse(value);
  if (!parsed.success) return { kind: "refused", reason: "malformed" };
  const raw = fromBase64Url(parsed.data.x);
  if (raw?.length !== publicKeyBytes) return { kind: "refused", reason: "malformed" };
  if (isWeakPoint(raw)) return { kind: "refused", reason: "key_weak" };
  return { kind: "key", jwk: parsed.data, raw };
}

/** The key of 32 bytes as they stand in RFC 8032; same refusals. */
export function publicJwkOf(raw: Uint8Array): ParsedPublicJwk {
  return parsePublicJwk({ kty: "OKP", crv: "Ed25519", x: toBase64Url(raw) });
}

/** RFC 7638 thumbprint with SHA-256, base64url. */
export function kidOf(jwk: PublicJwk): string {
  const members = `{"crv":"${jwk.crv}","kty":"${jwk.kty}","x":"${jwk.x}"}`;
  return toBase64Url(createHash("sha256").update(members).digest());
}

/**
 * Whether `signature` is the key's over `bytes` (pure Ed25519). Strict: 64 bytes, S below the group
 * order, R not of low order, the key itself not weak; so no second signature can be derived from
 * one that was seen. Throws nothing.
 */
export function verifySignature(jwk: PublicJwk, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== signatureBytes) return false;
  if (isWeakPoint(signature.subarray(0, 32))) return false;
  if (littleEndian(signature.subarray(32)) >= groupOrder) return false;
  const key = keyObjectOf(jwk);
  try {
    return key !== undefined && verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}

/** By all that a key says, oldest first. Making one takes about as long as verifying with it. */
const keyObjects = new Map<string, KeyObject>();
const maxKeyObjects = 64;

/** Undefined for what `parsePublicJwk` refuses. */
function keyObjectOf(jwk: PublicJwk): KeyObject | undefined {
  const name = `${jwk.kty} ${jwk.crv} ${jwk.x}`;
  const known = keyObjects.get(name);
  if (known !== undefined) return known;
  const parsed = parsePublicJwk(jwk);
  if (parsed.kind === "refused") return undefined;
  const key = createPublicKey({ key: { ...parsed.jwk }, format: "jwk" });
  keyObjects.set(name, key);
  for (const oldest of keyObjects.keys()) {
    if (keyObjects.size <= maxKeyObjects) break;
    keyObjects.delete(oldest);
  }
  return key;
}

/** Of low order, or not the one encoding of its point. */
function isWeakPoint(encoded: Uint8Array): boolean {
  const number = littleEndian(encoded);
  const y = number >= signBit ? number - signBit : number;
  return y >= fieldPrime || lowOrderY.has(y);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}
