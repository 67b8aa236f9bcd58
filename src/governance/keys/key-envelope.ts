import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  scrypt,
  sign,
} from "node:crypto";
import { z } from "zod";
import { fromBase64Url, toBase64Url } from "../../kernel/base64url.ts";
import { canonicalJson } from "../../kernel/canonical-json.ts";
import type { Entropy } from "../../kernel/entropy.ts";
import { parseStrictJsonBytes } from "../../kernel/strict-json.ts";
import { kidOf, parsePublicJwk } from "./public-key.ts";
import type { KeyProtection, PublicJwk, Signer } from "./signer.port.ts";
import { epochSecondsSchema, kidSchema, publicJwkSchema } from "./trust.ts";

/** Far more than an envelope has. */
export const maxEnvelopeBytes = 8 * 1024;

/** About 0.1 s and 32 MiB a guess. Not negotiable: an envelope with less is refused. */
const kdf = { name: "scrypt", n: 2 ** 15, r: 8, p: 1 } as const;
const kdfMemoryBytes = 64 * 1024 * 1024;
const cipherName = "aes-256-gcm";
const seedBytes = 32;
const saltBytes = 16;
const ivBytes = 12;
const tagBytes = 16;
/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");

const described = {
  v: z.literal(1),
  kid: kidSchema,
  jwk: publicJwkSchema,
  created: epochSecondsSchema,
};
const text = z.string().max(200);
const envelopeSchema = z.discriminatedUnion("protection", [
  z.strictObject({ ...described, protection: z.literal("unprotected"), seed: text }),
  z.strictObject({
    ...described,
    protection: z.literal("passphrase"),
    kdf: z.strictObject({
      name: z.literal(kdf.name),
      n: z.literal(kdf.n),
      r: z.literal(kdf.r),
      p: z.literal(kdf.p),
      salt: text,
    }),
    cipher: z.strictObject({ name: z.literal(cipherName), iv: text }),
    ciphertext: text,
    tag: text,
  }),
]);
type Envelope = z.infer<typeof envelopeSchema>;
type LockedEnvelope = Extract<Envelope, { readonly protection: "passphrase" }>;

/** What an envelope says without being opened. */
export interface EnvelopeFacts {
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly protection: Exclude<KeyProtection, "ssh-agent">;
}

export interface SealedKey {
  readonly signer: Signer;
  /** Canonical JSON, for a file that nobody else may read. */
  readonly envelope: Uint8Array;
}

/**
 * Makes an Ed25519 key and its envelope: encrypted with the passphrase, everything else in it
 * authenticated; in the clear without one.
 */
export async function createSealedKey(
  entropy: Entropy,
  passphrase: string | undefined,
  nowMs: number,
): Promise<SealedKey> {
  const seed = entropy.bytes(seedBytes);
  const key = privateKeyOf(seed);
  const jwk = publicHalfOf(key);
  const facts = { v: 1, kid: kidOf(jwk), jwk, created: Math.floor(nowMs / 1_000) } as const;
  const envelope: Envelope =
    passphrase === undefined
      ? { ...facts, jwk: { ...jwk }, protection: "unprotected", seed: toBase64Url(seed) }
      : await lock(facts, seed, { passphrase, entropy });
  seed.fill(0);
  const bytes = new Uint8Array(Buffer.from(canonicalJson(envelope), "utf8"));
  return { signer: signerOf(key, { ...facts, protection: envelope.protection }), envelope: bytes };
}

/** What the envelope says about itself; undefined when it is none. Nothing of it is proven yet. */
export function describeEnvelope(bytes: Uint8Array): EnvelopeFacts | undefined {
  const envelope = parseEnvelope(bytes);
  if (envelope === undefined) return undefined;
  return { kid: envelope.kid, jwk: envelope.jwk, protection: envelope.protection };
}

export type OpenedKey =
  | { readonly kind: "opened"; readonly signer: Signer }
  | { readonly kind: "refused"; readonly reason: "malformed" | "passphrase_missing" | "locked" };

/**
 * The key in the envelope. `locked`: the passphrase is wrong or the envelope was changed, which no
 * one can tell apart. `malformed`: it is no envelope, or holds another key than it says.
 */
export async function openSealedKey(
  bytes: Uint8Array,
  passphrase: string | undefined,
): Promise<OpenedKey> {
  const envelope = parseEnvelope(bytes);
  if (envelope === undefined) return { kind: "refused", reason: "malformed" };
  if (envelope.protection === "passphrase" && passphrase === undefined)
    return { kind: "refused", reason: "passphrase_missing" };
  const seed =
    envelope.protection === "passphrase"
      ? await unlock(envelope, passphrase ?? "")
      : fromBase64Url(envelope.seed);
  if (seed === undefined) return { kind: "refused", reason: "locked" };
  if (seed.length !== seedBytes) return { kind: "refused", reason: "malformed" };
  const key = privateKeyOf(seed);
  seed.fill(0);
  if (publicHalfOf(key).x !== envelope.jwk.x) return { kind: "refused", reason: "malformed" };
  return { kind: "opened", signer: signerOf(key, envelope) };
}

function parseEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length > maxEnvelopeBytes) return undefined;
  const json = parseStrictJsonBytes(bytes);
  const parsed = envelopeSchema.safeParse(json.kind === "value" ? json.value : undefined);
  if (!parsed.success || parsePublicJwk(parsed.data.jwk).kind === "refused") return undefined;
  return kidOf(parsed.data.jwk) === parsed.data.kid ? parsed.data : undefined;
}

async function lock(
  facts: Pick<LockedEnvelope, "v" | "kid" | "created"> & { readonly jwk: PublicJwk },
  seed: Uint8Array,
  secret: { readonly passphrase: string; readonly entropy: Entropy },
): Promise<LockedEnvelope> {
  const salt = secret.entropy.bytes(saltBytes);
  const iv = secret.entropy.bytes(ivBytes);
  const open = {
    ...facts,
    jwk: { ...facts.jwk },
    protection: "passphrase",
    kdf: { ...kdf, salt: toBase64Url(salt) },
    cipher: { name: cipherName, iv: toBase64Url(iv) },
  } as const;
  const wrapping = await derive(secret.passphrase, salt);
  const cipher = createCipheriv(cipherName, wrapping, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(canonicalJson(open), "utf8"));
  const ciphertext = Buffer.concat([cipher.update(seed), cipher.final()]);
  wrapping.fill(0);
  return { ...open, ciphertext: toBase64Url(ciphertext), tag: toBase64Url(cipher.getAuthTag()) };
}

async function unlock(
  envelope: LockedEnvelope,
  passphrase: string,
): Promise<Uint8Array | undefined> {
  const { ciphertext, tag, ...open } = envelope;
  const parts = [envelope.kdf.salt, envelope.cipher.iv, ciphertext, tag].map(fromBase64Url);
  const [salt, iv, sealed, tagGiven] = parts;
  if (salt?.length !== saltBytes || iv?.length !== ivBytes) return undefined;
  if (sealed?.length !== seedBytes || tagGiven?.length !== tagBytes) return undefined;
  const wrapping = await derive(passphrase, salt);
  const decipher = createDecipheriv(cipherName, wrapping, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(canonicalJson(open), "utf8"));
  decipher.setAuthTag(tagGiven);
  try {
    return new Uint8Array(Buffer.concat([decipher.update(sealed), decipher.final()]));
  } catch {
    return undefined;
  } finally {
    wrapping.fill(0);
  }
}

/** Normalized, so that a passphrase typed on another machine is the same. */
function derive(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  const options = { N: kdf.n, r: kdf.r, p: kdf.p, maxmem: kdfMemoryBytes };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), salt, 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([privatePrefix, seed]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  der.fill(0);
  return key;
}

function publicHalfOf(key: KeyObject): PublicJwk {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return { kty: "OKP", crv: "Ed25519", x: x ?? "" };
}

function signerOf(key: KeyObject, facts: Pick<Signer, "kid" | "jwk" | "protection">): Signer {
  const { kid, jwk, protection } = facts;
  return {
    kid,
    jwk,
    protection,
    sign: async (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}
