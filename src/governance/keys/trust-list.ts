import { canonicalJson } from "../../kernel/canonical-json.ts";
import { sha256 } from "../../kernel/hash.ts";
import { GovernanceError } from "../errors.ts";
import { parseJws, signJws } from "./jws.ts";
import { kidOf, parsePublicJwk, verifySignature } from "./public-key.ts";
import type { Signer } from "./signer.port.ts";
import { type TrustedKey, type TrustList, trustListSchema } from "./trust.ts";

export const trustTokenType = "autosd-trust+jws";
/** Room for as many keys as a list may have. */
export const maxTrustBytes = 1024 * 1024;

export interface OpenedTrust {
  readonly kind: "trusted";
  readonly trust: TrustList;
  /** See `trustDigest`. */
  readonly digest: string;
  /** Keys of the list that signed it; one of them at least is an operator's that is in use. */
  readonly signers: readonly TrustedKey[];
}

export type OpenTrust =
  | OpenedTrust
  | {
      readonly kind: "refused";
      readonly reason: "malformed" | "noncanonical" | "algorithm" | "key_weak" | "signature";
      /** One clause. */
      readonly message: string;
    };

/**
 * Reads a trust list and verifies it by itself: every key is strong and named by its thumbprint,
 * every signature is of a key of the list, one of them of an operator's key in use. Whether it is
 * the newest list only the audit log can say. Throws nothing.
 */
export function openTrust(bytes: Uint8Array): OpenTrust {
  const jws = parseJws(bytes, { type: trustTokenType, maxBytes: maxTrustBytes });
  if (jws.kind === "refused") return jws;
  const parsed = trustListSchema.safeParse(jws.value);
  if (!parsed.success) return refused("malformed", "it is not a trust list");
  const trust = parsed.data;
  const keys = new Map(trust.keys.map((key) => [key.kid, key]));
  if (keys.size !== trust.keys.length) return refused("malformed", "a key is listed twice");
  for (const key of trust.keys) {
    const strong = parsePublicJwk(key.jwk);
    if (strong.kind === "refused") return refused("key_weak", `key ${key.kid} is not safe to use`);
    if (kidOf(strong.jwk) !== key.kid) return refused("malformed", `${key.kid} names another key`);
  }
  const signers = new Set<TrustedKey>();
  for (const { kid, signingInput, signature } of jws.signatures) {
    const key = keys.get(kid);
    if (key === undefined) return refused("signature", `its signer ${kid} is not in the list`);
    if (signers.has(key)) return refused("signature", `${kid} signed it twice`);
    if (!verifySignature(key.jwk, signingInput, signature))
      return refused("signature", `the signature of ${kid} is not genuine`);
    signers.add(key);
  }
  if (![...signers].some(isActiveOperator))
    return refused("signature", "no operator whose key is in use signed it");
  return { kind: "trusted", trust, digest: trustDigest(trust), signers: [...signers] };
}

/** The file of a trust list, signed by every signer. Throws AUTOSD-PREAUTH-KEYS when one cannot. */
export function sealTrust(trust: TrustList, signers: readonly Signer[]): Promise<Uint8Array> {
  const payload = Buffer.from(canonicalJson(trust), "utf8");
  return signJws(new Uint8Array(payload), trustTokenType, signers);
}

/** `sha256:` of the list's canonical JSON without the handover, which is signed over it. */
export function trustDigest(trust: TrustList): string {
  return sha256(canonicalJson(bodyOf(trust)));
}

function bodyOf({ v, origin, genesis, version, keys, recoveries }: TrustList): TrustList {
  const body = { v, origin, genesis, version, keys };
  return recoveries === undefined ? body : { ...body, recoveries };
}

/** Whether the key may sign grants and trust lists, apart from its end in time. */
export function isActiveOperator(key: TrustedKey): boolean {
  return key.roles.includes("operator") && key.lastValidSeq === null;
}

/** The next version with one key more. Throws AUTOSD-PREAUTH-INPUT when it is in the list. */
export function withKey(trust: TrustList, key: TrustedKey): TrustList {
  if (trust.keys.some((one) => one.kid === key.kid))
    throw input(`Key ${key.kid} is in the trust list already.`);
  return next(trust, [...trust.keys, key]);
}

/**
 * The next version without the key, which is distrusted with all that it signed. Throws
 * AUTOSD-PREAUTH-INPUT when it is not in the list, or when no operator would be left.
 */
export function withoutKey(trust: TrustList, kid: string): TrustList {
  keyOf(trust, kid);
  return next(
    trust,
    trust.keys.filter((one) => one.kid !== kid),
  );
}

/**
 * The next version with the key retired at `size` entries of the audit log, and another in its
 * place, which has its operator, roles and end.
 */
export function withReplacedKey(
  trust: TrustList,
  kid: string,
  replacement: Signer,
  size: number,
): TrustList {
  const old = keyOf(trust, kid);
  if (old.lastValidSeq !== null) throw input(`Key ${kid} is retired already.`);
  const retired = trust.keys.map((one) => (one === old ? { ...old, lastValidSeq: size } : one));
  const added = trustedKeyOf(replacement, old.operator, old.roles, old.notAfter);
  return withKey({ ...trust, keys: retired }, added);
}

/** A signer as an entry of a trust list, in use. */
export function trustedKeyOf(
  signer: Signer,
  operator: string,
  roles: TrustedKey["roles"],
  notAfter: number | null,
): TrustedKey {
  const { kid, jwk, protection } = signer;
  return { kid, jwk: { ...jwk }, operator, roles, protection, notAfter, lastValidSeq: null };
}

/** Throws AUTOSD-PREAUTH-INPUT when the list does not have it. */
export function keyOf(trust: TrustList, kid: string): TrustedKey {
  const key = trust.keys.find((one) => one.kid === kid);
  if (key === undefined) throw input(`There is no key ${kid} in the trust list.`);
  return key;
}

function next(trust: TrustList, keys: TrustList["keys"]): TrustList {
  if (!keys.some(isActiveOperator))
    throw input("No operator would be left who could sign: add another one first.");
  const parsed = trustListSchema.safeParse({
    ...bodyOf(trust),
    version: trust.version + 1,
    keys,
  });
  if (parsed.success) return parsed.data;
  throw input(`The trust list would not be valid: ${parsed.error.issues[0]?.message ?? ""}.`);
}

function refused(
  reason: Exclude<OpenTrust, OpenedTrust>["reason"],
  message: string,
): Exclude<OpenTrust, OpenedTrust> {
  return { kind: "refused", reason, message };
}

function input(message: string): GovernanceError {
  return new GovernanceError("AUTOSD-PREAUTH-INPUT", message, {
    remedy: "autosd preauth trust list",
  });
}
